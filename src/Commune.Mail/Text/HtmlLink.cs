using System.Buffers;
using System.Globalization;
using System.Text;

namespace Commune.Mail.Text;

/// <summary>The open link: its address follows its text, unless it reads the same.</summary>
internal sealed class HtmlLink(TextLines lines, bool isMarkdown)
{
    private const int Longest = 2000;

    private string? _url;
    private int _start;

    public void Begin(string? url)
    {
        _url = url?.Trim();
        _start = lines.Length;
        if (isMarkdown && _url is { Length: > 0 and < Longest } && IsShown(_url))
            lines.BeginLink(Safe(_url));
    }

    public void End()
    {
        var url = _url;
        _url = null;
        if (isMarkdown)
        {
            lines.EndLink();
            return;
        }
        if (string.IsNullOrEmpty(url) || !IsShown(url))
            return;
        var text = lines.Since(_start).Trim();
        if (text.IsEmpty || !SameAddress(text, url))
            lines.AppendLink(url);
    }

    private static bool IsShown(string url) =>
        url.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
        || url.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
        || url.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase);

    private static bool SameAddress(ReadOnlySpan<char> text, ReadOnlySpan<char> url) =>
        Bare(text).Equals(Bare(url), StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> Bare(ReadOnlySpan<char> url)
    {
        foreach (var scheme in (ReadOnlySpan<string>)["http://", "https://", "mailto:"])
        {
            if (url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            {
                url = url[scheme.Length..];
                break;
            }
        }
        return url.TrimEnd('/');
    }

    // What could end the address of a Markdown link is written in its percent form.
    private static string Safe(string url)
    {
        if (!url.AsSpan().ContainsAny(Unsafe) && !url.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
            return url;
        var safe = new StringBuilder(url.Length);
        foreach (var c in url)
        {
            if (char.IsControl(c) || c > 0x7F && char.IsWhiteSpace(c))
                continue;
            if (Unsafe.Contains(c))
                safe.Append('%').Append(((int)c).ToString("X2", CultureInfo.InvariantCulture));
            else
                safe.Append(c);
        }
        return safe.ToString();
    }

    private static readonly SearchValues<char> Unsafe = SearchValues.Create(" ()<>[]\\`*_|\"");
}
