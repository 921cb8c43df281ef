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

    [Theory]
    [InlineData("<div style='visibility: hidden'>h</div>s")]
    [InlineData("<div style='opacity:0;color:red'>h</div>s")]
    [InlineData("<div style='max-height:0px;overflow:hidden'>h</div>s")]
    [InlineData("<div style='mso-hide:all'>h</div>s")]
    [InlineData("<div style='height:0;overflow:hidden'>h</div>s")]
    [InlineData("<span style='font-size:0'>h</span>s")]
    [InlineData("<span style='color:#ffffff;background:#FFF'>h</span>s")]
    [InlineData("<font color=white style='background-color:#ffffff'>h</font>s")]
    [InlineData("<div style='position:absolute;left:-9999px'>h</div>s")]
    [InlineData("<div style='display:none !important'>h</div>s")]
    public void What_no_reader_sees_is_left_out_and_named(string html)
    {
        Assert.Equal("s", HtmlText.ToText(html));
        Assert.Equal("h", HtmlText.HiddenText(html));
    }

    [Theory]
    [InlineData("<table><tr><td style='font-size:0px'><div style='font-size:13px'>shown</div></td></tr></table>", "shown")]
    [InlineData("<div style='opacity:0.5'>shown</div>", "shown")]
    [InlineData("<div style='font-size:0.9em'>shown</div>", "shown")]
    [InlineData("<table><tr><td style='font-size:0'>&nbsp;</td><td>shown</td></tr></table>", "shown")]
    [InlineData("Hello&zwnj;&nbsp;&zwnj;&nbsp;&#847;&nbsp;&#8199;&#65279;&shy; there", "Hello there")]
    [InlineData("<table role=presentation><tr><td>one</td><td>two</td></tr></table>", "one\ntwo")]
    [InlineData("<table><tr><td><p>a</p></td><td><p>b</p></td></tr></table>", "a\tb")]
    [InlineData("a<hr>b", "a\n\n---\n\nb")]
    [InlineData("<p>a<o:p></o:p></p><p><o:p>&nbsp;</o:p></p><p>b</p>", "a\n\nb")]
    [InlineData("<!--[if mso]>no<![endif]--><![if !mso]>yes<![endif]>", "yes")]
    [InlineData("<img alt=pixel width=1 height=1>x", "x")]
    [InlineData("&notit; &copy2026", "¬it; ©2026")]
    public void What_readers_see_is_text(string html, string text)
    {
        Assert.Equal(text, HtmlText.ToText(html));
        Assert.Equal("", HtmlText.HiddenText(html));
    }
}
