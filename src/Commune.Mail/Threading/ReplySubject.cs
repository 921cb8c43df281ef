using System.Globalization;
using System.Text;

namespace Commune.Mail.Threading;

/// <summary>
/// The subject without what mailers put in front of it (RFC 5256 §2.1, and the prefixes of other languages).
/// </summary>
public static class ReplySubject
{
    private const int LongestTag = 60;
    private const int LongestPrefix = 12;

    private static readonly HashSet<string> Replies = new(StringComparer.OrdinalIgnoreCase)
    {
        "re", "aw", "antw", "antwort", "sv", "vs", "rif", "r", "odp", "ynt", "vá", "bls", "res", "resp", "rép", "atb", "отв", "ответ",
        "回复", "回覆", "答复", "答覆", "返信", "답장", "回信", "σχετ", "απ", "תגובה", "رد", "ats", "svar",
    };

    private static readonly HashSet<string> Forwards = new(StringComparer.OrdinalIgnoreCase)
    {
        "fw", "fwd", "wg", "vl", "vb", "tr", "rv", "enc", "i", "doorst", "pd", "továbbítás", "trs", "fs", "пересл",
        "转发", "轉寄", "轉發", "転送", "전달", "προωθ", "הועבר", "إعادة توجيه", "pfw", "weiterl",
    };

    /// <summary>The subject for display: prefixes and list tags off, white space collapsed. A subject of nothing else is "".</summary>
    public static string BaseOf(string subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return Strip(Collapse(subject), out _);
    }

    /// <summary>The base in the form that is compared: Unicode NFKC, without regard to case.</summary>
    public static string KeyOf(string subject)
    {
        var key = Commune.Mail.Mime.Charsets.Clean(BaseOf(subject));
        return key.Normalize(NormalizationForm.FormKC).ToUpper(CultureInfo.InvariantCulture).ToLower(CultureInfo.InvariantCulture);
    }

    /// <summary>Whether the subject carries a reply prefix anywhere among its prefixes; a forward alone is no reply.</summary>
    public static bool IsReply(string subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        Strip(Collapse(subject), out var reply);
        return reply;
    }

    private static string Strip(string subject, out bool reply)
    {
        reply = false;
        var rest = subject.AsSpan();
        while (true)
        {
            if (TryPrefix(rest, out var length, out var isReply))
            {
                reply |= isReply;
                rest = rest[length..].TrimStart();
                continue;
            }
            // "[list] subject": the tag goes, unless it is all there is.
            if (rest.StartsWith('[') && rest[..Math.Min(rest.Length, LongestTag)].IndexOf(']') is > 1 and var close
                && !rest[(close + 1)..].Trim().IsEmpty)
            {
                rest = rest[(close + 1)..].TrimStart();
                continue;
            }
            break;
        }
        // RFC 5256 §2.1 step 2: "(fwd)" at the end.
        while (rest.EndsWith("(fwd)", StringComparison.OrdinalIgnoreCase))
            rest = rest[..^5].TrimEnd();
        return rest.ToString();
    }

    /// <summary>"Re:", "RE[2]:", "Re (3):", "Re^2:", "回复：".</summary>
    private static bool TryPrefix(ReadOnlySpan<char> text, out int length, out bool isReply)
    {
        length = 0;
        isReply = false;
        var head = text[..Math.Min(text.Length, LongestPrefix + 10)];
        var colon = head.IndexOfAny(':', '\uFF1A');
        if (colon <= 0)
            return false;
        var word = head[..colon].TrimEnd();
        var counter = word.IndexOfAny("[(^*0123456789");
        if (counter > 0)
        {
            if (word[counter..].ContainsAnyExcept("[]()^*0123456789 "))
                return false;
            word = word[..counter].TrimEnd();
        }
        isReply = Replies.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word);
        length = colon + 1;
        return isReply || Forwards.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word);
    }

    private static string Collapse(string subject)
    {
        var collapsed = new StringBuilder(subject.Length);
        foreach (var c in subject)
        {
            if (!char.IsWhiteSpace(c) && !char.IsControl(c))
                collapsed.Append(c);
            else if (collapsed.Length > 0 && collapsed[^1] != ' ')
                collapsed.Append(' ');
        }
        return collapsed.ToString().TrimEnd();
    }
}
