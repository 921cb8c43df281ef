namespace Commune.Ai.Extraction.Builtin.Values;

internal enum ValueKind
{
    Id,
    Date,
    Time,
    Amount,
    Number,
    Percent,
    Email,
    Phone,
    Link,
    Iban,
}

/// <summary>Something in the text that reads as one kind of value.</summary>
internal sealed record TypedValue(ValueKind Kind, int Start, int End)
{
    /// <summary>Of an amount, a number or a percentage.</summary>
    public decimal Number { get; init; }

    /// <summary>ISO 4217; null where a sign can mean several.</summary>
    public string? Currency { get; init; }

    /// <summary>Null where day and month can't be told apart, or no year is known.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>The time of a date, or a time that stands alone.</summary>
    public TimeOnly? Clock { get; init; }

    /// <summary>Minutes from UTC, where the text says it.</summary>
    public TimeSpan? Offset { get; init; }

    /// <summary>Counted from the date of the mail: "tomorrow", or a date without a year.</summary>
    public bool IsRelative { get; init; }

    /// <summary>Only a day of the week names it.</summary>
    public bool IsWeekday { get; init; }

    /// <summary>What it is without its decoration: the id without "#", the link without a full stop.</summary>
    public string Text { get; init; } = "";

    /// <summary>A day of a range of dates: -1 the first, 1 the last.</summary>
    public int RangeSide { get; init; }

    /// <summary>An id that nothing else looks like: with letters and digits, or with "#".</summary>
    public bool IsStrong { get; init; }
}
