using System.Text;
using Commune.Mail.Mime;

namespace Commune.Mail.Tests.Mime;

/// <summary>Messages that break the form of RFC 5322 and RFC 2046 in the ways that real mail does.</summary>
public sealed class BrokenMessageTests
{
    private static string Body(MimePart part) => Encoding.Latin1.GetString(part.EncodedBody.Span);

    [Theory]
    [InlineData("Subject\t: tab", "tab")]
    [InlineData("Subject  :  two", "two")]
    [InlineData("Subject:\ttab", "tab")]
    [InlineData("Subject: a\n\n b", "a")]
    [InlineData("Subject: a\n \t\n", "a")]
    [InlineData("Subject: one\n =?utf-8?Q?tw=C3=B6?=", "one twö")]
    [InlineData("Subject: =?utf-8?Q?one?=\n\ttwo", "one\ttwo")]
    [InlineData("Subject: \"=?utf-8?Q?caf=C3=A9?=\"", "\"café\"")]
    [InlineData("Subject: =?UTF-8?Q?Zo=C3?=\n =?UTF-8?Q?=AB?=", "Zoë")]
    [InlineData("Subject: =?utf-8?B?5pel5?=\n =?utf-8?B?pys6Kqe?=", "日本語")]
    [InlineData("Subject: =?utf-8?B?5pel5pys?= caf\u00C3\u00A9", "日本 café")]
    [InlineData("Subject: Re: =?iso-8859-1?q?=DCbersicht?=: 5", "Re: Übersicht: 5")]
    [InlineData("X-Broken line\nSubject: lost", "")]
    [InlineData("Received: x\n\tby y\nSubject: kept", "kept")]
    public void A_field_is_read_however_oddly_it_is_written(string header, string expected) =>
        Assert.Equal(expected, Eml.Parse(header + "\n\nbody").Subject);

    [Theory]
    [InlineData(" by mx.example.com\nSubject: x\n\nbody")]
    [InlineData("\tcontinued\n\tand on\nSubject: x\n\nbody")]
    public void A_message_that_begins_with_a_continuation_still_has_its_fields(string text)
    {
        var message = Eml.Parse(text);
        Assert.Equal("x", message.Subject);
        Assert.Equal("body", message.Root.DecodeText());
    }

    [Fact]
    public void An_empty_first_line_ends_an_empty_header()
    {
        var message = Eml.Parse("\nSubject: no field");
        Assert.Equal("", message.Subject);
        Assert.Equal("Subject: no field", message.Root.DecodeText());
    }

    [Theory]
    [InlineData("From kim@example.com  Sat Nov 21 09:55:06 2026\nSubject: x\n\nbody\n\nFrom here on it is text.\n", "body\n\nFrom here on it is text.")]
    [InlineData(">From kim@example.com  Sat Nov 21 09:55:06 2026\nSubject: x\n\nbody", "body")]
    [InlineData("From MAILER-DAEMON Sat Nov 21 09:55:06 2026\nX-Mozilla-Status: 0001\nSubject: x\n\n>From the start", ">From the start")]
    public void The_line_of_an_mbox_file_is_no_field(string text, string body)
    {
        var message = Eml.Parse(text);
        Assert.Equal("x", message.Subject);
        Assert.Equal(body, MessageContent.From(message).Text);
    }

    [Fact]
    public void NUL_bytes_do_not_end_anything()
    {
        var message = Eml.Parse("Subject: a\0b\nTo: k\0im@example.com, lee@example.com\nContent-Type: text/plain; charset=utf-8\n\none\0two\n");
        Assert.Equal("a\uFFFDb", message.Subject);
        Assert.Equal("lee@example.com", message.To[^1].Address);
        Assert.Equal("one\uFFFDtwo\n", message.Root.DecodeText());
    }

    [Fact]
    public void A_bare_CR_among_CRLF_is_a_line_end_in_text_and_never_a_new_field()
    {
        var message = Eml.Parse("Subject: a\rBcc: x@example.com\n\none\rtwo\n");
        Assert.Empty(message.Bcc);
        Assert.Equal("a Bcc: x@example.com", message.Subject);
        Assert.Equal("one\ntwo\n", message.Root.DecodeText());
    }

