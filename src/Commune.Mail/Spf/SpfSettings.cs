namespace Commune.Mail.Spf;

/// <summary>The processing limits of RFC 7208 §4.6.4; the defaults are those of the standard.</summary>
public sealed record SpfSettings
{
    /// <summary>The most terms that ask DNS (include, a, mx, ptr, exists, redirect) in one check.</summary>
    public int MaxLookups { get; init; } = 10;

    /// <summary>The most terms whose question has no answer, or whose name does not exist.</summary>
    public int MaxVoidLookups { get; init; } = 2;

    /// <summary>The most exchanges behind one mx mechanism; more are a permerror.</summary>
    public int MaxMxNames { get; init; } = 10;

    /// <summary>The most names behind a PTR question that are looked at; the rest are ignored.</summary>
    public int MaxPtrNames { get; init; } = 10;

    /// <summary>The longest explanation that is handed on, in characters; a longer one counts as absent.</summary>
    public int MaxExplanation { get; init; } = 1000;
}
