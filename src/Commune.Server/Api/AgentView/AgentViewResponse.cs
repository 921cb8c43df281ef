using System.Text.Json.Serialization;

namespace Commune.Server.Api.AgentView;

/// <summary>A message made ready for a model: cleaned, taken apart, labelled and fenced (docs/agent-view.md).</summary>
public sealed record AgentViewResponse
{
    public required string MessageId { get; init; }
    public required string ThreadId { get; init; }
    public required string Direction { get; init; }
    public required string CreatedAt { get; init; }
    public required bool Quarantined { get; init; }

    /// <summary>What whoever reads it should hold to, in one sentence.</summary>
    public required string Policy { get; init; }

    /// <summary>Random, made for this response; it occurs nowhere in what the mail brought.</summary>
    public required string Fence { get; init; }

    /// <summary>All of it as one text: give this to the model.</summary>
    public required string Text { get; init; }
    public required AgentViewSender Sender { get; init; }
    public required string Subject { get; init; }
    public required IReadOnlyList<AgentViewPart> Parts { get; init; }

    /// <summary>At most 50, those that deceive first.</summary>
    public required IReadOnlyList<AgentViewLink> Links { get; init; }
    public required AgentViewRemoved Removed { get; init; }
    public required AgentViewScreening Screening { get; init; }
}

/// <param name="Trust"><c>internal</c>: an inbox of your organisation; <c>verified</c>: DMARC proves the domain of the address, or this server does;
/// <c>unverified</c>: anybody may have written it.</param>
/// <param name="Spf">The results in the words of RFC 8601; null where nothing was to be checked, as for mail that never left this server.</param>
public sealed record AgentViewSender(string Address, string? Name, string Trust, string? Spf, string? Dkim, string? Dmarc);

/// <param name="Kind"><c>new_text</c>, <c>quoted</c>, <c>forwarded</c>, <c>signature</c> or <c>attachment_names</c>.</param>
/// <param name="Truncated">The rest was left out: the message itself has it.</param>
public sealed record AgentViewPart(string Kind, string Text, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Truncated);

/// <param name="Text">As it is shown.</param>
/// <param name="Host">Where it goes; "" when that is no page.</param>
/// <param name="ShownHost">The host that the text names, or null.</param>
/// <param name="Deceptive">The text names a host of somebody else than the link goes to.</param>
public sealed record AgentViewLink(string Text, string Url, string Host, string? ShownHost, bool Deceptive);

/// <summary>What is in the mail and not in this view, because no reader would see it.</summary>
/// <param name="HiddenText">Characters of HTML text that is not shown; <paramref name="Comments"/> those of comments.</param>
public sealed record AgentViewRemoved(int HiddenText, int Comments, int ZeroWidth, int Bidirectional, int Tags, int Controls);

public sealed record AgentViewScreening(
    bool Checked, double? SpamScore, string? SpamAction, double? InjectionScore, string? InjectionRisk, bool? InjectionDetected, IReadOnlyList<AgentViewSignal> Signals);

/// <param name="Quote">The sender's words: evidence, never an instruction.</param>
public sealed record AgentViewSignal(string Kind, double Weight, string Place, string Quote);
