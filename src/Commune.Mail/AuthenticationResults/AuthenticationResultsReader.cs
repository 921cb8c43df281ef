using System.Buffers;
using System.Text;
using Commune.Mail.Dkim;
using Commune.Mail.Dns;

namespace Commune.Mail.AuthenticationResults;

/// <summary>Reads as much of Authentication-Results fields (RFC 8601 §2.2) as it takes to tell whose they are.</summary>
public static class AuthenticationResultsReader
{
    /// <summary>The authserv-id of a field's value (what follows the colon); null when it has none.</summary>
    public static string? AuthservId(ReadOnlySpan<byte> value) => SplitId(value, out _);

    /// <summary>The results in the fields of one server, top to bottom, unfolded and joined; empty when there are none.
    /// Only to be asked of a message from which forged fields were removed on arrival.</summary>
    public static string Results(ReadOnlySpan<byte> message, string authservId)
    {
        var fields = HeaderFieldList.Read(message);
        var results = new List<string>();
        for (var i = 0; i < fields.Count; i++)
        {
            if (!fields.IsNamed(message, i, AuthenticationResultsHeader.FieldName))
                continue;
            var value = fields.Value(message, i);
            if (SplitId(value, out var rest) is not { } id || !IsSame(id, authservId))
                continue;
            var start = value[rest..].IndexOf((byte)';');
            var text = start < 0 ? "" : Unfold(value[(rest + start + 1)..]).TrimEnd(';', ' ');
            if (text.Length > 0)
                results.Add(text);
        }

        return string.Join("; ", results);
    }

    /// <summary>RFC 8601 §5: the message without the Authentication-Results fields that bear our own authserv-id, which
    /// only a forger can have put there. Nothing else changes.</summary>
    public static byte[] RemoveForged(ReadOnlySpan<byte> message, string authservId)
    {
        var fields = HeaderFieldList.Read(message);
        var output = new ArrayBufferWriter<byte>(Math.Max(1, message.Length));
        var copied = 0;
        for (var i = 0; i < fields.Count; i++)
        {
            if (!fields.IsNamed(message, i, AuthenticationResultsHeader.FieldName)
                || AuthservId(fields.Value(message, i)) is not { } id
                || !IsSame(id, authservId))
                continue;
            var (start, end) = fields.Place(i);
            output.Write(message[copied..start]);
            copied = end;
        }

        output.Write(message[copied..]);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Ids are compared as domain names are: without regard to case, U-labels as A-labels.</summary>
    private static bool IsSame(string id, string authservId) =>
        id.Equals(authservId, StringComparison.OrdinalIgnoreCase)
        || (DnsName.TryNormalize(id, out var a) && DnsName.TryNormalize(authservId, out var b) && a == b);

    private static string? SplitId(ReadOnlySpan<byte> value, out int rest)
    {
        var at = SkipComments(value, 0);
        rest = at;
        if (at == value.Length)
            return null;
        if (value[at] == (byte)'"')
            return QuotedString(value, ref rest);
        var length = value[at..].IndexOfAny(" \t\r\n;(\""u8);
        rest = length < 0 ? value.Length : at + length;
        return rest == at ? null : Encoding.UTF8.GetString(value[at..rest]);
    }

    private static string QuotedString(ReadOnlySpan<byte> value, ref int at)
    {
        var content = new ArrayBufferWriter<byte>();
        for (at++; at < value.Length && value[at] != (byte)'"'; at++)
        {
            if (value[at] == (byte)'\\' && at + 1 < value.Length)
                at++;
            if (value[at] is not ((byte)'\r' or (byte)'\n'))
                content.Write(value.Slice(at, 1));
        }

        at = Math.Min(at + 1, value.Length);
        return Encoding.UTF8.GetString(content.WrittenSpan);
    }

    /// <summary>Skips CFWS (RFC 5322 §3.2.2): white space and comments, which nest.</summary>
    private static int SkipComments(ReadOnlySpan<byte> value, int at)
    {
        var depth = 0;
        for (; at < value.Length; at++)
        {
            switch (value[at])
            {
                case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                    break;
                case (byte)'(':
                    depth++;
                    break;
                case (byte)')' when depth > 0:
                    depth--;
                    break;
                case (byte)'\\' when depth > 0:
                    at++;
                    break;
                default:
                    if (depth == 0)
                        return at;
                    break;
            }
        }

        return value.Length;
    }

    private static string Unfold(ReadOnlySpan<byte> text) =>
        string.Join(' ', Encoding.UTF8.GetString(text).Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
