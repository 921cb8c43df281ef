namespace Commune.Ai.Screening;

/// <summary>The phrases of <see cref="LexiconEntries"/> in a tree of letters, so that a look-up takes as many steps as the phrase has letters.</summary>
internal sealed class Lexicon
{
    private readonly record struct Node(Cue Whole, Cue Beginning);

    // Steps by a-z and the blank stand in a table, 32 for each node; all others in a dictionary.
    private const int Steps = 32;
    private const int BlankStep = 0;
    private const int OtherStep = 27;

    private readonly List<Node> _building = [default];
    private readonly Dictionary<int, int> _others = [];
    private readonly int[] _first = new int[0x10000];
    // For each first letter and each second one the third ones with which a phrase may go on.
    private readonly uint[] _beginnings = new uint[26 * Steps];
    private Node[] _nodes = [];
    private int[] _table = new int[Steps * 4096];

    public static Lexicon Shared { get; } = Make();

    /// <summary>False where no phrase starts: most words tell that by their first three letters.</summary>
    public bool MayMatch(ReadOnlySpan<char> text)
    {
        var first = (uint)(text[0] - 'a');
        return first > 25 || text.Length < 3 ? _first[text[0]] != 0 : (_beginnings[(first * Steps) + StepOf(text[1])] >> StepOf(text[2]) & 1) != 0;
    }

    /// <summary>The longest phrase that starts here; its length, 0 without one.</summary>
    /// <param name="anywhere">Words have no ends: letters were joined, or the script leaves no blanks.</param>
    public int Match(ReadOnlySpan<char> text, bool anywhere, out Cue cue)
    {
        cue = Cue.None;
        var best = 0;
        var node = _first[text[0]];
        for (var at = 1; node != 0; at++)
        {
            var (whole, beginning) = _nodes[node];
            if ((whole | beginning) != Cue.None)
            {
                var ends = at >= text.Length || anywhere || IsUnspaced(text[at - 1]) || !char.IsLetter(text[at]);
                if (ends && whole != Cue.None)
                    (cue, best) = (whole | beginning, at);
                else if (beginning != Cue.None)
                    (cue, best) = (beginning, EndOfWord(text, at, anywhere));
            }
            if (at >= text.Length)
                break;
            var c = text[at];
            if (IsBlank(c))
                c = ' ';
            node = Step(node, c);
            // One blank in a phrase stands for any number of them.
            if (c == ' ' && node != 0)
            {
                while (at + 1 < text.Length && text[at + 1] is ' ' or '\n' or '\r' or '\t' or '>')
                    at++;
            }
        }
        return best;
    }

    /// <summary>Chinese, Japanese, Thai and their neighbours write without blanks; Korean and Arabic put endings and articles to their words.</summary>
    public static bool IsUnspaced(char c) => c is >= '\u0E00' and <= '\u0EFF' or >= '\u2E80' and <= '\uD7AF' or >= '\u0590' and <= '\u06FF';

    private static int EndOfWord(ReadOnlySpan<char> text, int at, bool anywhere)
    {
        if (anywhere)
            return at;
        while (at < text.Length && char.IsLetter(text[at]) && !IsUnspaced(text[at]))
            at++;
        return at;
    }

    private static Lexicon Make()
    {
        var lexicon = new Lexicon();
        foreach (var (cue, entries) in LexiconEntries.All)
        {
            foreach (var entry in entries.Split([',', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                lexicon.Add(entry, cue);
        }
        lexicon._nodes = [.. lexicon._building];
        lexicon.FindBeginnings();
        return lexicon;
    }

    private void FindBeginnings()
    {
        var branching = _others.Keys.Select(static key => key >> 16).ToHashSet();
        for (var first = 0; first < 26; first++)
        {
            for (var second = 0; second <= OtherStep; second++)
            {
                for (var third = 0; third <= OtherStep; third++)
                {
                    if (MayBegin(_first['a' + first], second, third, branching))
                        _beginnings[(first * Steps) + second] |= 1u << third;
                }
            }
        }
    }

    /// <param name="branching">The nodes that go on with other characters than letters and blanks.</param>
    private bool MayBegin(int node, int second, int third, HashSet<int> branching)
    {
        if (node == 0 || IsEnd(node) || second == OtherStep)
            return node != 0 && (IsEnd(node) || branching.Contains(node));
        node = _table[(node * Steps) + second];
        // Blanks are passed over, and the marks of quotations among them.
        if (node == 0 || IsEnd(node) || (second == BlankStep && third is BlankStep or OtherStep))
            return node != 0;
        return third == OtherStep ? branching.Contains(node) : _table[(node * Steps) + third] != 0;
    }

    private bool IsEnd(int node) => (_nodes[node].Whole | _nodes[node].Beginning) != Cue.None;

    private void Add(string entry, Cue cue)
    {
        var isBeginning = entry.EndsWith('*');
        using var folded = FoldedText.Of(entry.TrimEnd('*'), 100);
        var text = folded.Text;
        var node = _first[text[0]];
        if (node == 0)
            _first[text[0]] = node = NewNode();
        foreach (var c in text[1..])
        {
            var next = Step(node, c);
            if (next == 0)
                SetStep(node, c, next = NewNode());
            node = next;
        }
        var present = _building[node];
        _building[node] = isBeginning ? present with { Beginning = present.Beginning | cue } : present with { Whole = present.Whole | cue };
    }

    private int NewNode()
    {
        _building.Add(default);
        if (_building.Count * Steps > _table.Length)
            Array.Resize(ref _table, 2 * _table.Length);
        return _building.Count - 1;
    }

    private static int StepOf(char c) => c is >= 'a' and <= 'z' ? c - 'a' + 1 : c == ' ' || IsBlank(c) ? BlankStep : OtherStep;

    private static bool IsBlank(char c) => c is '\n' or '\r' or '\t' or '-' or '_';

    private int Step(int node, char c) =>
        c is >= 'a' and <= 'z' ? _table[(node * Steps) + (c - 'a' + 1)] : c == ' ' ? _table[(node * Steps) + BlankStep] : _others.GetValueOrDefault((node << 16) | c);

    private void SetStep(int node, char c, int next)
    {
        if (c is >= 'a' and <= 'z')
            _table[(node * Steps) + (c - 'a' + 1)] = next;
        else if (c == ' ')
            _table[(node * Steps) + BlankStep] = next;
        else
            _others.Add((node << 16) | c, next);
    }
}
