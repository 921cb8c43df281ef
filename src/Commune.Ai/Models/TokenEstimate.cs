namespace Commune.Ai.Models;

/// <summary>Roughly how many tokens a text is, for budgets: too many rather than too few.</summary>
internal static class TokenEstimate
{
    private const int Frame = 8;

    /// <summary>A token is about four letters of English, three of other Latin text, and hardly more than one character of any other script.</summary>
    public static int Of(string text)
    {
        long wide = 0;
        foreach (var c in text)
            wide += c > '\u024F' ? 1 : 0;
        return (int)Math.Min(int.MaxValue, Frame + wide + (text.Length - wide + 2) / 3);
    }

    public static int Of(IEnumerable<string> texts) => (int)Math.Min(int.MaxValue, texts.Sum(static text => (long)Of(text)));
}
