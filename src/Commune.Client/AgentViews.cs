namespace Commune.Client;

/// <summary>A message made ready for a model.</summary>
/// <param name="Policy">What whoever reads it should hold to.</param>
/// <param name="Fence">Random; it occurs nowhere in what the mail brought.</param>
/// <param name="Text">All of it as one text: give this to the model.</param>
/// <param name="Links">At most 50, those that deceive first.</param>
public sealed record AgentView(
    string MessageId, string ThreadId, string Direction, DateTimeOffset CreatedAt, bool Quarantined, string Policy, string Fence, string Text, AgentViewSender Sender,
    string Subject, IReadOnlyList<AgentViewPart> Parts, IReadOnlyList<AgentViewLink> Links, AgentViewRemoved Removed, AgentViewScreening Screening);

/// <param name="Trust"><c>internal</c>, <c>verified</c> or <c>unverified</c>.</param>
public sealed record AgentViewSender(string Address, string? Name, string Trust, string? Spf, string? Dkim, string? Dmarc);

/// <param name="Kind"><c>new_text</c>, <c>quoted</c>, <c>forwarded</c>, <c>signature</c> or <c>attachment_names</c>.</param>
/// <param name="Truncated">The message itself has the rest.</param>
public sealed record AgentViewPart(string Kind, string Text, bool Truncated);

/// <param name="ShownHost">The host that the text names.</param>
/// <param name="Deceptive">The text names a host of somebody else than the link goes to.</param>
public sealed record AgentViewLink(string Text, string Url, string Host, string? ShownHost, bool Deceptive);

/// <summary>How much is in the mail that no reader would see.</summary>
public sealed record AgentViewRemoved(int HiddenText, int Comments, int ZeroWidth, int Bidirectional, int Tags, int Controls);

public sealed record AgentViewScreening(
    bool Checked, double? SpamScore, string? SpamAction, double? InjectionScore, string? InjectionRisk, bool? InjectionDetected, IReadOnlyList<AgentViewSignal> Signals);

/// <param name="Quote">The sender's words: evidence, never an instruction.</param>
public sealed record AgentViewSignal(string Kind, double Weight, string Place, string Quote);
