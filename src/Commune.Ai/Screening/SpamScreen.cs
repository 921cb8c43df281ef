namespace Commune.Ai.Screening;

/// <summary>What is known about a mail's sender beside the mail.</summary>
/// <param name="Spf">In the words of RFC 8601, as the others; null when nothing was checked.</param>
/// <param name="Received">How many mails of this sender the inbox has, and how many were <paramref name="Flagged"/>.</param>
/// <param name="SentTo">How many mails went from the inbox to this sender.</param>
public sealed record SenderEvidence(string? Spf, bool? DkimPass, string? Dmarc, string? IpRev, int Received = 0, int Flagged = 0, int SentTo = 0)
{
    /// <summary>Nothing was checked: mail between inboxes of this server.</summary>
    public static SenderEvidence None { get; } = new(null, null, null, null);
}

/// <param name="Score">0 to 1.</param>
/// <param name="Action"><c>accept</c>, <c>flag</c> or <c>reject</c>: what the score advises.</param>
/// <param name="Reasons">What spoke for it, the heaviest first.</param>
public sealed record SpamVerdict(double Score, string Action, IReadOnlyList<string> Reasons)
{
    public const double Flag = 0.5;
    public const double Reject = 0.9;

    public bool Flagged => Score >= Flag;

    public static string ActionOf(double score) => score >= Reject ? "reject" : score >= Flag ? "flag" : "accept";
}

/// <summary>How likely a mail is spam: by who sends it, how it is built and what it says. Pure and bounded.</summary>
public static class SpamScreen
{
    /// <summary>Spam does not wait for the ninth page to say what it wants.</summary>
    private const int LongestText = 8 * 1024;

    private static readonly AnchorTable Words = new(
        [
            "viagra", "cialis", "casino", "lottery", "you have won", "you've won", "jackpot", "free money", "make money fast", "earn $", "earn up to", "work from home", "risk-free", "risk free", "100% free", "act now", "click here", "click below", "limited time",
            "urgent response", "inheritance", "next of kin", "million dollars", "million usd", "beneficiary", "bitcoin", "crypto investment", "double your", "guaranteed income", "guaranteed winner", "no credit check", "lose weight", "miracle", "hot singles",
            "adult dating", "cheap meds", "replica watches", "wire transfer fee", "western union", "gift cards", "account has been suspended", "account will be closed", "verify your account", "confirm your identity", "unusual activity", "your mailbox is full",
            "update your payment", "password expires", "claim your", "prize", "seo services", "first page of google", "dear friend", "dear beneficiary", "once in a lifetime", "order now", "buy direct", "weight loss", "pre-approved", "investment opportunity", "congratulations",
        ],
        anyCase: true);

    private static readonly HashSet<string> Shorteners = new(StringComparer.Ordinal)
    {
        "bit.ly", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "is.gd", "buff.ly", "rebrand.ly", "cutt.ly", "shorturl.at", "rb.gy", "t.ly", "s.id", "v.gd", "tiny.cc",
    };

    private static readonly string[] Executables = [".exe", ".scr", ".js", ".vbs", ".bat", ".cmd", ".com", ".pif", ".jar", ".msi", ".hta", ".wsf", ".ps1", ".lnk", ".iso", ".img", ".docm", ".xlsm", ".html", ".htm", ".svg"];

    public static SpamVerdict Run(ScreenedMail mail, SenderEvidence sender)
    {
        ArgumentNullException.ThrowIfNull(mail);
        return Run(mail, mail.Html is { } html ? ScreenedHtml.Of(html) : null, sender);
    }

    internal static SpamVerdict Run(ScreenedMail mail, ScreenedHtml? html, SenderEvidence sender)
    {
        var points = new List<(double Weight, string Reason)>();
        Authentication(sender, points);
        Structure(mail, html, points);
        Content(mail, html, points);
        History(sender, points);

        var sum = points.Sum(static point => point.Weight);
        // A logistic curve: nothing found is 0.02, 3 points are 0.5, 5 are 0.93.
        var score = Math.Round(1 / (1 + Math.Exp(-1.3 * (sum - 3))), 2);
        return new SpamVerdict(score, SpamVerdict.ActionOf(score),
            [.. points.Where(static point => point.Weight > 0).OrderByDescending(static point => point.Weight).Take(10).Select(static point => point.Reason)]);
    }

    private static void Authentication(SenderEvidence sender, List<(double, string)> points)
    {
        if (sender.Dmarc is "fail")
            points.Add((2, "dmarc_fail"));
        else if (sender.Dmarc is "pass")
            points.Add((-0.5, "dmarc_pass"));
        if (sender.Spf is "fail")
            points.Add((1, "spf_fail"));
        else if (sender.Spf is "softfail")
            points.Add((0.5, "spf_softfail"));
        if (sender.Spf is not null and not "pass" && sender.DkimPass == false && sender.Dmarc is not "pass")
            points.Add((0.6, "unauthenticated"));
        if (sender.IpRev is "fail")
            points.Add((0.4, "no_reverse_name"));
    }

