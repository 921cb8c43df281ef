namespace Commune.Ai.Extraction.Builtin.Reading;

/// <summary>A word of the visible text, or a phrase that means one thing.</summary>
/// <param name="Concepts">What it means; at least one.</param>
/// <param name="Line">The index of its line.</param>
internal readonly record struct Word(int Start, int End, string Folded, string[] Concepts, int Line)
{
    public bool Means(string concept)
    {
        foreach (var own in Concepts)
        {
            if (own == concept)
                return true;
        }
        return false;
    }
}
