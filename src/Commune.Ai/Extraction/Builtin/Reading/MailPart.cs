namespace Commune.Ai.Extraction.Builtin.Reading;

/// <summary>Whose words a line holds.</summary>
internal enum MailPart
{
    /// <summary>The subject of a mail that begins a conversation.</summary>
    Subject,

    /// <summary>The subject of an answer: words of before.</summary>
    OldSubject,

    /// <summary>What this mail adds.</summary>
    New,

    Signature,

    /// <summary>Earlier mail.</summary>
    Quoted,
}