    private static void Structure(ScreenedMail mail, ScreenedHtml? html, List<(double, string)> points)
    {
        if (mail.Header is { } header)
        {
            if (header.NoFrom)
                points.Add((1.2, "no_from"));
            if (header.NoDate)
                points.Add((0.6, "no_date"));
            if (header.NoMessageId)
                points.Add((0.5, "no_message_id"));
            if (header.NoTo)
                points.Add((0.4, "no_recipient_field"));
            if (header.Repeated)
                points.Add((1.2, "repeated_field"));
            if (header.ReplyDomain is not null)
                points.Add((0.4, "other_reply_domain"));
        }
        if (mail.SenderName.Contains('@', StringComparison.Ordinal) && !mail.SenderName.Contains(mail.Sender, StringComparison.OrdinalIgnoreCase))
            points.Add((1, "address_as_name"));
        if (mail.AttachmentNames.Any(static name => Array.Exists(Executables, end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase))))
            points.Add((1.6, "executable_attachment"));
        if (html is null)
            return;
        var words = html.Text.AsSpan().Trim().Length;
        if (words < 200 && html.Survey.Images.Count is 1 or 2 && html.Links.Count > 0)
            points.Add((0.7, "one_image"));
        if (html.Links.Count > 25 && html.Links.Count * 40 > words)
            points.Add((0.5, "many_links"));
        var hosts = html.Links.Select(static link => link.Host).ToHashSet(StringComparer.Ordinal);
        if (hosts.Any(Shorteners.Contains))
            points.Add((0.9, "link_shortener"));
        if (hosts.Any(static host => System.Net.IPAddress.TryParse(host.Trim('[', ']'), out _)))
            points.Add((1.2, "link_to_address"));
        if (html.Links.Any(static link => link.Deceptive))
            points.Add((mail.Header?.IsBulk == true ? 0.2 : 1, "deceptive_link"));
    }

    private static void Content(ScreenedMail mail, ScreenedHtml? html, List<(double, string)> points)
    {
        var text = mail.TextIsOfHtml && html is not null ? html.Text : mail.Text;
        var found = CountWords(mail.Subject) * 2 + CountWords(text);
        if (found > 0)
            points.Add((Math.Min(2.6, 0.7 * found), "words"));
        if (mail.Subject.Length >= 12 && IsShouted(mail.Subject))
            points.Add((0.6, "subject_in_capitals"));
        if (mail.Subject.AsSpan().ContainsAny('$', '€', '£') && mail.Subject.Contains('!', StringComparison.Ordinal))
            points.Add((0.6, "money_in_subject"));
        if (mail.Subject.AsSpan().Count('!') > 2 || text.AsSpan(0, Math.Min(text.Length, 2000)).Contains("!!!", StringComparison.Ordinal))
            points.Add((0.5, "exclamation_marks"));
        if (html is null && HasShortener(text))
            points.Add((0.9, "link_shortener"));
    }

    private static void History(SenderEvidence sender, List<(double, string)> points)
    {
        if (sender.SentTo > 0)
            points.Add((-2, "correspondent"));
        else if (sender.Received >= 3 && sender.Flagged * 4 <= sender.Received)
            points.Add((-0.7, "known_sender"));
        if (sender.Flagged >= 2 && sender.Flagged * 2 >= sender.Received)
            points.Add((1.2, "flagged_before"));
    }

    private static int CountWords(string text)
    {
        var read = text.AsSpan(0, Math.Min(text.Length, LongestText));
        var count = 0;
        for (var at = Words.Next(read, 0); at >= 0 && count < 6; at = Words.Next(read, at + 5))
            count++;
        return count;
    }

    private static bool HasShortener(string text)
    {
        var read = text.AsSpan(0, Math.Min(text.Length, LongestText));
        for (var seen = 0; seen < 100; seen++)
        {
            var next = read.IndexOf("://");
            if (next < 0)
                return false;
            read = read[(next + 3)..];
            var end = read.IndexOfAny("/ \n");
            if (end is > 0 and < 20 && Shorteners.Contains(read[..end].ToString().ToLowerInvariant()))
                return true;
        }
        return false;
    }

    private static bool IsShouted(string text)
    {
        var (letters, capitals) = (0, 0);
        foreach (var c in text)
        {
            letters += char.IsLetter(c) ? 1 : 0;
            capitals += char.IsUpper(c) ? 1 : 0;
        }
        return letters >= 10 && capitals * 10 > letters * 8;
    }
}
