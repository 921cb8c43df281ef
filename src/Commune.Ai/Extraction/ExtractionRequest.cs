namespace Commune.Ai.Extraction;

/// <summary>One mail to be read by one schema.</summary>
/// <param name="OrgId">Whose mail it is: limits and costs are counted for it.</param>
public sealed record ExtractionRequest(string OrgId, ExtractionSchema Schema, MailText Mail);
