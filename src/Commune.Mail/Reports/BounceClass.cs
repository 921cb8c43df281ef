using Commune.Mail.Smtp;

namespace Commune.Mail.Reports;

/// <summary>What a bounce means for the next message to the address.</summary>
public enum BounceClass
{
    /// <summary>No bounce: delivered, relayed or expanded.</summary>
    None,

    /// <summary>The address does not exist or takes no mail: send there no more.</summary>
    Hard,

    /// <summary>Did not work this time: may be tried again later.</summary>
    Soft,

    /// <summary>The sending host or domain is on a list, has a bad reputation or sends too fast; the address is not at fault.</summary>
    Block,

    /// <summary>The mailbox has no room.</summary>
    Full,

    /// <summary>This message was refused by a rule: content, size, authentication or authorisation.</summary>
    Policy,
}

/// <summary>Sorts bounces by enhanced status code (RFC 3463) and by the phrases of the mailers that give none, or a misleading one.</summary>
public static class BounceClassifier
{
    // Beyond it stand quotations and advertisements.
    private const int LongestText = 4000;

    public static BounceClass Classify(RecipientAction action, EnhancedStatusCode? enhancedCode, int? smtpCode, string? diagnostic)
    {
        if (action is RecipientAction.Delivered or RecipientAction.Relayed or RecipientAction.Expanded)
            return BounceClass.None;
        var text = diagnostic.AsSpan();
        text = text[..Math.Min(text.Length, LongestText)];
        if (enhancedCode is { Subject: 2, Detail: 2 } || smtpCode == 552 && enhancedCode is null && !BouncePhrases.Size.In(text) || BouncePhrases.Full.In(text))
            return BounceClass.Full;

        var transient = action == RecipientAction.Delayed || enhancedCode?.Class == 4 || (enhancedCode is null && smtpCode is >= 400 and < 500);
        if (transient)
            return !BouncePhrases.Greylisted.In(text) && BouncePhrases.Blocked.In(text) ? BounceClass.Block : BounceClass.Soft;

        // Codes that name the recipient beyond doubt stand above phrases.
        // Exchange Online says "550 5.4.1 … Access denied" for an address that its directory does not have.
        if (enhancedCode is { Subject: 1, Detail: 1 or 2 or 3 or 4 or 6 or 10 } || (enhancedCode is { Subject: 4, Detail: 1 } && smtpCode == 550))
            return BouncePhrases.Reputation.In(text) ? BounceClass.Block : BounceClass.Hard;
        if (BouncePhrases.Blocked.In(text))
            return BounceClass.Block;
        if (BouncePhrases.NoSuchUser.In(text))
            return BounceClass.Hard;
        if (BouncePhrases.Policy.In(text) || BouncePhrases.Size.In(text))
            return BounceClass.Policy;
        if (BouncePhrases.Temporary.In(text))
            return BounceClass.Soft;
        return enhancedCode is { } code and not { Subject: 0 } ? ByCode(code) : BySmtpCode(smtpCode);
    }

    /// <summary>Classifies the final refusal that a server gave us in the dialogue.</summary>
    /// <param name="smtpCode">Null when there was no reply.</param>
    /// <param name="reply">Its text, with or without the codes in front.</param>
    public static BounceClass ClassifyReply(int? smtpCode, string reply) =>
        Classify(RecipientAction.Failed, StatusText.EnhancedCodeIn(reply), smtpCode, reply);

    /// <summary>Classifies the final refusal of a host that would not even listen (RFC 5321 §3.1): it says nothing against any recipient.</summary>
    public static BounceClass ClassifyRefusal(int? smtpCode, string reply) =>
        ClassifyReply(smtpCode, reply) is var found && found == BounceClass.Hard ? BounceClass.Block : found;

    private static BounceClass ByCode(EnhancedStatusCode code) => code switch
    {
        // Bad sender addresses: ours, not the recipient's.
        { Subject: 1, Detail: 7 or 8 or 9 } => BounceClass.Policy,
        { Subject: 1 } => BounceClass.Hard,
        { Subject: 2, Detail: 3 } => BounceClass.Policy,
        { Subject: 2 } => BounceClass.Hard,
        { Subject: 3, Detail: 4 } => BounceClass.Policy,
        // X.4.4: the domain has nowhere to send mail to; Exchange Online says 5.4.310.
        { Subject: 4, Detail: 4 or 310 } => BounceClass.Hard,
        { Subject: 3 or 4 or 5 } => BounceClass.Soft,
        _ => BounceClass.Policy,
    };

    private static BounceClass BySmtpCode(int? code) => code switch
    {
        550 or 551 or 553 or 556 => BounceClass.Hard,
        523 or 525 or 530 or 534 or 535 or 554 or 555 => BounceClass.Policy,
        // Nothing is known: an address is not given up for that.
        _ => BounceClass.Soft,
    };
}
