using System.Text;
using Commune.Mail.Mime;

namespace Commune.Mail.Tests.Mime;

public sealed class MultipartTests
{
    private static string Tree(MimePart part) =>
        part.Children.Count == 0 ? part.MediaType : $"{part.MediaType}({string.Join(' ', part.Children.Select(Tree))})";

    private static string Body(MimePart part) => Encoding.Latin1.GetString(part.EncodedBody.Span);

    [Fact]
    public void The_simple_multipart_of_RFC_2046_is_split()
    {
        // RFC 2046 §5.1.1
        var message = Eml.Parse("""
            From: Nathaniel Borenstein <nsb@bellcore.com>
            To: Ned Freed <ned@innosoft.com>
            Date: Sun, 21 Mar 1993 23:56:48 -0800 (PST)
            Subject: Sample message
            MIME-Version: 1.0
            Content-type: multipart/mixed; boundary="simple boundary"

            This is the preamble.  It is to be ignored.

            --simple boundary

            This is implicitly typed plain US-ASCII text.
            It does NOT end with a linebreak.
            --simple boundary
            Content-type: text/plain; charset=us-ascii

            This is explicitly typed plain US-ASCII text.
            It DOES end with a linebreak.

            --simple boundary--

            This is the epilogue.  It is also to be ignored.
            """);
        Assert.Equal("multipart/mixed(text/plain text/plain)", Tree(message.Root));
        Assert.Equal("This is implicitly typed plain US-ASCII text.\nIt does NOT end with a linebreak.", message.Root.Children[0].DecodeText());
        Assert.Equal("This is explicitly typed plain US-ASCII text.\nIt DOES end with a linebreak.\n", message.Root.Children[1].DecodeText());
        Assert.Empty(message.Defects);
        Assert.Equal("Sample message", message.Subject);
        Assert.Equal("nsb@bellcore.com", Assert.Single(message.From).Address);
        Assert.Equal(TimeSpan.FromHours(-8), message.Date!.Value.Offset);
    }

    [Fact]
    public void The_parts_of_a_digest_are_messages()
    {
        var message = Eml.Parse("""
            Content-Type: multipart/digest; boundary=d

            --d

            Subject: one

            first
            --d

            Subject: two

            second
            --d--
            """);
        Assert.Equal("multipart/digest(message/rfc822 message/rfc822)", Tree(message.Root));
        Assert.Equal("two", message.Root.Children[1].EmbeddedMessage!.Subject);
    }

    [Fact]
    public void Parts_are_numbered_as_in_IMAP_and_found_by_number()
    {
        var message = Eml.Parse("""
            Content-Type: multipart/mixed; boundary=a

            --a
            Content-Type: multipart/alternative; boundary=b

            --b
            Content-Type: text/plain

            plain
            --b
            Content-Type: text/html

            html
            --b--
            --a
            Content-Type: message/rfc822

            Subject: inner
            Content-Type: multipart/mixed; boundary=c

            --c

            in here
            --c--
            --a--
            """);
        Assert.Equal("", message.Root.Path);
        Assert.Equal("html", message.FindPart("1.2")!.DecodeText());
        Assert.Equal("1.2", message.FindPart("1.2")!.Path);
        Assert.Equal("message/rfc822", message.FindPart("2")!.MediaType);
        Assert.Equal("in here", message.FindPart("2.1")!.DecodeText());
        Assert.Equal("2.1", message.FindPart("2.1")!.Path);
        foreach (var missing in new[] { "0", "3", "1.3", "1.2.1", "x", "1.", ".1", "-1", "2.2", "99999999999" })
            Assert.Null(message.FindPart(missing));
    }

    [Fact]
    public void A_single_part_has_number_one()
    {
        var message = Eml.Parse("Subject: x\n\nbody");
        Assert.Equal("1", message.Root.Path);
        Assert.Same(message.Root, message.FindPart("1"));
    }

    [Fact]
    public void A_boundary_that_starts_another_is_told_apart()
    {
        var message = Eml.Parse("""
            Content-Type: multipart/mixed; boundary=abc

            --abc
            Content-Type: multipart/alternative; boundary=abcd

            --abcd

            one
            --abcd

            two
            --abcd--
            --abc

            three
            --abc--
            """);
        Assert.Equal("multipart/mixed(multipart/alternative(text/plain text/plain) text/plain)", Tree(message.Root));
        Assert.Equal("three", Body(message.Root.Children[1]));
    }

