using System.Text;
using Commune.Mail.Mime;

namespace Commune.Mail.Tests.Mime;

public sealed class HeaderTests
{
    [Fact]
    public void The_first_message_of_RFC_5322_appendix_A_is_read()
    {
        var message = Eml.Parse("""
            From: John Doe <jdoe@machine.example>
            To: Mary Smith <mary@example.net>
            Subject: Saying Hello
            Date: Fri, 21 Nov 1997 09:55:06 -0600
            Message-ID: <1234@local.machine.example>

            This is a message just to say hello.
            So, "Hello".
            """);
        Assert.Equal("John Doe <jdoe@machine.example>", message.From[0].ToString());
        Assert.Equal("mary@example.net", message.To[0].Address);
        Assert.Equal("Saying Hello", message.Subject);
        Assert.Equal("<1234@local.machine.example>", message.MessageId);
        Assert.Equal(new DateTimeOffset(1997, 11, 21, 9, 55, 6, TimeSpan.FromHours(-6)), message.Date);
        Assert.Equal("This is a message just to say hello.\nSo, \"Hello\".", message.Root.DecodeText());
    }

    [Theory]
    [InlineData("From: a@b.example\r\nFrom: c@d.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nFrom: e@f.example\r\n\r\n--x--\r\n", 3)]
    [InlineData("--x\r\nFrom: a@b.example\r\n\r\n", 0)]
    [InlineData("From a@b.example Thu\r\nSubject: s\r\n\r\ntext\r\n", 1)]
    [InlineData("Subject: s\rFrom: a@b.example\r\rtext", 2)]
    public void The_header_alone_reads_as_with_the_rest_of_the_message(string text, int fields)
    {
        var raw = Encoding.ASCII.GetBytes(text);
        var header = MimeParser.ParseHeader(raw);
        Assert.Equal(fields, header.Headers.Count);
        Assert.Equal(MimeParser.Parse(raw).Headers, header.Headers);
        Assert.Equal(MimeParser.Parse(raw).OnlyAuthor, header.OnlyAuthor);
    }

    [Fact]
    public void A_reply_of_RFC_5322_appendix_A_names_its_parents()
    {
        var message = Eml.Parse("""
            From: John Doe <jdoe@machine.example>
            Sender: Michael Jones <mjones@machine.example>
            To: "Mary Smith: Personal Account" <smith@home.example>
            Cc: one@example.org
            Cc: two@example.org
            Reply-To: "Mary Smith: Personal Account" <smith@home.example>
            Subject: Re: Saying Hello
            Message-ID: <abcd.1234@local.machine.test>
            In-Reply-To: <3456@example.net>
            References: <1234@local.machine.example>
              <3456@example.net>

            x
            """);
        Assert.Equal(["<3456@example.net>"], message.InReplyTo);
        Assert.Equal(["<1234@local.machine.example>", "<3456@example.net>"], message.References);
        Assert.Equal("Mary Smith: Personal Account", message.To[0].DisplayName);
        Assert.Equal("mjones@machine.example", message.Sender[0].Address);
        Assert.Equal("smith@home.example", message.ReplyTo[0].Address);
        Assert.Equal(2, message.Cc.Count);
        Assert.Empty(message.Bcc);
    }

    [Theory]
    [InlineData("Subject: a\n b", "a b")]
    [InlineData("Subject: a\n\tb", "a\tb")]
    [InlineData("Subject : obsolete", "obsolete")]
    [InlineData("SUBJECT:no space", "no space")]
    [InlineData("Subject:\n folded first", "folded first")]
    [InlineData("Subject: a\n \n b", "a  b")]
    [InlineData("Subject:", "")]
    [InlineData("X: 1", "")]
    [InlineData("Subject: caf\u00E9", "café")]
    [InlineData("Subject: caf\u00C3\u00A9", "café")]
    [InlineData("Subject: a\0b", "a\uFFFDb")]
    [InlineData("Subject: =?utf-8?Q?caf=C3=A9?=\n =?utf-8?Q?_au_lait?=", "café au lait")]
    [InlineData("Subject: first\nSubject: second", "first")]
    [InlineData("From kim@example.com Sat Nov 21 2026\nSubject: after mbox", "after mbox")]
    [InlineData("X: 1\n>From kim Sat Nov 21\nSubject: after mbox", "after mbox")]
    [InlineData("From : kim@example.com\nSubject: x", "x")]
    public void A_subject_is_read_however_it_is_written(string header, string expected) =>
        Assert.Equal(expected, Eml.Parse(header + "\n\nbody").Subject);

    [Fact]
    public void The_first_line_that_is_no_field_starts_the_body()
    {
        var message = Eml.Parse("Subject: x\nThis is the body.\nMore: of it\n");
        Assert.Equal("x", message.Subject);
        Assert.Equal("This is the body.\nMore: of it\n", message.Root.DecodeText());
        Assert.Equal(MimeDefectKind.MissingHeaderSeparator, Assert.Single(message.Defects).Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("Subject: x")]
    [InlineData("Subject: x\n")]
    [InlineData("Subject: x\n\n")]
    public void A_message_without_a_body_is_read(string text)
    {
        var message = Eml.Parse(text);
        Assert.Equal(0, message.Root.EncodedBody.Length);
        Assert.Equal("", MessageContent.From(message).Text);
        Assert.Null(message.MessageId);
        Assert.Null(message.Date);
        Assert.Empty(message.From);
    }

    [Fact]
    public void Fields_are_listed_in_order_with_their_bytes()
    {
        var headers = Eml.Parse("B: 1\nA: 2\n  more\nb: 3\n\n").Headers;
        Assert.Equal([("B", "1"), ("A", "2  more"), ("b", "3")], headers);
        Assert.Equal(["1", "3"], headers.GetAll("B"), StringComparer.Ordinal);
        Assert.Equal(" 2\r\n  more", Encoding.ASCII.GetString(headers.GetRaw("a")!.Value.Span));
        Assert.Null(headers.Get("C"));
    }

    [Fact]
    public void Header_fields_beyond_the_limit_are_not_listed_and_the_body_is_still_found()
    {
        var message = Eml.Parse(string.Concat(Enumerable.Repeat("X: 1\n", 5000)) + "\nbody");
        Assert.Equal(2000, message.Headers.Count);
        Assert.Equal("body", message.Root.DecodeText());
        Assert.Equal(MimeDefectKind.HeaderTooLarge, Assert.Single(message.Defects).Kind);
    }

    [Theory]
    [InlineData("text/html; charset=utf-8", "text/html")]
    [InlineData("TEXT/HTML", "text/html")]
    [InlineData("text/plain (comment); charset=x", "text/plain")]
    [InlineData("text", "text/plain")]
    [InlineData("text/", "text/plain")]
    [InlineData("garbage in here", "text/plain")]
    [InlineData("a b/c", "text/plain")]
    [InlineData("", "text/plain")]
    public void A_media_type_that_makes_no_sense_is_text_plain(string value, string expected) =>
        Assert.Equal(expected, Eml.Parse($"Content-Type: {value}\n\n").Root.MediaType);

    [Fact]
    public void An_attachment_of_no_sensible_type_is_a_stream_of_octets() =>
        Assert.Equal("application/octet-stream", Eml.Parse("Content-Type: file\nContent-Disposition: attachment; filename=a\n\n").Root.MediaType);
}
