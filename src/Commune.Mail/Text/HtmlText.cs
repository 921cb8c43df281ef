namespace Commune.Mail.Text;

/// <summary>HTML to the text a person would read.</summary>
public static class HtmlText
{
    public static string ToText(string html) => html;
}
