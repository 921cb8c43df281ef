using System.Text;
using Commune.Mail.Mime;

namespace Commune.Mail.Tests.Mime;

public sealed class HostileMimeTests
{
    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    [Fact]
    public void A_hundred_thousand_nested_multiparts_end_at_the_limit()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 100_000; i++)
            text.Append("Content-Type: multipart/mixed; boundary=b").Append(i).Append("\n\n--b").Append(i).Append('\n');
        var message = Eml.Parse(text + "\ndeep");
        var depth = 0;
        for (var part = message.Root; part.Children.Count > 0; part = part.Children[0])
            depth++;
        Assert.Equal(64, depth);
        Assert.Contains(message.Defects, defect => defect.Kind == MimeDefectKind.TooDeep);
        Eml.Exhaust(message);
    }

    [Fact]
    public void A_hundred_thousand_multiparts_with_one_boundary_end_at_the_limit()
    {
        var message = Eml.Parse(Repeat("Content-Type: multipart/mixed; boundary=b\n\n--b\n", 100_000) + "\ndeep");
        Assert.Contains(message.Defects, defect => defect.Kind == MimeDefectKind.TooDeep);
        Eml.Exhaust(message);
    }

    [Fact]
    public void Messages_in_messages_end_at_the_limit()
    {
        var part = Eml.Parse(Repeat("Content-Type: message/rfc822\n\n", 100_000)).Root;
        var depth = 0;
        while (part.EmbeddedMessage is { } embedded)
        {
            part = embedded.Root;
            depth++;
        }
        Assert.Equal(63, depth);
    }

    [Fact]
    public void A_megabyte_in_one_header_field_is_cut_to_the_limit()
    {
        var message = Eml.Parse($"Subject: {new string('x', 1_000_000)}\n\nbody");
        Assert.Equal(256 * 1024 - 1, message.Subject.Length);
        Assert.Equal("body", message.Root.DecodeText());
    }

    [Theory]
    [InlineData("X: y\n")]
    [InlineData(" \n")]
    [InlineData("X:\n")]
    [InlineData("To: a@b,\n c@d\n")]
    [InlineData("Content-Type: multipart/mixed\n")]
    [InlineData("Content-Type: multipart/mixed; boundary=b\n\n--b\n")]
    [InlineData("References: <a@b>\n")]
    [InlineData("--\n")]
    [InlineData("\n--b")]
    [InlineData("=")]
    [InlineData("= \t")]
    [InlineData("From ")]
    [InlineData("\n\n")]
    public void A_megabyte_of_one_thing_is_read(string piece) =>
        Eml.Exhaust(Eml.Parse("Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: quoted-printable\n" + Repeat(piece, 1_000_000 / piece.Length)));

    [Fact]
    public void A_hundred_thousand_delimiters_give_parts_up_to_the_limit()
    {
        var message = Eml.Parse("Content-Type: multipart/mixed; boundary=b\n\n" + Repeat("--b\n\nx\n", 100_000));
        Assert.Equal(1999, message.Root.Children.Count);
        Assert.Contains(message.Defects, defect => defect.Kind == MimeDefectKind.TooManyParts);
        // What is over is not lost: the last part holds it.
        Assert.EndsWith("--b\r\n\r\nx\r\n", Encoding.ASCII.GetString(message.Root.Children[^1].EncodedBody.Span), StringComparison.Ordinal);
        Eml.Exhaust(message);
    }

    [Fact]
    public void Exactly_as_many_parts_as_allowed_are_no_defect()
    {
        var message = Eml.Parse("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\n\ny\n--b--\n", new MimeLimits { MaxParts = 3 });
        Assert.Empty(message.Defects);
        Assert.Equal("y", message.Root.Children[1].DecodeText());
    }

    [Fact]
    public void Limits_can_be_set()
    {
        var limits = new MimeLimits { MaxDepth = 1, MaxParts = 3, MaxHeaders = 2, MaxHeaderBytes = 100 };
        var message = Eml.Parse("Content-Type: multipart/mixed; boundary=b\nA: 1\nB: 2\n\n--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n--b\n\ny\n--b\n\nz\n--b--", limits);
        Assert.Equal(2, message.Headers.Count);
        Assert.Equal(2, message.Root.Children.Count);
        Assert.Empty(message.Root.Children[0].Children);
    }

    [Fact]
    public void A_long_boundary_is_compared_in_linear_time()
    {
        var boundary = new string('b', 100_000);
        var message = Eml.Parse($"Content-Type: multipart/mixed; boundary={boundary}\n\n" + Repeat("--bbbb\n", 100_000) + $"--{boundary}\n\nx");
        Assert.Equal("x", message.Root.Children[0].DecodeText());
    }

    [Fact]
    public void Defects_are_bounded()
    {
        var message = Eml.Parse("Content-Type: multipart/mixed; boundary=b\n\n" + Repeat("--b\nContent-Type: multipart/mixed\n\nx\n", 2000));
        Assert.InRange(message.Defects.Count, 1, 100);
    }
}
