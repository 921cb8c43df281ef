using System.Text;
using Commune.Mail.Mime;

namespace Commune.Mail.Tests.Mime;

/// <summary>Which parts are the body, and which are files: structures as mail programs build them.</summary>
public sealed class ContentChoiceTests
{
    private const string Plain = "Content-Type: text/plain\n\nplain";
    private const string Html = "Content-Type: text/html\n\n<p>html</p>";

    private static string Multipart(string subtype, params string[] parts) =>
        $"Content-Type: multipart/{subtype}; boundary=\"{subtype}{parts.Length}\"\n\n" + string.Concat(parts.Select(part => $"--{subtype}{parts.Length}\n{part}\n")) + $"--{subtype}{parts.Length}--\n";

    private static string Summary(string text)
    {
        var content = Eml.Content(text);
        return $"{content.Text.ReplaceLineEndings("|")} / {content.Html?.ReplaceLineEndings("|") ?? "-"} / {string.Join(' ', content.Attachments.Select(file => (file.Inline ? "inline:" : "") + file.FileName))}";
    }

    [Fact]
    public void The_order_of_the_forms_does_not_matter() =>
        Assert.Equal("plain / <p>html</p> / ", Summary(Multipart("alternative", Html, Plain)));

    [Fact]
    public void An_alternative_of_HTML_alone_gives_its_text() => Assert.Equal("html / <p>html</p> / ", Summary(Multipart("alternative", Html)));

    [Fact]
    public void The_form_for_watches_and_the_one_for_AMP_are_no_files() =>
        Assert.Equal("plain / <p>html</p> / ", Summary(Multipart("alternative", Plain, "Content-Type: text/x-amp-html\n\n<html amp4email>", "Content-Type: text/watch-html\n\n<b>w", Html)));

    [Fact]
    public void An_only_form_that_nobody_shows_is_a_file() =>
        Assert.Equal(" / - / attachment-1.bin", Summary(Multipart("alternative", "Content-Type: text/enriched\n\n<bold>x</bold>")));

    [Fact]
    public void An_invitation_beside_the_text_is_a_file() =>
        Assert.Equal("plain / <p>html</p> / attachment-1.ics invite.ics", Summary(Multipart("mixed",
            Multipart("alternative", Plain, Html, "Content-Type: text/calendar; method=REQUEST; charset=utf-8\n\nBEGIN:VCALENDAR"),
            "Content-Type: application/ics; name=\"invite.ics\"\nContent-Disposition: attachment; filename=\"invite.ics\"\n\nBEGIN:VCALENDAR")));

    [Fact]
    public void An_invitation_alone_is_a_file() => Assert.Equal(" / - / attachment-1.ics", Summary("Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR"));

    [Fact]
    public void Apple_Mail_puts_files_between_pieces_of_text() =>
        Assert.Equal("plain||plain / - / inline:a.pdf", Summary(Multipart("mixed", Plain, "Content-Type: application/pdf; name=a.pdf\nContent-Disposition: inline; filename=a.pdf\n\nx", Plain)));

    [Fact]
    public void Apple_Mail_puts_a_mixed_form_of_HTML_into_the_alternative() =>
        Assert.Equal("plain / <p>html</p>||<p>html</p> / a.pdf", Summary(Multipart("alternative", Plain,
            Multipart("mixed", Html, "Content-Type: application/pdf\nContent-Disposition: attachment; filename=a.pdf\n\nx", Html))));

    [Fact]
    public void Outlook_puts_the_alternative_into_the_related_part() =>
        Assert.Equal("plain / <p>html</p> / inline:image001.png", Summary(Multipart("related", Multipart("alternative", Plain, Html),
            "Content-Type: image/png; name=\"image001.png\"\nContent-ID: <image001.png@01DC>\nContent-Transfer-Encoding: base64\n\naGVsbG8=")));

    [Fact]
    public void An_image_in_a_mixed_part_with_disposition_inline_is_inline() =>
        Assert.Equal("plain / - / inline:a.png b.png", Summary(Multipart("mixed", Plain,
            "Content-Type: image/png; name=a.png\nContent-Disposition: inline\n\nx", "Content-Type: image/png; name=b.png\nContent-Disposition: attachment\n\nx")));

    [Fact]
    public void A_signed_part_is_kept_byte_for_byte()
    {
        var signed = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nDear =\nKim  \n\n--=20\nOla\n";
        var message = Eml.Parse(Multipart("signed", signed.TrimEnd('\n') + "\n", "Content-Type: application/pgp-signature; name=signature.asc\n\n-----BEGIN PGP SIGNATURE-----"));
        var part = message.Root.Children[0];
        // RFC 1847 §2.1: the signature is over the header and the body of the first part, to the line break before the delimiter.
        Assert.Equal(Eml.Bytes(signed.TrimEnd('\n') + "\n"), message.Raw[part.HeaderStart..part.BodyEnd].ToArray());
        var content = MessageContent.From(message);
        Assert.StartsWith("Dear Kim\n", content.Text, StringComparison.Ordinal);
        Assert.Equal("signature.asc", Assert.Single(content.Attachments).FileName);
    }

    [Fact]
    public void An_encrypted_part_is_kept_byte_for_byte()
    {
        var cipher = "-----BEGIN PGP MESSAGE-----\n\nhQEMA=\n=3D  \n-----END PGP MESSAGE-----";
        var content = Eml.Content(Multipart("encrypted", "Content-Type: application/pgp-encrypted\n\nVersion: 1", $"Content-Type: application/octet-stream; name=encrypted.asc\n\n{cipher}"));
        Assert.Equal(Eml.Bytes(cipher), content.Attachments[1].Part.DecodeBody());
    }

