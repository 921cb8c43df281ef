namespace Commune.Ai.Search;

/// <summary>One thing a query asks for: a word, a number, an id, a pair of letters.</summary>
/// <param name="Term">As it stands in the index.</param>
/// <param name="Parts">The words of an id, asked for one by one when no message has it as a whole.</param>
public sealed record SearchConcept(string Term, IReadOnlyList<string> Parts)
{
    /// <summary>It has digits and is not short: a message that has it is what was looked for, and slips are not guessed.</summary>
    public bool IsExact { get; init; } = Term.Length >= 3 && Term.AsSpan().ContainsAnyInRange('0', '9');

    /// <summary>It says nothing by itself ("the"); it counts only in a query of nothing else.</summary>
    public bool IsStopWord { get; init; }

    /// <summary>How much it says, beside others of the query: a pair of letters that stands between two words says little.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>It helps to rank, but a message that has it alone has nothing of the query.</summary>
    public bool IsHint { get; init; }

    /// <summary>Its other forms, where it is of another language than English.</summary>
    public WordFamily? Family { get; init; }
}

/// <summary>What a caller looks for, taken apart.</summary>
public sealed record SearchQuery
{
    /// <summary>The query without its filters, as a reader would say it: what is embedded.</summary>
    public required string Text { get; init; }
    public required IReadOnlyList<SearchConcept> Concepts { get; init; }

    /// <summary>Texts in quotation marks: a message must have each of them word by word.</summary>
    public required IReadOnlyList<string> Phrases { get; init; }
    public required SearchFilters Filters { get; init; }

    public bool IsEmpty => Concepts.Count == 0 && Phrases.Count == 0;
}

/// <summary>What narrows a search before anything is ranked; null members do not.</summary>
/// <param name="From">Words of the sender's name or address; all must be there.</param>
/// <param name="Before">Exclusive, Unix ms.</param>
/// <param name="After">Exclusive, Unix ms.</param>
public sealed record SearchFilters(
    string? From = null, string? To = null, string? Subject = null, long? Before = null, long? After = null, string? Status = null, string? Tag = null,
    bool? HasAttachment = null)
{
    public bool IsEmpty => this == None;

    public static SearchFilters None { get; } = new();

    /// <summary>Both must hold: of two times the narrower one counts, of two other values this one's.</summary>
    public SearchFilters And(SearchFilters other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new SearchFilters(
            Join(From, other.From), Join(To, other.To), Join(Subject, other.Subject), Earlier(Before, other.Before), Later(After, other.After),
            Status ?? other.Status, Tag ?? other.Tag, HasAttachment ?? other.HasAttachment);
    }

    private static string? Join(string? one, string? other) => one is null ? other : other is null ? one : $"{one} {other}";

    private static long? Earlier(long? one, long? other) => one is null || other < one ? other ?? one : one;

    private static long? Later(long? one, long? other) => one is null || other > one ? other ?? one : one;
}
