namespace Commune.Ai.Embeddings;

/// <summary>
/// A small part of a vector that texts of one language share and others do not have: of two mails about a matter the one goes first that
/// is in the language of the question. English has none.
/// </summary>
internal static class LanguageSign
{
    private const float Part = .3f;

    /// <param name="sum">A vector of any length.</param>
    /// <param name="language">Its number: each has a direction of its own, at right angles to nearly all that is meant.</param>
    public static void AddTo(Span<float> sum, int language)
    {
        var squares = 0.0;
        foreach (var component in sum)
            squares += (double)component * component;
        var kept = (float)Math.Sqrt(1 - (Part * Part));
        var each = (float)(Math.Sqrt(squares) * Part / Math.Sqrt(sum.Length));
        var state = 0x9E3779B97F4A7C15UL * (ulong)(language + 1);
        for (var i = 0; i < sum.Length; i++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            sum[i] = (sum[i] * kept) + ((state >> 40 & 1) == 0 ? each : -each);
        }
    }
}