    [Fact]
    public void An_opaque_signed_message_is_a_file() =>
        Assert.Equal(" / - / smime.p7m", Summary("Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\nContent-Disposition: attachment; filename=smime.p7m\nContent-Transfer-Encoding: base64\n\nMIIB"));

    [Fact]
    public void A_winmail_dat_is_kept_as_it_is()
    {
        var content = Eml.Content(Multipart("mixed", Plain, "Content-Type: application/ms-tnef; name=\"winmail.dat\"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"winmail.dat\"\n\neJ8+IgEA"));
        Assert.Equal("winmail.dat", Assert.Single(content.Attachments).FileName);
        Assert.Equal([0x78, 0x9F, 0x3E, 0x22, 0x01, 0x00], content.Attachments[0].Part.DecodeBody());
    }

    [Fact]
    public void A_piece_of_a_message_is_not_put_together_and_an_external_body_not_fetched() =>
        Assert.Equal("plain / - / attachment-1.bin attachment-2.bin", Summary(Multipart("mixed", Plain,
            "Content-Type: message/partial; id=\"abc@host\"; number=2; total=3\n\nsecond piece",
            "Content-Type: message/external-body; access-type=anon-ftp; site=evil.test; name=passwd\n\nContent-Type: text/plain\n\n")
            .Replace("; name=passwd", "", StringComparison.Ordinal)));

    [Fact]
    public void Two_uuencoded_files_leave_the_text_between_them()
    {
        var content = Eml.Content("Subject: x\n\none\nbegin 644 a.txt\n#0V%T\n`\nend\ntwo\nbegin 755 b.bin\n#0V%T\n`\nend\nthree\n");
        Assert.Equal("one\ntwo\nthree", content.Text);
        Assert.Equal(["a.txt", "b.bin"], content.Attachments.Select(file => file.FileName), StringComparer.Ordinal);
    }

    [Fact]
    public void YEnc_stays_text() =>
        Assert.StartsWith("=ybegin line=128 size=3 name=a.bin", Eml.Content("Subject: x\n\n=ybegin line=128 size=3 name=a.bin\n***\n=yend size=3\n").Text, StringComparison.Ordinal);

    [Fact]
    public void Files_of_the_same_name_are_all_kept() =>
        Assert.Equal("plain / - / a.txt a.txt", Summary(Multipart("mixed", Plain, "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\n1", "Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\n2")));

    [Fact]
    public void An_empty_part_is_neither_text_nor_lost() =>
        Assert.Equal("plain / - / empty.txt", Summary(Multipart("mixed", "Content-Type: text/plain\n\n", Plain, "Content-Type: text/plain\nContent-Disposition: attachment; filename=empty.txt\n\n")));

    [Fact]
    public void A_forwarded_mail_inside_a_forwarded_mail_is_one_file()
    {
        var inner = "Subject: inner\nContent-Type: text/plain\n\ndeep";
        var outer = $"Subject: outer\n{Multipart("mixed", Plain, "Content-Type: message/rfc822\n\n" + inner)}";
        var content = Eml.Content(Multipart("digest", "\n" + outer, "\n" + inner));
        Assert.Equal("outer.eml inner.eml", string.Join(' ', content.Attachments.Select(file => file.FileName)));
        Assert.Equal("deep", content.Attachments[0].Part.EmbeddedMessage!.FindPart("1.2.1")!.DecodeText());
    }

    [Theory]
    // Mailers that encode the text of a flowed mail in quoted-printable; Japanese mailers with DelSp; quotations.
    [InlineData("text/plain; charset=utf-8; format=flowed; delsp=yes", "quoted-printable", "Das ist ein=20\nlan=20\nger Satz.\n", "Das ist einlanger Satz.")]
    [InlineData("text/plain; format=flowed", "7bit", "> one \n> two\n>> deep \n>> er\nmine \ngoes on\n", "> one two\n>> deep er\nmine goes on")]
    [InlineData("text/plain; format=flowed", "7bit", " From me\n  indented\n-- \nKim", "From me\n indented\n-- \nKim")]
    [InlineData("text/plain; format=\"flowed\"", "7bit", "one \n\ntwo", "one \ntwo")]
    [InlineData("text/html; format=flowed", "7bit", "<p>one </p>", "one")]
    public void Flowed_text_is_joined(string contentType, string encoding, string body, string expected) =>
        Assert.Equal(expected, Eml.Content($"Content-Type: {contentType}\nContent-Transfer-Encoding: {encoding}\n\n{body}").Text);

    [Fact]
    public void The_bytes_of_a_file_are_those_that_were_sent()
    {
        var bytes = Enumerable.Range(0, 1000).Select(i => (byte)(i * 7)).ToArray();
        var text = $"Content-Type: application/octet-stream; name=a.bin\nContent-Transfer-Encoding: base64\n\n{Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks)}\n";
        Assert.Equal(bytes, Assert.Single(Eml.Content(text).Attachments).Part.DecodeBody());
        var binary = MimeParser.Parse((byte[])[.. Encoding.ASCII.GetBytes("Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n"), .. bytes]);
        Assert.Equal(bytes, binary.Root.DecodeBody());
    }
}
