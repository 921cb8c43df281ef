namespace Commune.Storage.Tests.Testing;

/// <summary>A received mail as a test describes it: what is not said is plain and unique.</summary>
public sealed record Letter
{
    public string From { get; init; } = "ada@example.org";
    public string Subject { get; init; } = "Hello";
    public string? MessageId { get; init; } = $"<{EntityId.New("")}@example.org>";
    public string? InReplyTo { get; init; }
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>The plus-part of the recipient address.</summary>
    public string? Token { get; init; }
    public string Text { get; init; } = "Hello there";
    public string? Html { get; init; }
    public long WaitForExtraction { get; init; }

    public byte[]? RetryKey { get; init; }
    public IReadOnlyList<InboundAttachment> Attachments { get; init; } = [];
    public string? Metadata { get; init; }
    public byte[]? Raw { get; init; }

    public bool IsReply => Subject.StartsWith("Re:", StringComparison.Ordinal);
    public string SubjectKey => (IsReply ? Subject[3..] : Subject).Trim().ToLowerInvariant();

    public static Letter AnswerTo(string messageId) => new() { Subject = "Re: something else", InReplyTo = messageId, References = [messageId] };
}
