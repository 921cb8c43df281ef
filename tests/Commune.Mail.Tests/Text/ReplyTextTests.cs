using Commune.Mail.Text;

namespace Commune.Mail.Tests.Text;

public sealed class ReplyTextTests
{
    [Theory]
    [InlineData("On Mon, Jan 5, 2026 at 9:12 AM Kim Lee <kim@example.com> wrote:")]
    [InlineData("On 05/01/2026 09:12, Kim Lee wrote:")]
    [InlineData("On Mon, Jan 5, 2026 at 9:12 AM Kim Lee <\nkim@example.com> wrote:")]
    [InlineData("On Monday, January 5, 2026 at 9:12 AM,\nKim Lee <kim@example.com>\nwrote:")]
    [InlineData("On Jan 5, 2026, at 9:12 a.m.,\nKim Lee wrote:")]
    [InlineData("On Wednesday, September 24, 2026 Kim wrote:")]
    [InlineData("Kim Lee <kim@example.com> wrote on 05.01.2026 09:12:")]
    [InlineData("2026-01-05 9:12 GMT+01:00 Kim Lee <kim@example.com>:")]
    [InlineData("Am Mo., 5. Jan. 2026 um 09:12 Uhr schrieb Kim Lee <kim@example.com>:")]
    [InlineData("Am 05.01.2026 um 09:12 schrieb Kim Lee <\nkim@example.com>:")]
    [InlineData("Kim Lee <kim@example.com> schrieb am Mo. 5. Jan. 2026 um 09:12:")]
    [InlineData("Le lun. 5 janv. 2026 à 09:12, Kim Lee <kim@example.com> a écrit :")]
    [InlineData("Le 05/01/2026 à 09:12, Kim Lee a écrit\u00A0:")]
    [InlineData("El lun, 5 ene 2026 a las 9:12, Kim Lee (<kim@example.com>) escribió:")]
    [InlineData("El 5 de enero de 2026, a las 9:12,\nKim Lee escribió:")]
    [InlineData("Il giorno lun 5 gen 2026 alle ore 09:12 Kim Lee <kim@example.com> ha scritto:")]
    [InlineData("Em seg., 5 de jan. de 2026 às 09:12, Kim Lee <kim@example.com> escreveu:")]
    [InlineData("Kim Lee <kim@example.com> escreveu (segunda, 5/01/2026 à(s) 09:12):")]
    [InlineData("Op ma 5 jan 2026 om 09:12 schreef Kim Lee <kim@example.com>:")]
    [InlineData("pon., 5 sty 2026 o 09:12 Kim Lee <kim@example.com> napisał(a):")]
    [InlineData("W dniu 5.01.2026 o 09:12, Kim Lee pisze:")]
    [InlineData("po 5. 1. 2026 v 9:12 odesílatel Kim Lee <kim@example.com> napsal:")]
    [InlineData("Dne 05. 01. 26 v 9:12 Kim Lee napsal(a):")]
    [InlineData("Den mån 5 jan. 2026 kl 09:12 skrev Kim Lee <kim@example.com>:")]
    [InlineData("Den man. 5. jan. 2026 kl. 09.12 skrev Kim Lee <kim@example.com>:")]
    [InlineData("man. 5. jan. 2026 kl. 09:12 skrev Kim Lee <kim@example.com>:")]
    [InlineData("ma 5. tammik. 2026 klo 9.12 Kim Lee (kim@example.com) kirjoitti:")]
    [InlineData("Kim Lee <kim@example.com> ezt írta (időpont: 2026. jan. 5., H, 9:12):")]
    [InlineData("În lun., 5 ian. 2026 la 09:12, Kim Lee <kim@example.com> a scris:")]
    [InlineData("пн, 5 янв. 2026 г. в 09:12, Kim Lee <kim@example.com>:")]
    [InlineData("05.01.2026 9:12, Kim Lee пишет:")]
    [InlineData("пн, 5 січ. 2026 р. о 09:12 Kim Lee <kim@example.com> пише:")]
    [InlineData("Στις Δευ 5 Ιαν 2026 στις 9:12 π.μ., ο χρήστης Kim Lee <kim@example.com> έγραψε:")]
    [InlineData("Kim Lee <kim@example.com>, 5 Oca 2026 Pzt, 09:12 tarihinde şunu yazdı:")]
    [InlineData("Kim Lee <kim@example.com> 于2026年1月5日周一 09:12写道：")]
    [InlineData("Kim Lee <kim@example.com> 於 2026年1月5日 週一 上午9:12寫道：")]
    [InlineData("在 2026年1月5日，09:12，Kim Lee <kim@example.com> 写道：")]
    [InlineData("2026年1月5日(月) 9:12 Kim Lee <kim@example.com>:")]
    [InlineData("2026/01/05 9:12、Kim Lee <kim@example.com>のメール:")]
    [InlineData("2026년 1월 5일 (월) 오전 9:12, Kim Lee <kim@example.com>님이 작성:")]
    [InlineData("\u202Bבתאריך יום ב׳, 5 בינו׳ 2026 ב-9:12 מאת \u202AKim Lee\u202C\u200F <\u202Akim@example.com\u202C\u200F>:\u202C")]
    [InlineData("في الاثنين، 5 يناير 2026 في 9:12 ص كتب Kim Lee <kim@example.com>:")]
    [InlineData("Vào Th 2, 5 thg 1, 2026 vào lúc 09:12 Kim Lee <kim@example.com> đã viết:")]
    public void The_line_that_announces_a_quotation_is_known_with_or_without_marked_lines(string attribution)
    {
        var marked = ReplyText.Of($"My answer.\n\n{attribution}\n\n> The question?\n");
        Assert.Equal("My answer.", marked.Reply);
        Assert.Equal($"{attribution}\n\n> The question?", marked.Quoted);
        var unmarked = ReplyText.Of($"My answer.\n\n{attribution}\n\nThe question?\n");
        Assert.Equal("My answer.", unmarked.Reply);
        Assert.Equal($"{attribution}\n\nThe question?", unmarked.Quoted);
    }

