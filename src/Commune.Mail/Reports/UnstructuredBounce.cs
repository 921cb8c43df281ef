using System.Text;
using Commune.Mail.AutoReply;
using Commune.Mail.Mime;

namespace Commune.Mail.Reports;

/// <summary>
/// Bounces written for people alone: qmail, Exim, older Postfix, Exchange, Domino, GroupWise, IMail and their kin, in many languages.
/// They share a shape: a mail from a daemon or with a null sender, which says that something was not delivered, then the addresses, each with its reason,
/// then the original. That shape is read, not each mailer's wording.
/// </summary>
public static class UnstructuredBounce
{
    // A bounce says what it has to say at its start.
    private const int LongestText = 128 * 1024;

    /// <summary>Null when the message is no bounce. A person's answer that quotes one is none.</summary>
    public static BounceReport? TryRead(MimeMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var failed = FailedRecipients(message);
        if (failed.Count == 0 && !IsFromMailSystem(message))
            return null;
        var text = Text(message);
        var (report, copy) = BounceText.SplitOriginal(text);
        var subjectTells = BouncePhrases.Undelivered.In(message.Subject) || BouncePhrases.Delivered.In(message.Subject) || BouncePhrases.Relayed.In(message.Subject);
        if (failed.Count == 0 && !subjectTells && !BouncePhrases.Undelivered.In(report))
            return null;

        var original = OriginalMessage.Find(message) ?? (copy.IsEmpty ? null : OriginalMessage.FromBytes(Encoding.UTF8.GetBytes(copy.ToString())));
        var hints = BounceReader.ReturnPathHints(message, original);
        var found = BouncedAddresses.Find(report, failed, hints, original);
        // Our own words to a daemon, quoted by a human postmaster, name nobody and return nothing.
        if (found.Count == 0 && original is null && !subjectTells)
            return null;
        var action = Action(message.Subject, report);
        return new BounceReport
        {
            Recipients = [.. found.Select(f => Recipient(f, action))],
            OriginalMessageId = BounceReader.OriginalId(message, original),
            OriginalReturnPathHints = hints,
            ReportingMta = BounceText.ReportingHost(report),
            Original = original,
        };
    }

    private static BouncedRecipient Recipient(FoundRecipient found, RecipientAction action)
    {
        var text = found.Reason.Length > 0 ? found.Reason : null;
        return new BouncedRecipient
        {
            Address = found.Address,
            Action = action,
            EnhancedCode = text is null ? null : StatusText.EnhancedCodeIn(text),
            SmtpCode = text is null ? null : StatusText.SmtpCodeIn(text),
            Diagnostic = text,
        };
    }

    private static RecipientAction Action(string subject, ReadOnlySpan<char> report)
    {
        if (BouncePhrases.Delivered.In(subject) || BouncePhrases.Delivered.In(report))
            return RecipientAction.Delivered;
        if (BouncePhrases.Relayed.In(subject))
            return RecipientAction.Relayed;
        return BouncePhrases.Delayed.In(subject) || BouncePhrases.Delayed.In(report) ? RecipientAction.Delayed : RecipientAction.Failed;
    }

    private static bool IsFromMailSystem(MimeMessage message)
    {
        if (message.Headers.GetUnfolded("Return-Path") is { } path && path.Replace(" ", "", StringComparison.Ordinal) == "<>")
            return true;
        return message.From.Concat(message.Sender).Take(10).Any(f => AutomaticSender.IsDaemon(f.Address)
            || f.LocalPart.StartsWith("MicrosoftExchange", StringComparison.OrdinalIgnoreCase)
            || (f.DisplayName is { } name && (name.Contains("Mail Delivery", StringComparison.OrdinalIgnoreCase) || name.Contains("mailer-daemon", StringComparison.OrdinalIgnoreCase))));
    }

    /// <summary>Exim tells them in a field of its own; others have taken it over.</summary>
    private static List<string> FailedRecipients(MimeMessage message)
    {
        var found = new List<string>();
        foreach (var value in message.Headers.GetAll("X-Failed-Recipients").Take(100))
        {
            foreach (var range in value.AsSpan().Split(','))
            {
                if (found.Count < BouncedAddresses.MostRecipients && ReportAddress.FirstIn(value.AsSpan(range), out _) is { IsEmpty: false } address)
                    found.Add(address.ToString());
            }
        }
        return found;
    }

    private static string Text(MimeMessage message)
    {
        var text = MessageContent.From(message).Text;
        return text.Length <= LongestText ? text : text[..LongestText];
    }
}
