using Commune.Mail.Text;

namespace Commune.Mail.Tests.Text;

public sealed class HtmlTextTests
{
    [Theory]
    [InlineData("<p>One</p><p>Two</p>", "One\n\nTwo")]
    [InlineData("one<br>two<br/><br>three", "one\ntwo\n\nthree")]
    [InlineData("<div>one</div><div>two</div>", "one\ntwo")]
    [InlineData("<div>one</div>\n<div><br></div>\n<div>two</div>", "one\n\ntwo")]
    [InlineData("  many \n spaces&nbsp;&nbsp;here ", "many spaces here")]
    [InlineData("&lt;b&gt; &amp; &eacute; &#8364; &#x20AC; &hellip;", "<b> & é € € …")]
    [InlineData("<head><title>t</title><style>p{}</style></head><body>x</body>", "x")]
    [InlineData("a<script>if (a < b) { '</p>' }</script>b", "ab")]
    [InlineData("a<style>b > c { }</style>b", "ab")]
    [InlineData("<!-- <p>no</p> -->yes<!--[if mso]><p>no</p><![endif]-->", "yes")]
    [InlineData("<ul><li>one</li><li>two<ul><li>deep</li></ul></li></ul>after", "- one\n- two\n  - deep\n\nafter")]
    [InlineData("<ol><li>one<li>two</ol>", "1. one\n2. two")]
    [InlineData("<ol start=5><li>five</ol>", "5. five")]
    [InlineData("<table><tr><td>a</td><td>b</td></tr><tr><td>c<td>d</table>", "a\tb\nc\td")]
    [InlineData("<a href=\"https://example.com/x\">Click</a>", "Click (https://example.com/x)")]
    [InlineData("<a href=\"https://example.com/\">example.com</a>", "example.com")]
    [InlineData("<a href=\"mailto:kim@example.com\">kim@example.com</a>", "kim@example.com")]
    [InlineData("<a href=\"mailto:kim@example.com\">Kim</a>", "Kim (mailto:kim@example.com)")]
    [InlineData("<a href=\"javascript:alert(1)\">Click</a>", "Click")]
    [InlineData("<a href=\"#top\">Top</a>", "Top")]
    [InlineData("<a href=\"http://a.test\">a<a href=\"http://b.test\">b</a>", "a (http://a.test)b (http://b.test)")]
    [InlineData("<blockquote>one<br>two<blockquote>deep</blockquote></blockquote>mine", "> one\n> two\n>\n>> deep\n\nmine")]
    [InlineData("<pre>  a\n    b\n\nc</pre>", "  a\n    b\n\nc")]
    [InlineData("<img alt=\"Logo\"> x", "Logo x")]
    [InlineData("<p>a</p><p> </p><p></p><p>b</p>", "a\n\nb")]
    [InlineData("<div style=\"display: none\">hidden <div>deep</div> too</div>shown", "shown")]
    [InlineData("<p style='display:none'>hidden<p>shown", "shown")]
    [InlineData("<span hidden>hidden</span>shown", "shown")]
    [InlineData("<div style=\"display:none\">all is hidden and never closed", "all is hidden and never closed")]
    [InlineData("<div><p style='display:none'>hidden</div>shown <p>too", "shown\n\ntoo")]
    [InlineData("<div style='display:none'>a<div>b</div><p>c<br>d</div>shown", "shown")]
    [InlineData("<table><tr><td hidden>a<td>b<tr style='DISPLAY : NONE'><td>c<tr><td>d</table>", "b\nd")]
    [InlineData("a<select><option>no<option>neither</select>b", "ab")]
    [InlineData("<p hidden><span>no<p>shown", "shown")]
    [InlineData("<p hidden/><div>shown</div>", "shown")]
    [InlineData("<div style='display:block'>shown</div>", "shown")]
    [InlineData("<pre>   </pre>x", "x")]
    [InlineData("a<script/>no</script>b", "ab")]
    [InlineData("<object>fallback</object>", "fallback")]
    [InlineData("<h1>Title</h1>text", "Title\n\ntext")]
    [InlineData("soft&shy;hyphen", "softhyphen")]
    [InlineData("<b>bo</b>ld", "bold")]
    [InlineData("a < b > c", "a < b > c")]
    [InlineData("<p", "")]
    [InlineData("", "")]
    [InlineData("<svg><text>no</text></svg>yes", "yes")]
    [InlineData("<textarea><p>no</textarea>yes", "yes")]
    public void Html_reads_as_text(string html, string expected) => Assert.Equal(expected, HtmlText.ToText(html));

    [Fact]
    public void A_hundred_thousand_nested_elements_are_read() =>
        Assert.Equal("x", HtmlText.ToText(string.Concat(Enumerable.Repeat("<div>", 100_000)) + "x"));

    [Theory]
    [InlineData("<b>")]
    [InlineData("<p><font color=1>")]
    [InlineData("<a href=http://a.test>x")]
    [InlineData("<blockquote>x")]
    [InlineData("<ul><li>x")]
    [InlineData("<table><tr><td>x")]
    [InlineData("</div>")]
    [InlineData("<")]
    [InlineData("&")]
    [InlineData("&amp")]
    [InlineData("<!--")]
    [InlineData("<p hidden>")]
    [InlineData("<svg>")]
    [InlineData("<![CDATA[")]
    [InlineData("<script>")]
    [InlineData("</title")]
    public void A_megabyte_of_one_thing_gives_a_bounded_text(string piece)
    {
        var html = string.Concat(Enumerable.Repeat(piece, HtmlText.LongestHtml / piece.Length));
        Assert.True(HtmlText.ToText(html).Length <= 8 * HtmlText.LongestHtml);
    }

    [Theory]
    [InlineData(" a{0}=1")]
    [InlineData(" href=1")]
    [InlineData(" style='x'")]
    public void A_tag_with_a_hundred_thousand_attributes_is_read(string attribute)
    {
        var html = "<p" + string.Concat(Enumerable.Range(0, 100_000).Select(i => string.Format(null, attribute, i))) + ">x";
        Assert.Equal("x", HtmlText.ToText(html));
    }

    [Fact]
    public void Html_beyond_a_megabyte_is_cut() =>
        Assert.Equal(HtmlText.LongestHtml, HtmlText.ToText(new string('x', 2 * HtmlText.LongestHtml)).Length);

    [Fact]
    public void NUL_does_not_come_out() => Assert.DoesNotContain('\0', HtmlText.ToText("a\0b&#0;c<pre>\0</pre>"));
}
