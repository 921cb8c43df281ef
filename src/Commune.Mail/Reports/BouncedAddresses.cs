using System.Buffers;
using System.Text;

namespace Commune.Mail.Reports;

internal sealed class FoundRecipient(string address)
{
    public string Address { get; } = address;

    /// <summary>One line.</summary>
    public string Reason { get; set; } = "";
}

/// <summary>Which addresses the text of a bounce is about, and why.</summary>
internal static class BouncedAddresses
{
    public const int MostRecipients = 1000;
    private const int LongestReason = 1000;

    /// <summary>Labels of header fields: what stands behind them is not a recipient that failed.</summary>
    private static readonly HashSet<string> OtherLabels = new(StringComparer.OrdinalIgnoreCase)
    {
        "From", "Reply-To", "Sender", "Return-Path", "Cc", "Bcc", "Message-ID", "Subject", "Date", "Received", "Envelope-From", "Errors-To", "Contact", "In-Reply-To", "References", "X-Sender", "Mail From",
        "Von", "De", "Da", "Van", "差出人", "发件人", "寄件者", "expanded from", "generated from", "reporting-mta", "help", "support", "postmaster",
    };

    private static readonly SearchValues<char> Quotes = SearchValues.Create("<\"'[(*•·-–> \t\u00A0「『«“");

    /// <param name="failed">Addresses that a header field names; they need no line of their own.</param>
    /// <param name="senders">Addresses of the original's sender: the bounce mentions them, they did not fail.</param>
    public static List<FoundRecipient> Find(string report, List<string> failed, List<string> senders, OriginalMessage? original)
    {
        var found = ByLines(report);
        foreach (var address in failed)
            Find(found, address);
        if (found.Count > 1 || failed.Count > 0)
            found.RemoveAll(f => senders.Contains(f.Address.ToLowerInvariant(), StringComparer.Ordinal) && !failed.Contains(f.Address, StringComparer.OrdinalIgnoreCase));
        if (found.Count == 0)
            BySentence(report, senders, found);
        if (found.Count == 0 && original is { To.Count: 1 } && original.To[0].Address.Length <= ReportAddress.LongestAddress)
            found.Add(new FoundRecipient(original.To[0].Address));
        Complete(report, found);
        return found;
    }

    private static List<FoundRecipient> ByLines(string report)
    {
        var found = new List<FoundRecipient>();
        var byAddress = new Dictionary<string, FoundRecipient>(StringComparer.OrdinalIgnoreCase);
        // Those whose reason is still to come: several addresses in a row share the one that follows.
        var waiting = new List<(FoundRecipient Recipient, StringBuilder Reason)>();
        foreach (var range in report.AsSpan().Split('\n'))
        {
            var line = report.AsSpan(range);
            var address = RecipientOf(line, out var rest);
            var again = waiting.Count > 0 && waiting[^1].Reason.Length > 0 && address.Equals(waiting[^1].Recipient.Address, StringComparison.OrdinalIgnoreCase);
            if (!address.IsEmpty && !again && byAddress.Count < MostRecipients)
            {
                if (waiting.Count > 0 && waiting[^1].Reason.Length > 0)
                    Settle(waiting);
                var text = address.ToString();
                if (!byAddress.TryGetValue(text, out var recipient))
                {
                    byAddress.Add(text, recipient = new FoundRecipient(text));
                    found.Add(recipient);
                }
                waiting.Add((recipient, new StringBuilder().Append(rest)));
            }
            else if (line.IsWhiteSpace() || IsRule(line))
            {
                // "because:" announces the reason.
                if (waiting.Count > 0 && waiting[^1].Reason is { Length: > 0 } told && told[^1] != ':')
                    Settle(waiting);
            }
            else if (waiting.Count > 0 && waiting[^1].Reason.Length < LongestReason)
            {
                var reason = waiting[^1].Reason;
                if (reason.Length > 0)
                    reason.Append(' ');
                reason.Append(line.Trim());
            }
        }
        Settle(waiting);
        return found;
    }

    private static void Settle(List<(FoundRecipient Recipient, StringBuilder Reason)> waiting)
    {
        if (waiting.Count == 0)
            return;
        var shared = Tidy(waiting[^1].Reason.ToString());
        foreach (var (recipient, own) in waiting)
        {
            var reason = own.Length > 0 ? Tidy(own.ToString()) : shared;
            // The same address told about twice: once in words, once with the code.
            if (recipient.Reason.Length == 0 || (!HasCode(recipient.Reason) && HasCode(reason)))
                recipient.Reason = reason;
        }
        waiting.Clear();
    }

