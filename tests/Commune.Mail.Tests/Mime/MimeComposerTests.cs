using System.Text;
using Commune.Mail.Addresses;
using Commune.Mail.Mime;

namespace Commune.Mail.Tests.Mime;

public sealed class MimeComposerTests
{
    private static OutgoingMessage Message => new()
    {
        From = new Mailbox("Kim", "kim", "example.com"),
        To = [new Mailbox(null, "lee", "example.org")],
        MessageId = "<1@example.com>",
        Date = new DateTimeOffset(2026, 11, 21, 1, 2, 3, TimeSpan.Zero),
        Subject = "Hello",
        Text = "Hi Lee,\nbye.",
        BoundarySeed = "seed",
    };

    private static string Compose(OutgoingMessage message) => Encoding.Latin1.GetString(MimeComposer.Compose(message));

    private static MimeMessage Read(OutgoingMessage message) => MimeParser.Parse(MimeComposer.Compose(message));

    [Fact]
    public void A_plain_message_is_written_as_people_expect_it() =>
        Assert.Equal("""
            Date: Sat, 21 Nov 2026 01:02:03 +0000
            From: Kim <kim@example.com>
            To: lee@example.org
            Subject: Hello
            Message-ID: <1@example.com>
            MIME-Version: 1.0
            Content-Type: text/plain; charset=us-ascii
            Content-Transfer-Encoding: 7bit

            Hi Lee,
            bye.

            """.ReplaceLineEndings("\r\n"), Compose(Message));

    [Fact]
    public void The_same_message_gives_the_same_bytes()
    {
        var message = Message with { Html = "<p>x", Attachments = [new("a.txt", "text/plain", "x"u8.ToArray())] };
        Assert.Equal(MimeComposer.Compose(message), MimeComposer.Compose(message));
    }

    [Fact]
    public void Another_seed_gives_other_boundaries() =>
        Assert.NotEqual(Compose(Message with { Html = "x" }), Compose(Message with { Html = "x", BoundarySeed = "other" }), StringComparer.Ordinal);

    [Fact]
    public void Text_html_images_and_files_are_nested_as_they_should_be()
    {
        var message = Read(Message with
        {
            Html = "<img src=\"cid:logo@x\">",
            Attachments =
            [
                new("a.pdf", "application/pdf", new byte[1000]),
                new("logo.png", "image/png", new byte[10], "logo@x"),
                new("other.png", "image/png", new byte[10], "other@x"),
            ],
        });
        Assert.Equal("multipart/mixed", message.Root.MediaType);
        Assert.Equal("multipart/alternative", message.FindPart("1")!.MediaType);
        Assert.Equal("text/plain", message.FindPart("1.1")!.MediaType);
        Assert.Equal("multipart/related", message.FindPart("1.2")!.MediaType);
        Assert.Equal("text/html", message.FindPart("1.2.1")!.MediaType);
        Assert.Equal("logo.png", message.FindPart("1.2.2")!.FileName);
        Assert.Equal("a.pdf", message.FindPart("2")!.FileName);
        Assert.Equal("other.png", message.FindPart("3")!.FileName);
        Assert.Empty(message.Defects);
        Assert.True(MessageContent.From(message).Attachments[0].Inline);
    }

