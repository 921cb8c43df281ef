using System.Globalization;
using System.Text;

namespace Commune.Mail.Mime;

/// <summary>A value with parameters, as in Content-Type and Content-Disposition: RFC 2045 §5.1, RFC 2231.</summary>
internal sealed class HeaderParameters
{
    private const int MostParameters = 200;
    private const int MostSections = 1000;

    public static HeaderParameters Empty { get; } = new("", new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase));

    private HeaderParameters(string value, Dictionary<string, string> parameters)
    {
        Value = value;
        Parameters = parameters;
    }

    /// <summary>What stands before the first semicolon, in lower case, without comments.</summary>
    public string Value { get; }

    public Dictionary<string, string> Parameters { get; }

    private readonly record struct Section(string Name, int Index, bool Encoded, string Text);

    public static HeaderParameters Parse(string text)
    {
        var rest = text.AsSpan();
        var semicolon = rest.IndexOf(';');
        // "multipart/mixed boundary=b", "multipart/mixed, boundary=b": the semicolon was forgotten.
        if ((semicolon < 0 ? rest : rest[..semicolon]).Contains('='))
            semicolon = rest.IndexOfAny(" ,\t");
        var value = WithoutComment(semicolon < 0 ? rest : rest[..semicolon]).Trim(" \t\"").ToString().ToLowerInvariant();
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        List<Section>? sections = null;
        var at = semicolon < 0 ? rest.Length : semicolon + 1;
        while (at < rest.Length && parameters.Count < MostParameters && (sections?.Count ?? 0) < MostSections)
        {
            var equals = rest[at..].IndexOfAny('=', ';');
            if (equals < 0)
                break;
            var name = rest.Slice(at, equals).Trim();
            at += equals + 1;
            if (rest[at - 1] == ';')
                continue;
            var isFile = name.EndsWith("name", StringComparison.OrdinalIgnoreCase);
            var content = ReadValue(rest, ref at, isFile);
            if (name.IsEmpty)
                continue;
            var star = name.IndexOf('*');
            if (star < 0)
                parameters.TryAdd(name.ToString(), content);
            else if (TryReadSection(name, star, content, out var section))
                (sections ??= []).Add(section);
        }
        if (sections is not null)
            Join(sections, parameters);
        return new HeaderParameters(value, parameters);
    }

    private static string ReadValue(ReadOnlySpan<char> text, ref int at, bool keepComment)
    {
        while (at < text.Length && text[at] is ' ' or '\t')
            at++;
        if (at < text.Length && text[at] == '"')
            return ReadQuoted(text, ref at);
        var end = text[at..].IndexOf(';');
        var value = end < 0 ? text[at..] : text.Slice(at, end);
        at += end < 0 ? value.Length : end + 1;
        return (keepComment ? value : WithoutComment(value)).Trim().ToString();
    }

    private static string ReadQuoted(ReadOnlySpan<char> text, ref int at)
    {
        var value = new StringBuilder();
        at++;
        while (at < text.Length && text[at] != '"')
        {
            // Windows paths are written without doubling their backslashes; only quotes and backslashes are escaped.
            if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] is '"' or '\\')
                at++;
            value.Append(text[at++]);
        }
        var end = at < text.Length ? text[at..].IndexOf(';') : -1;
        at = end < 0 ? text.Length : at + end + 1;
        return value.ToString();
    }

    /// <summary>Drops a comment after a token: <c>us-ascii (Plain text)</c>. A file name keeps <c>a (1).pdf</c>.</summary>
    private static ReadOnlySpan<char> WithoutComment(ReadOnlySpan<char> value)
    {
        value = value.Trim();
        if (value.IsEmpty || value[^1] != ')')
            return value;
        var open = value.IndexOf('(');
        return open >= 0 ? value[..open].TrimEnd() : value;
    }

    // RFC 2231 §3 and §4: "name*" is encoded, "name*0", "name*1*"… are pieces of one value.
    private static bool TryReadSection(ReadOnlySpan<char> name, int star, string text, out Section section)
    {
        section = default;
        var index = name[(star + 1)..];
        var encoded = index.IsEmpty || index[^1] == '*';
        index = index.TrimEnd('*');
        var number = 0;
        if (!index.IsEmpty && (index.Length > 4 || !int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out number)))
            return false;
        section = new Section(name[..star].ToString(), number, encoded, text);
        return true;
    }

    private static void Join(List<Section> sections, Dictionary<string, string> parameters)
    {
        foreach (var group in sections.GroupBy(section => section.Name, StringComparer.OrdinalIgnoreCase))
        {
            var joined = new StringBuilder();
            var bytes = new List<byte>();
            var charset = "utf-8";
            var first = true;
            foreach (var section in group.OrderBy(section => section.Index))
            {
                var text = section.Text;
                if (section.Encoded && first)
                    text = TakeCharset(text, ref charset);
                first = false;
                if (section.Encoded)
                {
                    PercentDecode(text, bytes);
                    continue;
                }
                Flush(joined, bytes, charset);
                joined.Append(text);
            }
            Flush(joined, bytes, charset);
            // The encoded form is the better one when a plain fallback stands beside it.
            parameters[group.Key] = joined.ToString();
        }
    }

    private static string TakeCharset(string text, ref string charset)
    {
        var one = text.IndexOf('\'', StringComparison.Ordinal);
        var two = one < 0 ? -1 : text.IndexOf('\'', one + 1);
        if (two < 0)
            return text;
        if (one > 0)
            charset = text[..one];
        return text[(two + 1)..];
    }

    private static void PercentDecode(string text, List<byte> bytes)
    {
        Span<byte> utf8 = stackalloc byte[4];
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && text[i + 1] < 0x80 && text[i + 2] < 0x80
                && TransferEncoding.TryHex((byte)text[i + 1], (byte)text[i + 2], out var value))
            {
                bytes.Add(value);
                i += 2;
            }
            else if (text[i] < 0x80)
            {
                bytes.Add((byte)text[i]);
            }
            else if (Rune.TryGetRuneAt(text, i, out var rune))
            {
                bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
                i += rune.Utf16SequenceLength - 1;
            }
        }
    }

    private static void Flush(StringBuilder joined, List<byte> bytes, string charset)
    {
        if (bytes.Count == 0)
            return;
        joined.Append(Charsets.Decode(charset, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes)));
        bytes.Clear();
    }
}