    [Theory]
    [InlineData("De: Kim\nEnviado el: lunes, 5 de enero de 2026\nPara: Ola\nAsunto: Paquete")]
    [InlineData("Da: Kim\nInviato: lunedì 5 gennaio 2026\nA: Ola\nOggetto: Pacco")]
    [InlineData("Van: Kim\nVerzonden: maandag 5 januari 2026\nAan: Ola\nOnderwerp: Pakket")]
    [InlineData("Od: Kim\nWysłano: poniedziałek\nDo: Ola\nTemat: Paczka")]
    [InlineData("Från: Kim\nSkickat: den 5 januari 2026\nTill: Ola\nÄmne: Paket")]
    [InlineData("Fra: Kim\nSendt: 5. januar 2026\nTil: Ola\nEmne: Pakke")]
    [InlineData("Lähettäjä: Kim\nLähetetty: maanantai\nVastaanottaja: Ola\nAihe: Paketti")]
    [InlineData("Feladó: Kim\nElküldve: hétfő\nCímzett: Ola\nTárgy: Csomag")]
    [InlineData("От: Kim\nОтправлено: 5 января 2026 г.\nКому: Ola\nТема: Посылка")]
    [InlineData("Від: Kim\nНадіслано: 5 січня 2026 р.\nКому: Ola\nТема: Посилка")]
    [InlineData("Από: Kim\nΣτάλθηκε: Δευτέρα\nΠρος: Ola\nΘέμα: Δέμα")]
    [InlineData("Kimden: Kim\nGönderildi: 5 Ocak 2026\nKime: Ola\nKonu: Paket")]
    [InlineData("发件人: Kim\n发送时间: 2026年1月5日\n收件人: Ola\n主题: 包裹")]
    [InlineData("寄件者： Kim\n寄件日期： 2026年1月5日\n收件者： Ola\n主旨： 包裹")]
    [InlineData("差出人: Kim\n送信日時: 2026年1月5日\n宛先: Ola\n件名: 荷物")]
    [InlineData("보낸 사람: Kim\n보낸 날짜: 2026년 1월 5일\n받는 사람: Ola\n제목: 소포")]
    [InlineData("מאת: Kim\nנשלח: 5 בינואר\nאל: Ola\nנושא: חבילה")]
    [InlineData("من: Kim\nتم الإرسال: 5 يناير\nإلى: Ola\nالموضوع: طرد")]
    [InlineData("*From:* Kim\n*Sent:* Monday\n*To:* Ola; a very long list of\n people\n*Subject:* Parcel")]
    [InlineData("-----Original Message-----\nFrom: Kim")]
    [InlineData("##- Please type your reply above this line -##")]
    public void The_header_of_earlier_mail_is_known(string header)
    {
        var parts = ReplyText.Of($"My answer.\n\n{header}\n\nThe question?\n");
        Assert.Equal("My answer.", parts.Reply);
        Assert.Equal($"{header}\n\nThe question?", parts.Quoted);
    }

