namespace Commune.Ai.Extraction;

/// <summary>What a person sees of a mail.</summary>
/// <param name="FromName">The display name of the From header, decoded.</param>
/// <param name="FromAddress">Its address, without the name.</param>
/// <param name="Date">The Date header, or the time of receipt: "tomorrow" is counted from it.</param>
/// <param name="ReplyText">What this mail adds: no quoted history, no signature.</param>
/// <param name="Text">All of the visible text with LF line ends; cells of a table are separated by tabs.</param>
public sealed record MailText(string Subject, string? FromName, string? FromAddress, DateTimeOffset? Date, string ReplyText, string Text)
{
    /// <summary>The signature as it stands in <see cref="Text"/>, where the caller knows it.</summary>
    public string? Signature { get; init; }

    /// <summary>The quoted part is a mail that is handed on: its content is what the sender means us to read.</summary>
    public bool IsForward { get; init; }

    /// <summary>Subject, "\n", <see cref="Text"/>: what <see cref="FieldEvidence.Start"/> and <see cref="FieldEvidence.End"/> count in.</summary>
    public string Visible => field ??= Subject + "\n" + Text;
}
