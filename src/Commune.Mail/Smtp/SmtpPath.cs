using System.Text;

namespace Commune.Mail.Smtp;

/// <summary>A forward-path or reverse-path of the envelope (RFC 5321 §4.1.2), its source route left out.</summary>
/// <param name="LocalPart">The local part as it is meant: quotes and backslashes of a quoted string are removed. Case is kept.</param>
/// <param name="Domain">A domain or an address literal with its brackets; empty for <c>&lt;Postmaster&gt;</c> and the null path.</param>
/// <param name="Raw">What stood between the angle brackets.</param>
public sealed record SmtpPath(string LocalPart, string Domain, string Raw)
{
    /// <summary>The null reverse-path <c>&lt;&gt;</c> of bounces, which must never be bounced themselves (RFC 5321 §4.5.5).</summary>
    public static SmtpPath Null { get; } = new("", "", "");

    public bool IsNull => Domain.Length == 0 && LocalPart.Length == 0;

    /// <summary>The domain is an address literal, <c>[192.0.2.1]</c> or <c>[IPv6:2001:db8::1]</c>.</summary>
    public bool IsAddressLiteral => Domain.StartsWith('[');

    /// <summary>The path needs SMTPUTF8 (RFC 6531 §3.3).</summary>
    public bool IsInternational => !Ascii.IsValid(LocalPart) || !Ascii.IsValid(Domain);

    /// <summary>The mailbox without angle brackets, the local part quoted where it must be; empty for the null path.</summary>
    public override string ToString()
    {
        if (IsNull)
            return "";
        var local = SmtpPathParser.IsDotString(LocalPart) ? LocalPart : Quote(LocalPart);
        return Domain.Length == 0 ? local : $"{local}@{Domain}";
    }

    private static string Quote(string localPart)
    {
        var quoted = new StringBuilder(localPart.Length + 4).Append('"');
        foreach (var c in localPart)
        {
            if (c is '"' or '\\')
                quoted.Append('\\');
            quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }
}