    [Fact]
    public void An_outer_delimiter_ends_inner_parts_that_forgot_to_close()
    {
        var message = Eml.Parse("""
            Content-Type: multipart/mixed; boundary=out

            --out
            Content-Type: multipart/mixed; boundary=in

            --in

            one
            --out

            two
            --out--
            """);
        Assert.Equal("multipart/mixed(multipart/mixed(text/plain) text/plain)", Tree(message.Root));
        Assert.Equal("one", Body(message.Root.Children[0].Children[0]));
        Assert.Equal("two", Body(message.Root.Children[1]));
        Assert.Contains(message.Defects, defect => defect.Kind == MimeDefectKind.MissingCloseDelimiter);
    }

    [Fact]
    public void A_missing_closing_delimiter_keeps_the_last_part()
    {
        var message = Eml.Parse("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n");
        Assert.Equal("two\r\n", Body(message.Root.Children[1]));
        Assert.Equal(MimeDefectKind.MissingCloseDelimiter, Assert.Single(message.Defects).Kind);
    }

    [Theory]
    [InlineData("Content-Type: multipart/mixed", MimeDefectKind.MissingBoundary)]
    [InlineData("Content-Type: multipart/mixed; boundary=\"\"", MimeDefectKind.MissingBoundary)]
    [InlineData("Content-Type: multipart/mixed; boundary=wrong", MimeDefectKind.WrongBoundary)]
    [InlineData("Content-Type: multipart/mixed; boundary=\"real; charset=utf-8", MimeDefectKind.WrongBoundary)]
    public void A_missing_or_wrong_boundary_is_guessed(string header, MimeDefectKind defect)
    {
        var message = Eml.Parse(header + "\n\n-- \nnot this\n--real\nContent-Type: text/html\n\n<p>x\n--real\nContent-Type: text/plain\n\ny\n--real--\n");
        Assert.Equal("multipart/mixed(text/html text/plain)", Tree(message.Root));
        Assert.Equal(defect, message.Defects[0].Kind);
    }

    [Fact]
    public void A_multipart_without_any_part_is_text() =>
        Assert.Equal("just text", Eml.Content("Content-Type: multipart/mixed; boundary=b\n\njust text").Text);

    [Theory]
    [InlineData("--b \t\n\none\n--b--  \n")]
    [InlineData("\n--b\n\none\n--b--")]
    [InlineData("preamble\n--b\n\none\n--b--\nepilogue\n--b\n\nnot a part\n--b--")]
    public void Delimiters_may_be_followed_by_white_space(string body)
    {
        var message = Eml.Parse("Content-Type: multipart/mixed; boundary=b\n\n" + body);
        Assert.Equal("one", Body(Assert.Single(message.Root.Children)));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r")]
    public void Bare_line_ends_split_a_message_as_well(string lineEnd)
    {
        var text = "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n".Replace("\n", lineEnd, StringComparison.Ordinal);
        var message = MimeParser.Parse(Encoding.ASCII.GetBytes(text));
        Assert.Equal("x", message.Subject);
        Assert.Equal(["one", "two"], message.Root.Children.Select(Body), StringComparer.Ordinal);
    }

    [Fact]
    public void A_part_may_consist_of_its_header_alone()
    {
        var message = Eml.Parse("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n--b\n\ntwo\n--b--\n");
        Assert.Equal("multipart/mixed(text/html text/plain)", Tree(message.Root));
        Assert.Equal(0, message.Root.Children[0].EncodedBody.Length);
    }

    [Fact]
    public void A_part_may_be_empty()
    {
        var message = Eml.Parse("Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n\n--b--\n");
        Assert.Equal(2, message.Root.Children.Count);
        Assert.All(message.Root.Children, part => Assert.Equal(0, part.EncodedBody.Length));
    }

    [Fact]
    public void A_delimiter_with_a_colon_is_no_header_field()
    {
        var message = Eml.Parse("Content-Type: multipart/mixed; boundary=\"a:b\"\n\n--a:b\n--a:b\n\nx\n--a:b--\n");
        Assert.Equal(2, message.Root.Children.Count);
        Assert.Equal(0, message.Root.Children[0].Headers.Count);
    }

    [Fact]
    public void The_same_boundary_inside_and_outside_still_gives_all_parts()
    {
        var message = Eml.Parse("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\none\n--b--\n--b\n\ntwo\n--b--\n");
        Assert.Equal("multipart/mixed(multipart/alternative(text/plain) text/plain)", Tree(message.Root));
    }
}
