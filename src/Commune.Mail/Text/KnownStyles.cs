namespace Commune.Mail.Text;

/// <summary>What the style attributes of a mail mean that came first in it: most elements repeat one of them.</summary>
internal sealed class KnownStyles
{
    private const int Most = 32;
    private const int Longest = 400;

    private readonly List<(string Css, HtmlStyle Style)> _styles = [];

    public bool TryGet(ReadOnlySpan<char> css, ref HtmlStyle style)
    {
        foreach (ref readonly var known in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_styles))
        {
            if (known.Css.Length != css.Length || !css.SequenceEqual(known.Css))
                continue;
            style = known.Style;
            return true;
        }
        return false;
    }

    public void Keep(ReadOnlySpan<char> css, in HtmlStyle style)
    {
        if (_styles.Count < Most && css.Length <= Longest)
            _styles.Add((css.ToString(), style));
    }
}
