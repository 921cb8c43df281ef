using Commune.Mail.Mime;

namespace Commune.Mail.Tests.Mime;

public sealed class MessageContentTests
{
    private static string Multipart(string subtype, params string[] parts) =>
        $"Content-Type: multipart/{subtype}; boundary=\"{subtype}\"\n\n" + string.Concat(parts.Select(part => $"--{subtype}\n{part}\n")) + $"--{subtype}--\n";

    private const string Plain = "Content-Type: text/plain\n\nplain";
    private const string Html = "Content-Type: text/html\n\n<p>html</p>";
    private const string Image = "Content-Type: image/png\nContent-ID: <logo@x>\nContent-Transfer-Encoding: base64\n\naGVsbG8=";
    private const string Pdf = "Content-Type: application/pdf\nContent-Disposition: attachment; filename=a.pdf\nContent-Transfer-Encoding: base64\n\naGVsbG8=";

    private static string Names(MessageContent content) => string.Join(' ', content.Attachments.Select(file => file.FileName));

    [Fact]
    public void An_alternative_gives_text_and_html()
    {
        var content = Eml.Content(Multipart("alternative", Plain, Html));
        Assert.Equal("plain", content.Text);
        Assert.Equal("<p>html</p>", content.Html);
        Assert.Empty(content.Attachments);
    }

    [Fact]
    public void Text_comes_from_html_when_there_is_no_plain_form() => Assert.Equal("html", Eml.Content(Html).Text);

    [Fact]
    public void A_blank_plain_form_does_not_hide_the_html() =>
        Assert.Equal("html", Eml.Content(Multipart("alternative", "Content-Type: text/plain\n\n \n\n", Html)).Text);

    [Fact]
    public void Several_texts_are_joined_by_a_blank_line()
    {
        var content = Eml.Content(Multipart("mixed", Plain, Pdf, Plain.Replace("plain", "footer", StringComparison.Ordinal).Replace("text/footer", "text/plain", StringComparison.Ordinal)));
        Assert.Equal("plain\n\nfooter", content.Text);
        Assert.Null(content.Html);
        Assert.Equal("a.pdf", Names(content));
    }

    [Fact]
    public void A_plain_footer_under_an_html_body_does_not_replace_it()
    {
        var content = Eml.Content(Multipart("mixed", Html, "\nlist footer"));
        Assert.Equal("html\n\nlist footer", content.Text);
        Assert.Equal("<p>html</p>", content.Html);
    }

    [Fact]
    public void The_same_text_as_plain_and_html_side_by_side_is_given_once() =>
        Assert.Equal("Same text", Eml.Content(Multipart("mixed", "\nSame text", "Content-Type: text/html\n\n<b>Same</b> text")).Text);

    [Fact]
    public void Thousands_of_text_and_html_parts_are_joined()
    {
        var parts = Enumerable.Range(0, 900).SelectMany(i => new[] { $"\ntext {i} {new string('x', 500)}", $"Content-Type: text/html\n\nhtml {i} {new string('y', 500)}" });
        Assert.Equal(1800, Eml.Content(Multipart("mixed", [.. parts])).Text.Split("\n\n").Length);
    }

    [Fact]
    public void An_image_the_html_refers_to_is_an_inline_attachment()
    {
        var content = Eml.Content(Multipart("alternative", Plain, Multipart("related", Html, Image)));
        var image = Assert.Single(content.Attachments);
        Assert.Equal(("2.2", "attachment-1.png", "image/png", 5L, "logo@x", true), (image.Path, image.FileName, image.MediaType, image.Size, image.ContentId, image.Inline));
        Assert.Equal("plain", content.Text);
        Assert.Equal("<p>html</p>", content.Html);
    }

    [Fact]
    public void The_root_of_a_related_part_may_be_named()
    {
        var related = Multipart("related", Image, Html.Replace("\n\n", "\nContent-ID: <root@x>\n\n", StringComparison.Ordinal))
            .Replace("boundary=", "start=\"<root@x>\"; boundary=", StringComparison.Ordinal);
        var content = Eml.Content(related);
        Assert.Equal("html", content.Text);
        Assert.Single(content.Attachments);
    }

    [Fact]
    public void A_text_file_is_an_attachment()
    {
        var content = Eml.Content(Multipart("mixed", Plain, "Content-Type: text/plain\nContent-Disposition: attachment; filename=log.txt\n\nlog", "Content-Type: text/plain; name=notes.txt\n\nnotes"));
        Assert.Equal("plain", content.Text);
        Assert.Equal("log.txt notes.txt", Names(content));
    }

    [Fact]
    public void A_first_text_with_a_name_is_still_the_body() =>
        Assert.Equal("x", Eml.Content("Content-Type: text/plain; name=body.txt\n\nx").Text);

    [Fact]
    public void A_message_that_is_only_an_attachment_has_no_text()
    {
        var content = Eml.Content(Pdf);
        Assert.Equal("", content.Text);
        Assert.Equal(("1", "a.pdf", 5L, false), (content.Attachments[0].Path, content.Attachments[0].FileName, content.Attachments[0].Size, content.Attachments[0].Inline));
    }