    [Theory]
    [InlineData("Begin forwarded message:")]
    [InlineData("---------- Forwarded message ---------")]
    [InlineData("---------- Weitergeleitete Nachricht ---------")]
    [InlineData("---------- Message transféré ----------")]
    [InlineData("----- Forwarded by Kim Lee/Example on 05.01.2026 09:12 -----")]
    [InlineData("---------- 转发的邮件 ---------")]
    [InlineData("Anfang der weitergeleiteten Nachricht:")]
    public void A_forward_is_known(string marker)
    {
        var parts = ReplyText.Of($"Please see.\n\n{marker}\nFrom: Ola\n\nThe content.");
        Assert.True(parts.IsForward);
        Assert.Equal("Please see.", parts.Reply);
        Assert.True(ReplyText.Of($"{marker}\nFrom: Ola\n\nThe content.").IsForward);
    }

    [Theory]
    [InlineData("-- \nKim Lee\nAny line at all, even a sentence.")]
    [InlineData("--\nKim Lee")]
    [InlineData("Sent from my iPhone")]
    [InlineData("Sent from my Galaxy S24 Ultra 5G")]
    [InlineData("Envoyé de mon iPhone")]
    [InlineData("Enviado desde mi iPhone")]
    [InlineData("Inviato da iPhone")]
    [InlineData("Verstuurd vanaf mijn iPhone")]
    [InlineData("Wysłane z iPhone'a")]
    [InlineData("Skickat från min iPhone")]
    [InlineData("Отправлено с iPhone")]
    [InlineData("发自我的 iPhone")]
    [InlineData("iPhoneから送信")]
    [InlineData("나의 iPhone에서 보냄")]
    [InlineData("Gesendet von Outlook für Android<https://aka.ms/x>")]
    [InlineData("Best,\nKim")]
    [InlineData("Kind regards\n\nKim Lee\nHead of Purchasing\nExample Ltd\n+44 20 7946 0000\nkim@example.com")]
    [InlineData("Mit freundlichen Grüßen\nKim Lee\n\nBeispiel GmbH\nHafenstraße 4, 20457 Hamburg\nTel. 040 123456")]
    [InlineData("Cordialement,\nKim Lee")]
    [InlineData("С уважением,\nКим Ли")]
    [InlineData("此致\n敬礼")]
    [InlineData("Kim Lee\nExample Ltd\nPhone: +44 20 7946 0000")]
    [InlineData("Thanks,\nKim\n\nSent from my iPhone")]
    [InlineData("CONFIDENTIALITY NOTICE: this message is privileged and intended for the recipient only.")]
    [InlineData("You received this message because you are subscribed to the Google Groups \"parcels\" group.\nTo unsubscribe from this group write to x@example.com.")]
    public void A_signature_is_taken_off(string signature)
    {
        var parts = ReplyText.Of($"The parcel came today.\n\n{signature}\n");
        Assert.Equal("The parcel came today.", parts.Reply);
        Assert.Equal(signature, parts.Signature);
        var above = ReplyText.Of($"The parcel came today.\n\n{signature}\n\nOn 5 Jan 2026 Ola wrote:\n> Came it?\n");
        Assert.Equal("The parcel came today.", above.Reply);
        Assert.Equal(signature, above.Signature);
    }

    [Theory]
    [InlineData("Hello,\n\nthe parcel came.\n\nIt is broken, please send another one.")]
    [InlineData("Thanks!")]
    [InlineData("Thanks,\nKim")]
    [InlineData("Best regards are all I have to send.\nKim says hello and asks for the second parcel.")]
    [InlineData("Thanks,\n\nplease also send the invoice to my office in Berlin.")]
    [InlineData("The code is:\n\nAB12\n99-1234-5678")]
    [InlineData("Please write to:\n\nKim Lee\nTel: 040 123456")]
    [InlineData("I sent from my side all that you asked for")]
    [InlineData("On Monday we wrote:\nnothing came back.")]
    [InlineData("From: here\nto there is a long way.")]
    [InlineData("Two items:\n- forwarded message\n- original message")]
    [InlineData("Call me: +44 20 7946 0000")]
    [InlineData("One line\n--option is a flag")]
    [InlineData("Dear team,\n\nKim Lee\nwants it, ring 040 123456 today please!")]
    [InlineData(">From here on nothing is quoted.")]
    [InlineData("Thanks,\nKim\n\nPlease call me back")]
    [InlineData("He wrote:  I will come on 5 Jan")]
    [InlineData("First part\n\n---\n\nSecond part.")]
    [InlineData("Trân trọng, tôi cần thêm một hộp nữa.")]
    public void A_text_without_quotation_or_signature_stays_whole(string text)
    {
        var parts = ReplyText.Of(text);
        Assert.Equal(text, parts.Reply);
        Assert.Null(parts.Quoted);
        Assert.Null(parts.Signature);
    }

