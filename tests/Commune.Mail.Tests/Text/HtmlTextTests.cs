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
    [InlineData("a<!", "a")]
    [InlineData("a<!doctype html>b<!-- c", "ab")]
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
    [InlineData("<!--x--!")]
    [InlineData("<style>.a{display:none}")]
    [InlineData("<style>.a{display:none}</style><p class=a>x</p>")]
    [InlineData("<p style='color:#fff;font-size:1px'>x")]
    [InlineData("<b class='a b c d e f g h'>x</b>")]
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
        Assert.Equal("x", HtmlText.HiddenText(html));
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
    [InlineData("<div style='display:none !important;display:block'>h</div>s")]
    [InlineData("<style>.x { color: red; display:none }</style><p class='a x'>h</p><p>s</p>")]
    [InlineData("<style>/* .x{} */ #z, h6{font-size:0}</style><p id=z>h</p>s")]
    [InlineData("<style>@import 'a'; @media print { p { display: none } } p.x{visibility:hidden}</style><p class=X>h</p><p>s</p>")]
    [InlineData("<style>h6{display:none}</style><h6>h</h6>s")]
    [InlineData("s<p class=x>h</p><style>body .x{display:none}</style>")]
    [InlineData("<span style='font-size:1px'>h</span>s")]
    [InlineData("<font color=\"#ffffff\">h</font>s")]
    [InlineData("<p style='color:#fff'>h</p><p>s</p>")]
    [InlineData("<p style='color: rgb(255, 255, 255)'>h</p><p>s</p>")]
    [InlineData("<p style='color:#fefefe'>h</p><p>s</p>")]
    [InlineData("<p style='color:transparent'>h</p><p>s</p>")]
    [InlineData("<table bgcolor='#112233'><tr><td style='color:#fff'>s<td><font color='#123'>h</font></table>")]
    [InlineData("s<div style='display:none'>h")]
    [InlineData("<!-- <b> --!>s<!-- x --><title>h</title>")]
    [InlineData("s<svg><text>h</text></svg>")]
    [InlineData("s<template>h</template>")]
    [InlineData("s<ruby><rp>h</rp></ruby>")]
    [InlineData("s<dialog>h</dialog>")]
    [InlineData("s<p style='disp&#108;ay:none'>h</p>")]
    [InlineData("s<p style='display:/* */none'>h</p>")]
    [InlineData("s<p style='display:n\\6f ne'>h</p>")]
    [InlineData("s<p style='d\\69splay:n\\one'>h</p>")]
    [InlineData("s<p style=\"font-family:';display:block';display:none;font-family:';display:block'\">h</p>")]
    [InlineData("s<p style='display:none' style='display:block'>h</p>")]
    [InlineData("s<p style='visibility:collapse'>h</p>")]
    [InlineData("s<p style='opacity:.01'>h</p>")]
    [InlineData("s<p style='opacity:1%'>h</p>")]
    [InlineData("s<p style='filter:opacity(0)'>h</p>")]
    [InlineData("s<p style='filter:alpha(opacity=0)'>h</p>")]
    [InlineData("s<p style='transform:scale(0)'>h</p>")]
    [InlineData("s<p style='transform:rotate(3deg) translateX(-9999px)'>h</p>")]
    [InlineData("s<p style='transform:rotateX(90deg)'>h</p>")]
    [InlineData("s<p style='zoom:0.01'>h</p>")]
    [InlineData("s<p style='position:absolute;clip:rect(0 0 0 0)'>h</p>")]
    [InlineData("s<p style='position:absolute;clip:rect(1px,1px,1px,1px)'>h</p>")]
    [InlineData("s<p style='clip-path:inset(100%)'>h</p>")]
    [InlineData("s<p style='clip-path:circle(0)'>h</p>")]
    [InlineData("s<p style='clip-path:polygon(0 0,0 0,0 0)'>h</p>")]
    [InlineData("s<div style='width:1px;height:1px;overflow:hidden'>h</div>")]
    [InlineData("s<div style='width:0;overflow:hidden'>h</div>")]
    [InlineData("s<p style='text-indent:-9999px'>h</p>")]
    [InlineData("s<p style='position:absolute;left:-999px'>h</p>")]
    [InlineData("s<p style='position:absolute;left:-200em'>h</p>")]
    [InlineData("s<p style='position:absolute;top:-100vh'>h</p>")]
    [InlineData("s<p style='position:absolute;left:9999px'>h</p>")]
    [InlineData("s<p style='margin:-9999px 0 0 0'>h</p>")]
    [InlineData("s<p style='letter-spacing:-1em'>h</p>")]
    [InlineData("s<p style='font:0/0 a'>h</p>")]
    [InlineData("s<p style='font:italic 700 1px/1 Arial'>h</p>")]
    [InlineData("s<p style='font-size:1e-3px'>h</p>")]
    [InlineData("s<p style='font-size:calc(0px)'>h</p>")]
    [InlineData("s<p style='font-size:50%'><b style='font-size:.2em'>h</b></p>")]
    [InlineData("s<p style='font-size:1pt'>h</p>")]
    [InlineData("s<p style='color:#f5f5f5'>h</p>")]
    [InlineData("s<div style='opacity:.3'><div style='opacity:.3'><b style='opacity:.3'>h</b></div></div>")]
    [InlineData("s<p style='text-indent:100%;white-space:nowrap;overflow:hidden'>h</p>")]
    [InlineData("s<p style='line-height:0;overflow:hidden'>h</p>")]
    [InlineData("s<p style='height:0;overflow:auto'>h</p>")]
    [InlineData("s<small><small><small><small><small><small><small><small><small><small><small><small>h</small></small></small></small></small></small></small></small></small></small></small></small>")]
    [InlineData("s<p style='color:snow'>h</p>")]
    [InlineData("s<p style='color:#fff0'>h</p>")]
    [InlineData("s<p style='color:#00000000'>h</p>")]
    [InlineData("s<p style='color:rgba(0,0,0,0.02)'>h</p>")]
    [InlineData("s<p style='color:rgb(100% 100% 100%)'>h</p>")]
    [InlineData("s<p style='color:hsl(0 0% 100%)'>h</p>")]
    [InlineData("s<p style='color:oklch(1 0 0)'>h</p>")]
    [InlineData("s<p style='color:lab(100% 0 0)'>h</p>")]
    [InlineData("s<p style='color:Canvas'>h</p>")]
    [InlineData("s<p style='-webkit-text-fill-color:transparent'>h</p>")]
    [InlineData("s<p style='background:currentColor'>h</p>")]
    [InlineData("s<p style='color:#fff'><a>h</a></p>")]
    [InlineData("s<p style='color:#fff;background:linear-gradient(#fff, #fff)'>h</p>")]
    [InlineData("<div style='background:#222'><p style='color:#fff'>s</p><p style='color:#242424'>h</p></div>")]
    [InlineData("<body text=white bgcolor=white>h<p style='color:black'>s</p>")]
    [InlineData("<style>div p{display:none}</style>s<div><b><p>h</p></b></div>")]
    [InlineData("<style>div>p{display:none}</style><section><p>s</p></section><div><p>h</p></div>")]
    [InlineData("<style>.a.b{display:none}</style><p class=a>s</p><p class='b a'>h</p>")]
    [InlineData("<style>[data-x]{display:none}</style><p>s</p><p data-x>h</p>")]
    [InlineData("<style>[class=x]{display:none}</style><p>s</p><p class=x>h</p>")]
    [InlineData("<style>p[data-x='y']{display:none}</style><p>s</p><p data-x=y>h</p>")]
    [InlineData("<style>p:nth-child(2){display:none}</style><p>s</p><p>h</p>")]
    [InlineData("<div><style>p:nth-child(2){display:none}</style><p>h</p><p>s</p></div>")]
    [InlineData("<style>p:not(.a){display:none}</style><p class=a>s</p><p>h</p>")]
    [InlineData("<style>p:not(.a):not(#b).c{display:none}</style><p class='a c'>s</p><p class=c>h</p>")]
    [InlineData("<style>:is(.x){display:none}</style><p>s</p><p class=x>h</p>")]
    [InlineData("<style>body :where(p.x){display:none}</style><p>s</p><p class=x>h</p>")]
    [InlineData("<style>.a{ .b{display:none} }</style>s<div class=a><p class=b>h</p></div>")]
    [InlineData("<style>.a{ &.b{display:none} }</style><p class=a>s</p><p class='a b'>h</p>")]
    [InlineData("<style>@supports (display:grid){.x{display:none}}</style>s<p class=x>h</p>")]
    [InlineData("<style>@media screen and (min-width:1px){.x{display:none}}</style>s<p class=x>h</p>")]
    [InlineData("<style>@media (max-width:99999px){.x{display:none}}</style>s<p class=x>h</p>")]
    [InlineData("<style>@media (prefers-color-scheme:light){.x{display:none}}</style>s<p class=x>h</p>")]
    [InlineData("<style>:root{--x:none}</style>s<p style='display:var(--x)'>h</p>")]
    [InlineData("s<p style='font-size:var(--x)'>h</p>")]
    [InlineData("<style>.x{content:'}';display:none}</style>s<p class=x>h</p>")]
    [InlineData("<style>.x{dis\\70 lay:none}</style>s<p class=x>h</p>")]
    [InlineData("<style>.x{display:none}.x{display:none!important}#i{display:block}</style>s<p id=i class=x>h</p>")]
    [InlineData("<style>.d{background:navy}</style><div class=d style='color:#fff'>s<div><span style='color:navy'>h</span></div></div>")]
    public void What_no_reader_sees_is_left_out_and_named(string html)
    {
        Assert.Equal("s", HtmlText.ToText(html));
        Assert.Equal("h", HtmlText.HiddenText(html));
    }

    [Theory]
    [InlineData("<table><tr><td style='font-size:0px'><div style='font-size:13px'>shown</div></td></tr></table>", "shown")]
    [InlineData("<div style='opacity:0.5'>shown</div>", "shown")]
    [InlineData("<style>@media (max-width:600px) { .x { display:none } } .y .x { display: none }</style><p class=x>shown</p>", "shown")]
    [InlineData("<style>.x{display:none}</style><p class=x style='display:block'>shown</p>", "shown")]
    [InlineData("<!--[if mso]><style>p{display:none}</style><![endif]--><p>shown</p>", "shown")]
    [InlineData("<table><tr><td bgcolor='#0a7'><a style='color:#fff'>shown</a></td></tr></table>", "shown")]
    [InlineData("<div style='background:url(x.png) #fff;color:#fff'>shown</div>", "shown")]
    [InlineData("<td background='x.png'><p style='color:#fff'>shown</p></td>", "shown")]
    [InlineData("<style>.b p{display:none} .a>p{display:none} p+p{display:none}</style><div class=a><div><p>shown</p></div></div>", "shown")]
    [InlineData("<style>.x{display:none} div .x{display:block}</style><div><p class=x>shown</p></div>", "shown")]
    [InlineData("<style>p:nth-of-type(2n) a{background:#000}</style><p><a style='color:#fff'>shown</a></p>", "shown")]
    [InlineData("<style>@media (prefers-color-scheme:dark){body{background:#000;color:#fff}}</style><p>shown</p>", "shown")]
    [InlineData("<table cellpadding=0 style='width:1px'><tr><td style='width:1px;height:1px;overflow:hidden'>shown</td></tr></table>", "shown")]
    [InlineData("<p style='margin-left:-20px;text-indent:-1em;left:-10%'>shown</p>", "shown")]
    [InlineData("<p style='font:bold 13px/1.4 Arial'>shown</p>", "shown")]
    [InlineData("<div style='font-size:0'><p style='font-size:medium'>shown</p></div>", "shown")]
    [InlineData("<p style='color:#999'>shown</p>", "shown")]
    [InlineData("<p style='color:#fff;background:linear-gradient(90deg, #f06, #60f)'>shown</p>", "shown")]
    [InlineData("<p style='transform:rotate(180deg) scale(1.2)'>shown</p>", "shown")]
    [InlineData("<p style='clip-path:inset(0 0 5px 0)'>shown</p>", "shown")]
    [InlineData("<style>.b a{background:#00f}</style><p class=b><a style='color:#fff'>shown</a></p>", "shown")]
    [InlineData("<div style='background:#00c'><table><tr><td>x</td></tr></table><span style='color:#fff'>shown</span></div>", "x\nshown")]
    [InlineData("<div style='font-size:0.9em'>shown</div>", "shown")]
    [InlineData("<table><tr><td style='font-size:0'>&nbsp;</td><td>shown</td></tr></table>", "shown")]
    [InlineData("Hello&zwnj;&nbsp;&zwnj;&nbsp;&#847;&nbsp;&#8199;&#65279;&shy; there", "Hello there")]
    [InlineData("<table role=presentation><tr><td>one</td><td>two</td></tr></table>", "one\ntwo")]
    [InlineData("<table><tr><td><p>a</p></td><td><p>b</p></td></tr></table>", "a\tb")]
    [InlineData("a<hr>b", "a\n\n---\n\nb")]
    [InlineData("<p>a<o:p></o:p></p><p><o:p>&nbsp;</o:p></p><p>b</p>", "a\n\nb")]
    [InlineData("<!--[if mso]>no<![endif]--><![if !mso]>yes<![endif]>", "yes")]
    [InlineData("<dialog open>shown</dialog>", "shown")]
    [InlineData("<img alt=pixel width=1 height=1>x", "x")]
    [InlineData("&notit; &copy2026", "¬it; ©2026")]
    public void What_readers_see_is_text(string html, string text)
    {
        Assert.Equal(text, HtmlText.ToText(html));
        Assert.Equal("", HtmlText.HiddenText(html));
    }

    public static TheoryData<string, string> Covers() => new()
    {
        { "rules", "<style>" + string.Concat(Enumerable.Range(0, 5000).Select(static i => $".c{i}{{color:red}}")) + ".x{display:none}</style>s<p class=x>h</p>" },
        { "rules of one name", "<style>" + string.Concat(Enumerable.Repeat(".x{color:red}", 300)) + ".x{display:none}</style>s<p class=x>h</p>" },
        { "classes", "<style>.x{display:none}</style>s<p class='" + string.Concat(Enumerable.Range(0, 60).Select(static i => $"a{i} ")) + "x'>h</p>" },
        { "steps", "<style>" + string.Concat(Enumerable.Repeat("* i * b{color:red}", 200)) + ".y .x{display:none}</style>s" + string.Concat(Enumerable.Repeat("<b></b>", 20_000)) + "<p class=y><u class=x>h</u></p>" },
        { "attributes", "s<p " + string.Concat(Enumerable.Range(0, 300).Select(static i => $"a{i}=1 ")) + "style=display:none>h</p>" },
        { "depth", "s" + string.Concat(Enumerable.Repeat("<span>", 400)) + "<b style='color:#fff'>h</b>" },
    };

    [Theory]
    [MemberData(nameof(Covers))]
    public void Nothing_is_hidden_behind_a_crowd(string crowd, string html)
    {
        Assert.Equal((crowd, "s"), (crowd, HtmlText.ToText(html)));
        Assert.Equal("h", HtmlText.HiddenText(html));
    }

    [Theory]
    [InlineData("div p b i u.z{display:none}", "<div><p><b><i>")]
    [InlineData(".a .a .a .a .a .a .a .b{display:none}", "<b class=a>")]
    [InlineData(".a>.a .a>.a .a>.b{display:none}", "<b class=a><i class=a>x</i>")]
    [InlineData("*{color:red}", "<i>")]
    [InlineData("{{{{{{{{", "<i>")]
    [InlineData("a{b{c{d{e{", "<i>")]
    [InlineData("a,b,c,d,e,f,g{h,i,j,k{color:red}}", "<i>x</i>")]
    [InlineData("/*", "<i>")]
    [InlineData("'\\", "<i>")]
    [InlineData("\\6f ", "<i>")]
    public void A_style_sheet_that_is_made_to_be_slow_is_not(string css, string markup)
    {
        var html = "<style>" + string.Concat(Enumerable.Repeat(css, 200_000 / css.Length)) + "</style>" + string.Concat(Enumerable.Repeat(markup, 400_000 / markup.Length));
        var half = Time(html[..(html.Length / 2)]);
        var whole = Time(html);
        Assert.True(whole < Math.Max(1500, half * 8), $"{half} ms, then {whole} ms");

        static double Time(string html)
        {
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            HtmlText.HiddenText(html);
            return System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
    }
}