    [Fact]
    public void An_invitation_is_an_attachment() =>
        Assert.Equal("attachment-1.ics", Names(Eml.Content(Multipart("alternative", Plain, "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR"))));

    [Fact]
    public void A_forwarded_message_is_an_attachment_named_after_its_subject()
    {
        var content = Eml.Content(Multipart("mixed", Plain, "Content-Type: message/rfc822\n\nSubject: the original / one\n\ninner text"));
        Assert.Equal("plain", content.Text);
        Assert.Equal("the original - one.eml", Names(content));
    }

    [Fact]
    public void A_forwarded_message_without_a_subject_gets_a_number() =>
        Assert.Equal("attachment-1.eml", Names(Eml.Content(Multipart("mixed", Plain, "Content-Type: message/rfc822\n\nX: y\n\ninner"))));

    [Fact]
    public void The_signature_of_a_signed_message_is_an_attachment()
    {
        var content = Eml.Content(Multipart("signed", Multipart("alternative", Plain, Html), "Content-Type: application/pkcs7-signature; name=smime.p7s\n\nx"));
        Assert.Equal("plain", content.Text);
        Assert.Equal("smime.p7s", Names(content));
    }

    [Fact]
    public void The_parts_of_an_encrypted_message_are_attachments()
    {
        var content = Eml.Content(Multipart("encrypted", "Content-Type: application/pgp-encrypted\n\nVersion: 1", "Content-Type: application/octet-stream; name=encrypted.asc\n\n-----BEGIN"));
        Assert.Equal("", content.Text);
        Assert.Equal("attachment-1.txt encrypted.asc", Names(content));
    }

    [Fact]
    public void A_bounce_has_its_explanation_as_text()
    {
        var content = Eml.Content(Multipart("report", Plain, "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x", "Content-Type: text/rfc822-headers\n\nSubject: x"));
        Assert.Equal("plain", content.Text);
        Assert.Equal(2, content.Attachments.Count);
    }

    [Fact]
    public void A_message_embedded_in_base64_is_read() =>
        Assert.Equal("hi", Eml.Parse("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogaGkKCmJvZHk=").Root.EmbeddedMessage!.Subject);

    [Fact]
    public void A_uuencoded_file_in_the_text_is_an_attachment()
    {
        var message = Eml.Parse("Subject: x\n\nabove\nbegin 644 cat.txt\n#0V%T\n`\nend\nbelow\n");
        var content = MessageContent.From(message);
        Assert.Equal("above\nbelow", content.Text);
        var file = Assert.Single(content.Attachments);
        Assert.Equal(("cat.txt", 3L), (file.FileName, file.Size));
        Assert.Equal("Cat"u8.ToArray(), file.Part.DecodeBody());
        Assert.Same(file.Part, message.FindPart(file.Path));
    }

    [Theory]
    [InlineData("begin 644 letters\nlike this one\nand end")]
    [InlineData("begin with this\nend")]
    [InlineData("begin 644 cat.txt\n#0V%T\nno end")]
    public void Text_that_only_begins_is_text(string text)
    {
        var content = Eml.Content("Subject: x\n\n" + text);
        Assert.Equal(text, content.Text);
        Assert.Empty(content.Attachments);
    }

    [Theory]
    [InlineData("application/ms-tnef; name=winmail.dat", "winmail.dat")]
    [InlineData("application/pkcs7-mime; name=smime.p7m", "smime.p7m")]
    [InlineData("message/partial; id=\"x\"; number=1; total=2", "attachment-1.bin")]
    [InlineData("message/external-body; access-type=URL; URL=\"http://evil.test/\"", "attachment-1.bin")]
    public void What_is_not_opened_is_an_attachment_of_its_type(string contentType, string name)
    {
        var content = Eml.Content(Multipart("mixed", Plain, $"Content-Type: {contentType}\n\nx"));
        Assert.Equal("plain", content.Text);
        var file = Assert.Single(content.Attachments);
        Assert.Equal((name, contentType[..contentType.IndexOf(';', StringComparison.Ordinal)]), (file.FileName, file.MediaType));
    }

    [Theory]
    [InlineData("attachment; filename=\"=?utf-8?Q?=C3=9Cbersicht.pdf?=\"", "Übersicht.pdf")]
    [InlineData("attachment; filename==?utf-8?Q?=C3=9Cbersicht.pdf?=", "Übersicht.pdf")]
    [InlineData("attachment; filename*0*=utf-8''%C3; filename*1*=%9Cber; filename*2=\"sicht.pdf\"", "Übersicht.pdf")]
    [InlineData("attachment; filename*1=\"sicht.pdf\"; filename*0*=iso-8859-1'de'%DCber", "Übersicht.pdf")]
    [InlineData("attachment; filename*=gb18030''%C4%E3%BA%C3.txt; filename=\"x.txt\"", "你好.txt")]
    [InlineData("attachment; filename*0=\"=?utf-8?B?w5xiZXI=?=\"; filename*1=\".pdf\"", "Über.pdf")]
    public void File_names_are_decoded_wherever_their_encoding_stands(string disposition, string name) =>
        Assert.Equal(name, Names(Eml.Content(Multipart("mixed", Plain, $"Content-Type: application/pdf\nContent-Disposition: {disposition}\n\nx"))));
}
