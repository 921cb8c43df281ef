using Commune.Mail.Text;

namespace Commune.Mail.Tests.Text;

public sealed class MarkdownViewTests
{
    [Theory]
    [InlineData("<h2>Title</h2><p>Text</p>", "## Title\n\nText")]
    [InlineData("<p>a <b>bold</b> and <i>italic</i> word</p>", "a **bold** and *italic* word")]
    [InlineData("<b>one<br>two</b>", "**one**  \n**two**")]
    [InlineData("<ul><li>one<ul><li>deep</li></ul></li></ul>", "- one\n    - deep")]
    [InlineData("<ol><li>one<li>two</ol>", "1. one\n2. two")]
    [InlineData("<a href='https://example.com/a b(c)'>Click [here]</a>", "[Click \\[here\\]](https://example.com/a%20b%28c%29)")]
    [InlineData("<a href='javascript:alert(1)'>Click</a>", "Click")]
    [InlineData("<blockquote>quoted</blockquote>mine", "> quoted\n\nmine")]
    [InlineData("<pre>a *b*\n~~~~\nc</pre>", "~~~~~\na *b*\n~~~~\nc\n~~~~~")]
    [InlineData("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>", "a | b\n--- | ---\n1 | 2")]
    [InlineData("<img alt='A *logo*'>", "A \\*logo\\*")]
    [InlineData("<p># no heading</p><p>- no item</p><p>1. no number</p><p>---</p>", "\\# no heading\n\n\\- no item\n\n1\\. no number\n\n\\---")]
    [InlineData("1<b></b>. split", "1\\. split")]
    [InlineData("&lt;script&gt; &amp;lt; `code` ~~~ | _x_", "\\<script\\> \\&lt; \\`code\\` \\~\\~\\~ \\| \\_x\\_")]
    [InlineData("wow!<a href='https://a.test'>x</a>", "wow\\![x](https://a.test)")]
    public void Markup_is_structure_and_text_is_not(string html, string markdown) => Assert.Equal(markdown, MarkdownView.OfHtml(html));
}