    [Fact]
    public void Line_ends_may_be_mixed()
    {
        var message = MimeParser.Parse("Subject: x\nContent-Type: multipart/mixed; boundary=b\r\n\n--b\r\n\none\r\n--b\n\r\ntwo\n--b--\r\n"u8.ToArray());
        Assert.Equal(["one", "two"], message.Root.Children.Select(Body), StringComparer.Ordinal);
    }

    [Theory]
    // What is written after the type.
    [InlineData("multipart/mixed; boundary=part-b ; charset=utf-8")]
    [InlineData("multipart/mixed; boundary=\"part-b \"")]
    [InlineData("multipart/mixed ; boundary = part-b")]
    [InlineData("multipart/mixed; boundary=part-b;")]
    [InlineData("multipart/mixed;\n\tboundary=\"part-b\"")]
    [InlineData("multipart/mixed; charset=utf-8; Boundary=\"b\"")]
    [InlineData("multipart/mixed; boundary='part-b'")]
    [InlineData("multipart/mixed boundary=part-b")]
    [InlineData("multipart/mixed, boundary=part-b")]
    [InlineData("multipart/mixed; boundary*=us-ascii''part-b")]
    [InlineData("multipart/mixed; boundary*0=\"part-b\"")]
    [InlineData("multipart/mixed; boundary=part-b (the boundary)")]
    [InlineData("multipart/mixed; boundary=--part-b")]
    [InlineData("multipart / mixed; boundary=part-b")]
    [InlineData("Multipart/Mixed; type=\"text/html\"; boundary=\"part-b\"")]
    [InlineData("multipart; boundary=part-b")]
    public void The_parts_are_found_however_the_boundary_is_given(string contentType)
    {
        var message = Eml.Parse($"Content-Type: {contentType}\n\n--part-b\nContent-Type: text/plain\n\none\n--part-b\nContent-Type: text/html\n\ntwo\n--part-b--\n");
        Assert.Equal(["one", "two"], message.Root.Children.Select(Body), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("--b\n\none\n--b--\nepilogue\n--b--\n")]
    [InlineData("--b\n\none\n--b-- \t\n\n\n")]
    [InlineData("--b\n\none\n--b--")]
    [InlineData("--b\n\none\n--b--\n--other\n\nnot a part\n--other--\n")]
    [InlineData("pre --b\n --b\n--b\n\none\n--b--\n")]
    public void What_stands_around_the_parts_is_no_part(string body) =>
        Assert.Equal("one", Body(Assert.Single(Eml.Parse("Content-Type: multipart/mixed; boundary=b\n\n" + body).Root.Children)));

    [Theory]
    // Each inner boundary begins like the outer one, the other way round, or with dashes.
    [InlineData("x", "xy")]
    [InlineData("xy", "x")]
    [InlineData("x", "x-")]
    [InlineData("x", "x--")]
    [InlineData("--", "----")]
    [InlineData("=_a", "=_a.b")]
    public void A_boundary_that_is_the_beginning_of_another_is_told_apart(string outer, string inner)
    {
        var message = Eml.Parse(
            $"Content-Type: multipart/mixed; boundary=\"{outer}\"\n\n--{outer}\nContent-Type: multipart/alternative; boundary=\"{inner}\"\n\n"
            + $"--{inner}\n\none\n--{inner}\n\ntwo\n--{inner}--\n--{outer}\n\nthree\n--{outer}--\n");
        Assert.Equal(["one", "two"], message.Root.Children[0].Children.Select(Body), StringComparer.Ordinal);
        Assert.Equal("three", Body(message.Root.Children[1]));
    }

    [Fact]
    public void A_boundary_beside_the_last_line_of_a_text_belongs_to_no_part() =>
        Assert.Equal("one --b", Body(Assert.Single(Eml.Parse("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none --b\n--b--").Root.Children)));

    [Fact]
    public void A_message_that_is_not_declared_MIME_is_still_read_as_such()
    {
        // RFC 2045 §4 wants MIME-Version; much mail comes without.
        Assert.Equal("é", Eml.Parse("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n=C3=A9").Root.DecodeText());
    }
}
