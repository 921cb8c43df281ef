using System.Buffers;
using System.Text;

namespace Commune.Mail.AuthenticationResults;

/// <summary>Builds an Authentication-Results field (RFC 8601 §2.2). Whatever a value holds, it can't end its result or
/// the field.</summary>
/// <param name="authservId">Who says so: the host name of the server as a rule.</param>
public sealed class AuthenticationResultsHeader(string authservId)
{
    public const string FieldName = "Authentication-Results";

    private const int FoldAt = 78;

    // Longer than any domain or path; with it a line stays far from the 998 octets of RFC 5322 §2.1.1.
    private const int MaxValueLength = 320;

    // RFC 2045 §5.1: a token has no tspecials.
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create(
        "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz{|}~");

    private static readonly SearchValues<char> KeywordCharacters = SearchValues.Create(
        "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    private readonly List<IReadOnlyList<string>> _results = [];

    public string AuthservId { get; } = authservId;

    /// <exception cref="ArgumentException">A method, result or property name is no keyword.</exception>
    public AuthenticationResultsHeader Add(AuthenticationMethodResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var words = new List<string> { $"{Keyword(result.Method)}={Keyword(result.Result)}" };
        if (!string.IsNullOrWhiteSpace(result.Reason))
            words.Add($"reason={Quoted(result.Reason)}");
        foreach (var property in result.Properties)
            words.Add($"{Keyword(property.Type)}.{Keyword(property.Name)}={Value(property.Value)}");
        _results.Add(words);
        return this;
    }

    /// <summary>The results on one line, without the authserv-id: what <c>ArcSealer</c> wants. "none" when there are
    /// none (RFC 8601 §2.2 "no-result").</summary>
    public string Results => _results.Count == 0 ? "none" : string.Join("; ", _results.Select(words => string.Join(' ', words)));

    /// <summary>The value on one line.</summary>
    public override string ToString() => $"{Value(AuthservId)}; {Results}";

    /// <summary>The complete, folded field with its final CRLF, to be put in front of the message (RFC 8601 §4.1).</summary>
    public byte[] ToField()
    {
        var text = new StringBuilder($"{FieldName}: {Value(AuthservId)}");
        if (_results.Count == 0)
            return Encoding.UTF8.GetBytes(text.Append("; none\r\n").ToString());
        foreach (var words in _results)
        {
            text.Append(";\r\n\t").Append(words[0]);
            var column = 8 + words[0].Length;
            foreach (var word in words.Skip(1))
            {
                if (column + 1 + word.Length > FoldAt)
                {
                    text.Append("\r\n\t ");
                    column = 8;
                }

                text.Append(column == 8 ? "" : " ").Append(word);
                column += 1 + word.Length;
            }
        }

        return Encoding.UTF8.GetBytes(text.Append("\r\n").ToString());
    }

    /// <summary>Takes away the fields that claim to be ours: <see cref="AuthenticationResultsReader.RemoveForged"/>.</summary>
    public static byte[] RemoveForged(ReadOnlySpan<byte> message, string authservId) =>
        AuthenticationResultsReader.RemoveForged(message, authservId);

    /// <summary>§2.2 "pvalue": a token, an address as it is, and anything else as a quoted string.</summary>
    private static string Value(string text)
    {
        var at = text.LastIndexOf('@');
        var local = at < 0 ? "" : text[..at];
        var rest = text[(at + 1)..];
        return rest.Length > 0 && text.Length <= MaxValueLength
            && !rest.AsSpan().ContainsAnyExcept(TokenCharacters) && !local.AsSpan().ContainsAnyExcept(TokenCharacters)
            ? text
            : Quoted(text);
    }

    /// <summary>RFC 5322 §3.2.4, with a space for each control character.</summary>
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text.Length > MaxValueLength ? text.AsSpan(0, MaxValueLength) : text)
        {
            if (c is '"' or '\\')
                quoted.Append('\\');
            quoted.Append(char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c);
        }

        return quoted.Append('"').ToString();
    }

    private static string Keyword(string word) =>
        word.Length is > 0 and <= 64 && !word.AsSpan().ContainsAnyExcept(KeywordCharacters)
            ? word
            : throw new ArgumentException($"'{word}' is not a keyword of RFC 8601.", nameof(word));
}
