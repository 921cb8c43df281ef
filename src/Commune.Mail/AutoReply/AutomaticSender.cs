namespace Commune.Mail.AutoReply;

/// <summary>Addresses that nobody reads. RFC 3834 §2 names the lists' and the daemons'.</summary>
public static class AutomaticSender
{
    private static readonly HashSet<string> Daemons = new(StringComparer.Ordinal)
    {
        "mailerdaemon", "maildaemon", "mdaemon", "postmaster", "mailsystem", "mailadmin", "daemon", "listserv", "majordomo", "mailman", "mailmanbounces",
    };

    private static readonly string[] Unread = ["noreply", "donotreply", "dontreply", "nepasrepondre", "noresponder", "nonrispondere", "nichtantworten", "keineantwort", "noresponse", "bounce", "bounces"];

    /// <summary>A daemon's or a no-reply address.</summary>
    public static bool IsProgram(string address)
    {
        var local = Plain(address);
        return Daemons.Contains(local) || Unread.Any(u => local.StartsWith(u, StringComparison.Ordinal) || (u.Length > 7 || u is "noreply") && local.EndsWith(u, StringComparison.Ordinal));
    }

    /// <summary>An address that mailing lists send from: owner-list, list-request, list-bounces.</summary>
    public static bool IsList(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var at = address.LastIndexOf('@');
        var local = (at < 0 ? address : address[..at]).ToLowerInvariant();
        return local.StartsWith("owner-", StringComparison.Ordinal) || local.EndsWith("-owner", StringComparison.Ordinal) || local.EndsWith("-request", StringComparison.Ordinal)
            || local.EndsWith("-bounces", StringComparison.Ordinal) || local.Contains("-bounces+", StringComparison.Ordinal);
    }

    internal static bool IsDaemon(string address) => Daemons.Contains(Plain(address));

    /// <summary>The local part in lower case, without separators and without its tag.</summary>
    private static string Plain(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var at = address.LastIndexOf('@');
        var local = at < 0 ? address.AsSpan() : address.AsSpan(0, at);
        var tag = local.IndexOf('+');
        if (tag > 0)
            local = local[..tag];
        return local.ToString().Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).Replace(".", "", StringComparison.Ordinal).ToLowerInvariant();
    }
}

/// <summary>Subjects that answering machines write. Weak evidence: used only beside other signs.</summary>
internal static class VacationSubject
{
    private static readonly string[] Beginnings =
    [
        "automatic reply", "auto reply", "autoreply", "auto-reply", "auto:", "out of office", "out of the office", "vacation", "on vacation", "away from my mail",
        "automatische antwort", "abwesenheit", "abwesend", "réponse automatique", "absence", "respuesta automática", "fuera de la oficina", "risposta automatica", "fuori sede",
        "resposta automática", "automatisch antwoord", "afwezig", "autosvar", "automatyczna odpowiedź", "автоответ", "自動返信", "自动回复", "自動回覆",
    ];

    public static bool Is(string subject) => Beginnings.Any(b => subject.AsSpan().TrimStart().StartsWith(b, StringComparison.OrdinalIgnoreCase));
}