    /// <summary>
    /// The address a line is about: it stands first (perhaps in brackets), behind a label ("Unknown user:"), or in a link at the end
    /// ("Jane &lt;mailto:jane@example.org&gt;"). <paramref name="rest"/> is what the line says of it.
    /// </summary>
    private static ReadOnlySpan<char> RecipientOf(ReadOnlySpan<char> line, out ReadOnlySpan<char> rest)
    {
        rest = default;
        if (!line.Contains('@'))
            return default;
        var text = line.TrimStart(" \t\u00A0");
        var bare = SkipQuotes(text);
        if (bare.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
            bare = bare["mailto:".Length..];
        var length = ReportAddress.LengthAtStart(bare);
        if (length > 0)
            return Accept(bare[..length], bare[length..], out rest);

        var colon = text.IndexOfAny(':', '：');
        if (colon is > 0 and <= 60 && !OtherLabels.Contains(text[..colon].Trim().ToString()) && !text[..colon].Contains('@'))
        {
            var behind = SkipQuotes(text[(colon + 1)..]);
            length = ReportAddress.LengthAtStart(behind);
            if (length > 0 && Accept(behind[..length], behind[length..], out rest) is { IsEmpty: false } labelled)
            {
                // "Unknown user: a@b": the label is the reason.
                var label = text[..colon].Trim();
                if (rest.IsEmpty && (BouncePhrases.Undelivered.In(label) || BouncePhrases.NoSuchUser.In(label) || BouncePhrases.Full.In(label)))
                    rest = label;
                return labelled;
            }
        }
        var link = text.IndexOf("<mailto:", StringComparison.OrdinalIgnoreCase);
        if (link > 0 && text.TrimEnd().EndsWith(">") && !text[..link].Contains(':'))
        {
            var behind = text[(link + "<mailto:".Length)..];
            length = ReportAddress.LengthAtStart(behind);
            if (length > 0)
                return behind[..length];
        }
        return default;
    }

    private static ReadOnlySpan<char> SkipQuotes(ReadOnlySpan<char> text)
    {
        var skip = 0;
        while (skip < text.Length && skip < 12 && Quotes.Contains(text[skip]))
            skip++;
        return text[skip..];
    }

    /// <summary>An address that begins a sentence of prose is no heading: punctuation, a bracket or the end must follow.</summary>
    private static ReadOnlySpan<char> Accept(ReadOnlySpan<char> address, ReadOnlySpan<char> behind, out ReadOnlySpan<char> rest)
    {
        rest = default;
        var after = behind.TrimStart(">\"')]*」』»”");
        // "a@b<mailto:a@b>" and "a@b [a@b]" say it twice.
        if (after.TrimStart().StartsWith("<mailto:", StringComparison.OrdinalIgnoreCase) && after.IndexOf('>') is > 0 and var close)
            after = after[(close + 1)..];
        var trimmed = after.TrimStart(" \t");
        if (trimmed.IsWhiteSpace())
            return address;
        if (trimmed[0] is ':' or '：' or ',' or ';' or '(' or '-' or '–' or '#' or '=' or '.' || (after.Length < behind.Length && after[0] is ' ' or '\t') || trimmed.StartsWith("...")
            || char.IsAsciiDigit(trimmed[0]) || BouncePhrases.NoSuchUser.In(trimmed) || BouncePhrases.Full.In(trimmed))
        {
            rest = trimmed.TrimStart(":：,;-–=. \t").TrimEnd();
            return address;
        }
        return default;
    }

    /// <summary>"Your message to a@b couldn't be delivered": the first address on a line that speaks of failure, or of the line after it.</summary>
    private static void BySentence(string report, List<string> senders, List<FoundRecipient> found)
    {
        FoundRecipient? first = null;
        foreach (var range in report.AsSpan().Split('\n'))
        {
            var line = report.AsSpan(range);
            var tells = BouncePhrases.Undelivered.In(line) || BouncePhrases.NoSuchUser.In(line) || BouncePhrases.Full.In(line);
            while (!line.IsEmpty && found.Count < MostRecipients)
            {
                var address = ReportAddress.FirstIn(line, out var end).ToString();
                line = line[end..];
                if (address.Length == 0 || AutoReply.AutomaticSender.IsDaemon(address) || senders.Contains(address.ToLowerInvariant(), StringComparer.Ordinal))
                    continue;
                first ??= new FoundRecipient(address) { Reason = Tidy(report[range]) };
                if (tells)
                    Find(found, address).Reason = Tidy(report[range]);
            }
        }
        if (found.Count == 0 && first is not null)
            found.Add(first);
    }

    /// <summary>Where the reason has no code, the transcript further down may have it: "&lt;&lt;&lt; 550 5.1.1 &lt;a@b&gt;… User unknown".</summary>
    private static void Complete(string report, List<FoundRecipient> found)
    {
        var without = found.Where(f => !HasCode(f.Reason)).ToDictionary(f => f.Address, StringComparer.OrdinalIgnoreCase);
        if (without.Count == 0)
            return;
        foreach (var range in report.AsSpan().Split('\n'))
        {
            var line = report.AsSpan(range).Trim();
            if (line.IsEmpty || !HasCode(line))
                continue;
            var address = ReportAddress.FirstIn(line, out _).ToString();
            FoundRecipient? recipient = null;
            if (address.Length > 0)
                without.Remove(address, out recipient);
            else if (found.Count == 1)
                without.Remove(found[0].Address, out recipient);
            if (recipient is not null)
                recipient.Reason = Tidy(recipient.Reason.Length == 0 ? line.ToString() : $"{recipient.Reason} {line}");
        }
    }

    private static bool HasCode(ReadOnlySpan<char> text) => StatusText.EnhancedCodeIn(text) is { Class: not 2 } || StatusText.SmtpCodeIn(text) is >= 400;

    private static bool IsRule(ReadOnlySpan<char> line) => line.TrimStart().StartsWith("---") || line.TrimStart().StartsWith("===") || line.TrimStart().StartsWith("___");

    private static FoundRecipient Find(List<FoundRecipient> found, string address)
    {
        foreach (var one in found)
        {
            if (one.Address.Equals(address, StringComparison.OrdinalIgnoreCase))
                return one;
        }
        var added = new FoundRecipient(address);
        found.Add(added);
        return added;
    }

    private static string Tidy(string text)
    {
        var builder = new StringBuilder(Math.Min(text.Length, LongestReason));
        foreach (var c in text.AsSpan().Trim())
        {
            if (builder.Length >= LongestReason)
                break;
            if (!char.IsWhiteSpace(c) && !char.IsControl(c))
                builder.Append(c);
            else if (builder.Length > 0 && builder[^1] != ' ')
                builder.Append(' ');
        }
        // A surrogate pair is not cut in two.
        if (builder.Length > 0 && char.IsHighSurrogate(builder[^1]))
            builder.Length--;
        return builder.ToString().Trim();
    }
}
