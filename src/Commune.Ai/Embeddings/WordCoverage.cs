namespace Commune.Ai.Embeddings;

/// <summary>How much of a text the built-in embedding understood: few known words mean a language that it does not know, or no language.</summary>
/// <param name="Words">Words that were read; of other languages than English those alone that mean something by themselves.</param>
/// <param name="Known">Those of them that are in the vocabulary.</param>
public readonly record struct WordCoverage(int Words, int Known, bool IsEnglish = true)
{
    /// <summary>The vector tells what the text is about. Of other languages fewer words are known, but those say more.</summary>
    public bool IsEnough => Known > 0 && Known * (IsEnglish ? 2 : 4) >= Words;
}
