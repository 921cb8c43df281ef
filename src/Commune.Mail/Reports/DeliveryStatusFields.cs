using Commune.Mail.Smtp;

namespace Commune.Mail.Reports;

/// <summary>The groups of fields in a message/delivery-status part (RFC 3464 §2.1).</summary>
internal static class DeliveryStatusFields
{
    public const int MostRecipients = 5000;

    private static readonly HashSet<string> RecipientFields = new(StringComparer.OrdinalIgnoreCase)
    {
        "Original-Recipient", "Final-Recipient", "Action", "Status", "Remote-MTA", "Diagnostic-Code",
        "Last-Attempt-Date", "Will-Retry-Until", "Final-Log-ID", "Localized-Diagnostic",
    };

    /// <summary>Null when no recipient is told about.</summary>
    public static DeliveryStatusReport? Read(string text)
    {
        var perMessage = new FieldGroup();
        var groups = new List<FieldGroup>();
        FieldGroup? current = null;
        var blank = false;
        foreach (var (name, value) in ReportFields.Read(text))
        {
            if (name is null)
            {
                blank = true;
                continue;
            }
            if (!RecipientFields.Contains(name))
            {
                (current ?? perMessage).Add(name, value);
                continue;
            }
            if (current is null || BeginsAnother(current, name, blank))
            {
                if (groups.Count == MostRecipients)
                    break;
                groups.Add(current = new FieldGroup());
            }
            current.Add(name, value);
            blank = false;
        }

        var recipients = groups.Where(g => g.Has("Final-Recipient") || g.Has("Original-Recipient")).Select(Recipient).Where(r => r.Address is not null).ToList();
        if (recipients.Count == 0)
            return null;
        return new DeliveryStatusReport
        {
            ReportingMta = WithoutType(perMessage.Get("Reporting-MTA")),
            OriginalEnvelopeId = perMessage.Get("Original-Envelope-Id"),
            ArrivalDate = perMessage.Date("Arrival-Date"),
            Recipients = recipients,
        };
    }

    /// <summary>
    /// A field seen before begins the next recipient even without a blank line; a blank line alone does not:
    /// some gateways write one after every field.
    /// </summary>
    private static bool BeginsAnother(FieldGroup current, string name, bool blank)
    {
        if (name.Equals("Original-Recipient", StringComparison.OrdinalIgnoreCase))
            return current.Has("Original-Recipient") || (blank && current.Has("Final-Recipient"));
        if (name.Equals("Final-Recipient", StringComparison.OrdinalIgnoreCase))
            return current.Has("Final-Recipient");
        return blank && (name.Equals("Action", StringComparison.OrdinalIgnoreCase) || name.Equals("Status", StringComparison.OrdinalIgnoreCase)) && current.Has(name);
    }

    private static RecipientStatus Recipient(FieldGroup fields)
    {
        var (type, diagnostic) = SplitType(fields.Get("Diagnostic-Code"));
        var status = fields.Get("Status") is { } text ? StatusText.EnhancedCodeIn(text) : null;
        // x.0.0 says nothing that the reply of the remote system does not say better.
        if (status is null or { Subject: 0, Detail: 0 } && diagnostic is not null && StatusText.EnhancedCodeIn(diagnostic) is { } better
            && (status is null || better.Class == status.Value.Class))
        {
            status = better;
        }
        return new RecipientStatus
        {
            OriginalRecipient = ReportAddress.OfField(fields.Get("Original-Recipient")),
            FinalRecipient = ReportAddress.OfField(fields.Get("Final-Recipient")),
            Action = ActionOf(fields.Get("Action"), status),
            Status = status,
            DiagnosticType = type,
            DiagnosticCode = diagnostic,
            RemoteMta = WithoutType(fields.Get("Remote-MTA")),
            LastAttempt = fields.Date("Last-Attempt-Date"),
            WillRetryUntil = fields.Date("Will-Retry-Until"),
        };
    }

    private static RecipientAction ActionOf(string? text, EnhancedStatusCode? status)
    {
        var word = text.AsSpan().Trim();
        var end = word.IndexOfAny(" \t(;,");
        if (end >= 0)
            word = word[..end];
        foreach (var action in Enum.GetValues<RecipientAction>())
        {
            if (word.Equals(action.ToString(), StringComparison.OrdinalIgnoreCase))
                return action;
        }
        return status?.Class switch
        {
            2 => RecipientAction.Delivered,
            4 => RecipientAction.Delayed,
            _ => RecipientAction.Failed,
        };
    }

    private static (string? Type, string? Text) SplitType(string? value)
    {
        if (value is null)
            return (null, null);
        var semicolon = value.IndexOf(';', StringComparison.Ordinal);
        if (semicolon <= 0 || value.AsSpan(0, semicolon).Trim().ContainsAny(" \t:<@"))
            return (null, value);
        return (value[..semicolon].Trim().ToLowerInvariant(), value[(semicolon + 1)..].Trim() is { Length: > 0 } text ? text : null);
    }

    private static string? WithoutType(string? value) => SplitType(value).Text;
}