    [Theory]
    [InlineData("> all\n> is quoted")]
    [InlineData("On 5 Jan 2026 Kim wrote:\n> all")]
    [InlineData("-- \nKim")]
    [InlineData("Sent from my iPhone")]
    [InlineData("From: a\nTo: b\nSubject: c\n\nd")]
    public void A_mail_with_text_never_has_an_empty_reply(string text) => Assert.Equal(text, ReplyText.Of(text).Reply);

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t\n")]
    public void A_mail_without_text_has_none(string text) => Assert.Equal(new ReplyParts("", null, null, false), ReplyText.Of(text));

    [Theory]
    [InlineData("Yes")]
    [InlineData("Ok.")]
    [InlineData("Sí")]
    public void A_short_answer_right_above_the_announcement_is_the_reply(string answer)
    {
        var parts = ReplyText.Of($"{answer}\nOn Mon, 5 Jan 2026 at 9:12, Kim Lee <kim@example.com> wrote:\n> Shall we?");
        Assert.Equal(answer, parts.Reply);
        Assert.EndsWith("> Shall we?", parts.Quoted, StringComparison.Ordinal);
    }

    [Fact]
    public void A_greeting_above_the_quotation_goes_with_the_answer_below() =>
        Assert.Equal("Hi Ola,\n\nYes, both.", ReplyText.Of("Hi Ola,\n\nOn 5 Jan 2026 Ola wrote:\n> Both?\n\nYes, both.").Reply);

    [Fact]
    public void Text_above_and_below_one_quotation_keeps_it() =>
        Assert.Equal("First, thank you.\n\n> Both?\n\nYes, both.", ReplyText.Of("First, thank you.\n\nOn 5 Jan 2026 Ola wrote:\n> Both?\n\nYes, both.").Reply);

    [Fact]
    public void Line_ends_of_any_kind_are_read() =>
        Assert.Equal("One\nTwo", ReplyText.Of("One\r\nTwo\r\n\r\nOn 5 Jan 2026 Ola wrote:\r\n> x\r\n").Reply);

    [Theory]
    [InlineData("<div>Mine</div><blockquote style=\"margin:0 0 0 40px;border:none;padding:0px\">Indented by me</blockquote>", "Mine\n\n> Indented by me")]
    [InlineData("<div>Mine</div><div class=\"moz-forward-container\">Anything<br>The content</div>", "Mine")]
    [InlineData("<div>Mine</div><div class=\"x_gmail_quote\">Kas on kohal, ütles Kim<br><blockquote>Theirs</blockquote></div>", "Mine")]
    [InlineData("<div>Mine</div><div id=\"appendonsend\"></div><hr><div>whatever language</div>", "Mine")]
    [InlineData("<div class=\"gmail_signature\">Only a signature</div>", "Only a signature")]
    public void The_markup_of_mail_programs_is_understood(string html, string reply) => Assert.Equal(reply, ReplyText.OfHtml(html).Reply);

    [Theory]
    [InlineData(">")]
    [InlineData("\n")]
    [InlineData("On 5 Jan 2026 ")]
    [InlineData("On 5 Jan 2026\n")]
    [InlineData("wrote:\n")]
    [InlineData("Kim wrote:\n")]
    [InlineData("From: x\n")]
    [InlineData("-- \n")]
    [InlineData("Best,\nKim\n")]
    [InlineData("-----")]
    [InlineData("a\n> b\n")]
    [InlineData("Sent from my iPhone\n")]
    [InlineData("______\n")]
    [InlineData("Kim Lee\n+44 20 7946 0000\n\n")]
    public void A_megabyte_of_one_thing_is_separated(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length));
        Assert.NotEqual(0, ReplyText.Of("x" + text).Reply.Length);
    }
}
