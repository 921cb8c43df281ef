namespace Commune.Mail.Text;

/// <summary>What kinds of HTML elements there are, as far as text goes.</summary>
internal static class HtmlElements
{
    /// <summary>Their content is no text.</summary>
    public static bool IsLeftOut(string name) =>
        name is "script" or "style" or "title" or "textarea" or "xmp" or "iframe" or "noembed" or "noframes"
            or "svg" or "math" or "template" or "select";

    /// <summary>Their content is for programs that do not know them, or waits to be opened.</summary>
    public static bool IsNeverShown(string name) =>
        name is "datalist" or "dialog" or "rp" or "audio" or "video" or "canvas" or "meter" or "progress";

    /// <summary>They have no content and no end tag.</summary>
    public static bool IsVoid(string name) =>
        name is "br" or "hr" or "img" or "input" or "meta" or "link" or "area" or "base" or "col" or "embed" or "source" or "track" or "wbr";

    /// <summary>They stand on lines of their own.</summary>
    public static bool IsBlock(string name) =>
        name is "div" or "tr" or "table" or "section" or "article" or "header" or "footer" or "main" or "nav" or "aside"
            or "address" or "center" or "form" or "fieldset" or "dl" or "dt" or "dd" or "figure" or "figcaption" or "caption"
            or "details" or "summary" or "body" or "html" or "ul" or "ol" or "li" or "blockquote" or "pre";

    /// <summary>1 to 6; 0 for what is no heading.</summary>
    public static int HeadingLevel(string name) => name.Length == 2 && name[0] == 'h' && name[1] is >= '1' and <= '6' ? name[1] - '0' : 0;
}
