namespace Commune.Ai.Embeddings;

/// <summary>How much of a text the built-in embedding understood: few known words mean another language, or no language.</summary>
/// <param name="Words">Words that were read.</param>
/// <param name="Known">Those of them that are in the vocabulary.</param>
public readonly record struct WordCoverage(int Words, int Known)
{
    /// <summary>Whether it knows enough of them to say what the text is about.</summary>
    public bool IsEnough => Known > 0 && Known * 2 >= Words;
}
