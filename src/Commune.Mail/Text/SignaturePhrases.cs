using System.Collections.Frozen;

namespace Commune.Mail.Text;

/// <summary>What stands in signatures in many languages.</summary>
internal static class SignaturePhrases
{
    private const int LongestValediction = 60;

    private static readonly FrozenSet<string> Valedictions = new[]
    {
        "regards", "best regards", "kind regards", "kindest regards", "warm regards", "warmest regards", "with kind regards", "with best regards", "best", "all the best",
        "best wishes", "with best wishes", "cheers", "thanks", "many thanks", "thank you", "thanks and regards", "thanks & regards", "thanks in advance", "thanks again",
        "thank you very much", "thanks so much", "sincerely", "sincerely yours", "yours sincerely", "yours truly", "yours faithfully", "yours", "respectfully", "cordially",
        "take care", "talk soon", "kr", "br", "rgds", "brgds", "xoxo", "love", "ciao", "warmly", "with thanks", "with gratitude",
        "mit freundlichen grüßen", "mit freundlichem gruß", "mit freundlichen gruessen", "mit freundlichen grüssen", "mit besten grüßen", "mit besten grüssen",
        "freundliche grüße", "freundliche grüsse", "freundlicher gruß", "beste grüße", "beste grüsse", "besten gruß", "viele grüße", "viele grüsse", "liebe grüße",
        "liebe grüsse", "herzliche grüße", "herzliche grüsse", "schöne grüße", "gruß", "grüße", "grüsse", "lieben gruß", "mfg", "lg", "vg", "bg", "hochachtungsvoll",
        "danke", "vielen dank", "danke und gruß", "besten dank", "vielen dank und freundliche grüße",
        "cordialement", "bien cordialement", "bien à vous", "bien à toi", "salutations", "meilleures salutations", "sincères salutations", "amicalement", "merci",
        "merci d'avance", "cdlt", "cdt", "bonne journée", "bises", "avec mes meilleures salutations", "respectueusement",
        "saludos", "un saludo", "saludos cordiales", "un cordial saludo", "atentamente", "cordialmente", "gracias", "muchas gracias", "un abrazo", "abrazos", "atte",
        "cordiali saluti", "distinti saluti", "saluti", "un saluto", "un cordiale saluto", "grazie", "grazie mille", "a presto", "buona giornata",
        "atenciosamente", "cumprimentos", "melhores cumprimentos", "com os melhores cumprimentos", "cordialmente", "abraços", "um abraço", "obrigado", "obrigada", "att",
        "met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groet", "vriendelijke groeten", "hartelijke groet", "groet", "groeten", "groetjes", "mvg",
        "bedankt", "dank", "alvast bedankt",
        "pozdrawiam", "z poważaniem", "pozdrowienia", "serdecznie pozdrawiam", "serdeczne pozdrowienia", "z wyrazami szacunku", "dziękuję",
        "s pozdravem", "s přátelským pozdravem", "zdraví", "hezký den", "děkuji", "s pozdravom",
        "med vänlig hälsning", "med vänliga hälsningar", "vänliga hälsningar", "vänlig hälsning", "hälsningar", "mvh", "tack", "bästa hälsningar",
        "med venlig hilsen", "venlig hilsen", "de bedste hilsner", "mange hilsner", "hilsen", "vh", "tak", "på forhånd tak",
        "med vennlig hilsen", "vennlig hilsen", "beste hilsen", "hilsen", "takk",
        "ystävällisin terveisin", "terveisin", "parhain terveisin", "yst. terv", "t", "kiitos", "terveiset",
        "üdvözlettel", "tisztelettel", "köszönettel", "üdv", "köszönöm", "szép napot",
        "cu stimă", "cu respect", "o zi bună", "mulțumesc", "cu drag", "numai bine",
        "с уважением", "с наилучшими пожеланиями", "спасибо", "всего доброго", "с благодарностью", "з повагою", "дякую", "щиро", "з найкращими побажаннями",
        "με εκτίμηση", "φιλικά", "ευχαριστώ", "χαιρετισμούς", "saygılarımla", "saygılarımızla", "iyi çalışmalar", "teşekkürler", "selamlar", "sevgiler",
        "此致", "敬礼", "祝好", "谢谢", "顺祝商祺", "此致敬礼", "謝謝", "敬上", "よろしくお願いします", "よろしくお願いいたします", "以上", "敬具", "감사합니다", "드림", "안녕히 계세요",
        "בברכה", "תודה", "בכבוד רב", "مع تحياتي", "تحياتي", "مع أطيب التحيات", "شكرا", "شكراً", "مع الشكر", "trân trọng", "thân mến", "thân ái", "cảm ơn", "xin cảm ơn", "مع خالص التحية", "وتفضلوا بقبول فائق الاحترام", "salutacions", "atentament", "lep pozdrav", "srdačan pozdrav",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly Beginnings Devices = new(
    [
        "sent from my ", "sent from mail for", "sent from outlook", "sent from yahoo", "sent from gmail", "sent from proton", "sent with proton", "sent via ", "sent from iphone",
        "sent from aol", "sent from samsung", "sent from windows mail", "sent from android", "sent using ", "get outlook for", "outlook for ios", "outlook für ",
        "yahoo mail:", "yahoo mail for", "sent with bluemail", "sent from a mobile", "from my iphone", "virus-free.", "virenfrei.", "this email has been checked for viruses",
        "von meinem ", "gesendet von meinem", "gesendet von ", "gesendet mit ", "holen sie sich outlook", "diese nachricht wurde von meinem", "von unterwegs gesendet",
        "envoyé de mon", "envoyé depuis", "envoyé à partir de", "téléchargez outlook", "obtenez outlook", "envoyé avec",
        "enviado desde", "enviado desde mi", "obtener outlook", "enviado do meu", "enviado de meu", "enviado a partir", "enviado pelo", "enviado via", "baixe o outlook",
        "obter o outlook", "inviato da", "inviato dal", "scarica outlook", "ottieni outlook", "verzonden vanaf", "verstuurd vanaf", "outlook voor", "verzonden met",
        "wysłane z", "wysłano z", "wysłane przez", "pobierz program outlook", "odesláno z", "posláno z", "získejte outlook", "odoslané z", "skickat från", "skickades från",
        "hämta outlook", "sendt fra", "hent outlook", "lähetetty ", "hanki outlook", "elküldve az", "iphone-omról küldve", "ipad-emről küldve", "đã gửi từ", "được gửi từ", "get bluemail", "sent with [proton", "von meinem/", "iphone-ról küldve", "az én iphone", "trimis de pe", "отправлено с",
        "отправлено из", "надіслано з", "στάλθηκε από", "iphone'umdan gönderildi", "iphone’umdan gönderildi", "发自我的", "從我的", "从我的", "傳送自", "發自我的", "iphoneから送信", "iphone から送信",
        "androidから送信", "나의 iphone에서 보냄", "내 iphone에서 보냄", "נשלח מה-", "נשלח מ", "مُرسل من", "أُرسلت من", "أرسلت من", "مرسل من", "unknown sender",
    ]);

    private static readonly Beginnings Disclaimers = new(
    [
        "this e-mail and any", "this email and any", "this e-mail (and", "this email (and", "this e-mail message", "this email message", "this message and any",
        "this message (including", "this message contains confidential", "this message is intended", "this e-mail is confidential", "this email is confidential",
        "this communication", "this transmission", "the information contained in this", "the information in this e", "the contents of this e", "confidentiality notice", "confidentiality:",
        "disclaimer", "important notice:", "notice: this", "privileged and confidential", "confidential:", "please consider the environment",
        "think before you print", "please think of the environment", "if you are not the intended recipient", "if you have received this e", "registered in england", "this email may contain",
        "this e-mail may contain", "diese e-mail enthält", "diese e-mail kann", "diese nachricht enthält", "diese nachricht ist vertraulich", "vertraulichkeitshinweis",
        "haftungsausschluss", "bitte denken sie an die umwelt", "der inhalt dieser e-mail", "ce message et", "ce message est", "ce message (", "ce courriel", "cet e-mail",
        "avis de confidentialité", "pensez à l'environnement", "este mensaje", "este correo", "aviso legal", "aviso de confidencialidad", "esta mensagem", "este e-mail",
        "este email", "aviso de confidencialidade", "questo messaggio", "questa e-mail", "avviso di riservatezza", "le informazioni contenute", "dit bericht", "deze e-mail",
        "de informatie in dit", "ta wiadomość", "niniejsza wiadomość", "treść tej wiadomości", "tato zpráva", "detta meddelande", "denne e-mail", "denne e-post", "tämä viesti",
        "настоящее сообщение", "это сообщение", "данное сообщение",
    ]);

    // A disclaimer speaks of these; a sentence that only begins like one does not.
    private static readonly string[] DisclaimerWords =
    [
        "confidential", "privileged", "intended", "recipient", "print", "disclos", "vertraulich", "empfänger", "ausdruck", "umwelt", "confidentiel", "destinat", "imprim",
        "confidencial", "riservat", "confidenzial", "vertrouwelijk", "geadresseerde", "poufn", "adresat", "důvěrn", "konfidentiel", "luottamuksel", "конфиденц", "environment",
        "registered", "liabil", "haft", "viruses",
    ];

    private static readonly string[] ListFooters =
    [
        "you received this message because you are subscribed", "you received this because you are subscribed", "to unsubscribe from this group", "unsubscribe:", "to unsubscribe",
        "mailing list", "you are receiving this because",
    ];

    private static readonly Beginnings PhoneLabels = new(
    [
        "tel", "phone", "mobile", "mob", "cell", "fax", "office", "direct", "telefon", "mobil", "handy", "tél", "portable", "móvil", "teléfono", "telefono", "cellulare",
        "telefone", "celular", "tlf", "puh", "тел", "моб", "τηλ", "电话", "電話", "手机", "携帯", "전화", "t:", "m:", "p:", "f:", "o:", "t ", "m ", "p ",
    ]);

    public static bool IsValediction(ReadOnlySpan<char> line)
    {
        if (line.Length > LongestValediction)
            return false;
        var words = line.TrimEnd(" ,.!;:-–—，。、！،~").TrimStart("-–—~ ");
        return Valedictions.GetAlternateLookup<ReadOnlySpan<char>>().Contains(words);
    }

    public static bool IsDevice(ReadOnlySpan<char> line) => line.Length <= 160 && Devices.Start(line.TrimStart("-–—_*[(<> ")) && !IsSentenceAfter(line);

    public static bool IsDisclaimer(ReadOnlySpan<char> line)
    {
        line = line.TrimStart("*_-#[( ");
        if (!Disclaimers.Start(line))
            return false;
        if (line.Length < 20)
            return line.TrimEnd(" :.*").Length <= 10;
        foreach (var word in DisclaimerWords)
        {
            if (line.Contains(word, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    public static bool IsListFooter(ReadOnlySpan<char> line)
    {
        if (line.Length > 200)
            return false;
        foreach (var footer in ListFooters)
        {
            var at = line.IndexOf(footer, StringComparison.OrdinalIgnoreCase);
            if (at == 0 || (at > 0 && footer == "mailing list" && line.Length <= 80 && line.TrimEnd().EndsWith(footer, StringComparison.OrdinalIgnoreCase)))
                return true;
        }
        return false;
    }

    public static bool HasPhoneLabel(ReadOnlySpan<char> line) => PhoneLabels.Start(line.TrimStart("+( "));

    // "Sent from my side there is nothing to add, so please go on." is a sentence.
    private static bool IsSentenceAfter(ReadOnlySpan<char> line)
    {
        var words = 0;
        foreach (var range in line.Split(' '))
            words += line[range].IsEmpty ? 0 : 1;
        return words > 14;
    }
}
