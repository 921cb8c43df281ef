using Commune.Mail.Text;
using Commune.Mail.Tests.Mime;

namespace Commune.Mail.Tests.Text;

/// <summary>Random pieces under a fixed seed and a random one: every text is separated, every HTML is read, and what comes out is bounded.</summary>
public sealed class TextFuzzTests(ITestOutputHelper output)
{
    private static readonly string[] Pieces =
    [
        "\n", "> ", ">> ", "On 5 Jan 2026 Kim <kim@example.com> wrote:", "wrote:", "From: Kim", "Sent: Monday", "To: Ola", "Subject: x", "-----Original Message-----",
        "-- \n", "--", "Best,", "Kim Lee", "+44 20 7946 0000", "Sent from my iPhone", "---------- Forwarded message ---------", "a sentence with words.", "于写道：", "\u202B",
        "\uD83D\uDE00", "\0", "<p>", "</p>", "<div class=gmail_quote>", "</div>", "<blockquote type=cite>", "</blockquote>", "<div id=divRplyFwdMsg>", "<b>", "</b>", "<i>", "</i>",
        "<a href='https://a.test/x'>", "</a>", "<pre>", "</pre>", "<table>", "<tr>", "<td>", "<th>", "</tr>", "</table>", "<ul>", "<li>", "<span style='font-size:0'>", "</span>",
        "<p hidden>", "<!--", "-->", "<script>", "</script>", "&amp;", "&#x1F600;", "&", "<", "<img alt='*'>", "<hr>", "<br>", "<h1>", "</h1>", "~~~", "`", "[x](y)", "#", "1.",
        "<style>", "</style>", ".a", "{", "}", "display:none", "color:#fff", "color:rgb(", "font-size:", "1px", ";", ":", "/*", "*/", "\\", "'", "\"", "@media", "(min-width:1px)", "&", ">", ",", "!important",
        "<p class=a style='", "<b style=\"", "background:linear-gradient(", "transform:translate(", ")", "-9999px", "1e999px", "--!>", "<title>", "<svg>", "<bdo dir=rtl>",
    ];

    [Fact]
    public void Whatever_comes_is_read_without_harm()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        foreach (var random in new[] { new Random(20261121), new Random(seed) })
        {
            for (var round = 0; round < 3000; round++)
            {
                var text = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => Pieces[random.Next(Pieces.Length)] + (random.Next(3) == 0 ? "\n" : " ")));
                var plain = ReplyText.Of(text);
                Assert.False(string.IsNullOrWhiteSpace(plain.Reply) && !string.IsNullOrWhiteSpace(text));
                Assert.True(plain.Reply.Length + (plain.Quoted?.Length ?? 0) + (plain.Signature?.Length ?? 0) <= text.Length + 10);
                var html = ReplyText.OfHtml(text);
                Assert.Equal(string.IsNullOrWhiteSpace(HtmlText.ToText(text)), html.Reply.Length == 0);
                var markdown = MarkdownView.OfHtml(text);
                Eml.AssertText(markdown);
                Assert.True(markdown.Length <= 1000 + (50 * text.Length));
                Eml.AssertText(HtmlText.HiddenText(text));
            }
        }
    }
}