    [Fact]
    public void Unicode_is_written_in_ASCII_and_read_back()
    {
        var message = Message with
        {
            From = new Mailbox("Zoë Müller, \"Inc.\"", "zoe", "bücher.example"),
            Subject = "Paket fehlt noch immer: 包裹还没到 – was nun? " + new string('ü', 100),
            Text = "Grüße\n包裹",
            Html = "<p>Grüße",
            Attachments = [new("Übersicht “2026” 包裹.pdf", "application/pdf", "x"u8.ToArray())],
        };
        var bytes = MimeComposer.Compose(message);
        Assert.True(Ascii.IsValid(bytes));
        Assert.False(message.RequiresSmtpUtf8);
        var read = MimeParser.Parse(bytes);
        Assert.Equal(message.Subject, read.Subject);
        Assert.Equal(message.From.DisplayName, read.From[0].DisplayName);
        Assert.Equal("xn--bcher-kva.example", read.From[0].Domain);
        var content = MessageContent.From(read);
        Assert.Equal(message.Text, content.Text);
        Assert.Equal("Übersicht “2026” 包裹.pdf", content.Attachments[0].FileName);
        Assert.Contains("filename*0*=utf-8''%C3%9Cbersicht", Encoding.ASCII.GetString(bytes), StringComparison.Ordinal);
        Assert.DoesNotContain("filename=", Encoding.ASCII.GetString(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_local_part_outside_ASCII_needs_SMTPUTF8_and_is_written_as_it_is()
    {
        var message = Message with { To = [new Mailbox(null, "用户", "例え.jp")] };
        Assert.True(message.RequiresSmtpUtf8);
        Assert.Equal("用户@xn--r8jz45g.jp", Read(message).To[0].Address);
    }

    [Fact]
    public void Nothing_a_caller_gives_can_start_a_header_line()
    {
        var evil = "x\r\nBcc: evil@example.com\r\n\r\nbody\0";
        var message = Message with
        {
            From = new Mailbox(evil, "kim", "example.com"),
            Subject = evil,
            MessageId = "<1@x>\r\nBcc: a@b",
            InReplyTo = evil,
            References = [evil],
            Headers = [new("X-Evil", evil), new("X-Evil\r\nBcc", "a@b"), new("Bcc", "a@b"), new("bcc ", "a@b"), new("Content-Type", "text/html"), new("X:Y", "z"), new("", "z")],
            Attachments = [new(evil, "text/plain\r\nBcc: a@b", "x"u8.ToArray(), evil)],
        };
        var text = Compose(message);
        Assert.DoesNotContain("\nBcc", text, StringComparison.OrdinalIgnoreCase);
        var read = Read(message);
        Assert.Equal(["Date", "From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "X-Evil", "MIME-Version", "Content-Type"], read.Headers.Select(header => header.Name), StringComparer.Ordinal);
        Assert.Equal("Hi Lee,\nbye.", MessageContent.From(read).Text);
    }

    [Fact]
    public void Callers_may_add_fields_of_their_own() =>
        Assert.Equal("<https://example.com/u>, <mailto:u@example.com>", Read(Message with { Headers = [new("List-Unsubscribe", "<https://example.com/u>, <mailto:u@example.com>")] }).Headers.Get("list-unsubscribe"));

    [Fact]
    public void Long_chains_of_references_keep_the_first_and_the_newest()
    {
        var ids = Enumerable.Range(0, 500).Select(i => $"<{i}@example.com>").ToList();
        var read = Read(Message with { InReplyTo = ids[^1], References = ids }).References;
        Assert.Equal(31, read.Count);
        Assert.Equal(ids[0], read[0]);
        Assert.Equal(ids.TakeLast(30), read.Skip(1), StringComparer.Ordinal);
    }

    [Fact]
    public void No_header_grows_beyond_8_KB()
    {
        var ids = Enumerable.Range(0, 40).Select(i => $"<{i}{new string('x', 900)}@example.com>").ToList();
        var read = Read(Message with { References = ids });
        Assert.InRange(read.Headers.GetRaw("References")!.Value.Length, 1, 8192);
        Assert.Equal(ids[^1], read.References[^1]);
    }

    [Fact]
    public void Lines_are_never_longer_than_the_standard_allows()
    {
        var message = Message with
        {
            Subject = string.Join(' ', Enumerable.Repeat("word", 200)) + new string('y', 3000),
            To = Enumerable.Range(0, 100).Select(i => new Mailbox($"Receiver {i}", $"r{i}", "example.com")).ToList(),
            Text = new string('x', 5000) + "\n" + new string('é', 5000),
            Html = new string('z', 5000),
            Headers = [new("X-Long", new string('h', 5000)), new("X-Words", string.Join(' ', Enumerable.Repeat("w", 3000)))],
            Attachments = [new(new string('n', 500) + ".txt", "text/plain", new byte[5000])],
        };
        var text = Compose(message);
        Assert.All(text.Split("\r\n"), line => Assert.True(line.Length <= 78, line));
        Assert.DoesNotContain("\n\n", text.Replace("\r\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
        var read = Read(message);
        Assert.Equal(message.Subject, read.Subject);
        Assert.Equal(100, read.To.Count);
        Assert.Equal(message.Text, MessageContent.From(read).Text);
    }

    [Theory]
    [InlineData("plain ascii", "7bit")]
    [InlineData("sig\n-- \nKim", "7bit")]
    [InlineData("From here", "quoted-printable")]
    [InlineData("trailing \nx", "quoted-printable")]
    [InlineData("--=_looks like a boundary", "quoted-printable")]
    [InlineData("mostly ascii é", "quoted-printable")]
    [InlineData("包裹还没到", "base64")]
    [InlineData("bell\a", "quoted-printable")]
    public void The_shortest_safe_encoding_is_chosen(string text, string encoding)
    {
        var read = Read(Message with { Text = text });
        Assert.Equal(encoding, read.Headers.Get("Content-Transfer-Encoding"));
        Assert.Equal(text, read.Root.DecodeText().TrimEnd('\n'));
    }

    [Fact]
    public void There_is_no_line_break_that_is_not_CRLF()
    {
        var text = Compose(Message with { Text = "a\nb\rc\r\nd", Html = "<p>\n\r</p>é\n" });
        Assert.DoesNotMatch("[^\r]\n|\r[^\n]", text);
    }

    [Fact]
    public void A_message_without_any_body_is_an_empty_text() =>
        Assert.Equal("", MessageContent.From(Read(Message with { Text = null })).Text);

    [Fact]
    public void An_attachment_of_a_nonsense_type_is_a_stream_of_octets() =>
        Assert.Equal("application/octet-stream", Read(Message with { Attachments = [new("a", "nonsense", new byte[3])] }).FindPart("2")!.MediaType);
}
