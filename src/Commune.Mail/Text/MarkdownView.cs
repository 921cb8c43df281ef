namespace Commune.Mail.Text;

/// <summary>A mail as Markdown (CommonMark, with the tables of GFM), for readers and models that want its structure.</summary>
public static class MarkdownView
{
    /// <summary>
    /// Headings, bold and italic, lists, links, code, quotations, tables; images by their alternative text. Only markup makes
    /// structure: every character of the text that Markdown could mistake for it is escaped, and links go nowhere but to
    /// http, https and mailto addresses. Hidden text is left out as by <see cref="HtmlText.ToText"/>. Line ends are LF.
    /// </summary>
    public static string OfHtml(string html) => HtmlText.Read(html, HtmlReading.Markdown).Text;
}
