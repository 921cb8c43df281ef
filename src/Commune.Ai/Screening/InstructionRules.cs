namespace Commune.Ai.Screening;

/// <summary>
/// Looks at one sentence for what only makes sense when said to a model: to drop its instructions, to be somebody else, to hand over what it was
/// trusted with. Cues count by standing side by side, in any order, so that one rule serves many languages.
/// </summary>
internal ref struct InstructionRules
{
    private const int MostHits = 64;

    private readonly record struct Hit(Cue Cue, int Start, int End);

    private readonly ReadOnlySpan<char> _text;
    private readonly Span<Hit> _hits;
    private int _count;
    private Cue _all;

    private InstructionRules(ReadOnlySpan<char> text, Span<Hit> hits, bool anywhere)
    {
        _text = text;
        _hits = hits;
        Read(anywhere);
    }

    private readonly bool HasAddress => _text.Contains('@') || _text.IndexOf("://") >= 0;

    /// <summary>What was found in a sentence, and the first cue that it began with.</summary>
    public readonly record struct Finding(string Kind, double Weight, int At);

    /// <param name="sentence">Folded.</param>
    /// <param name="anywhere">Words have no ends (<see cref="Lexicon.Match"/>).</param>
    public static int Judge(ReadOnlySpan<char> sentence, bool anywhere, Span<Finding> findings, out bool talks)
    {
        Span<Hit> hits = stackalloc Hit[MostHits];
        var rules = new InstructionRules(sentence, hits, anywhere);
        talks = rules.Has(Cue.Talk);
        return rules.Judge(findings);
    }

    private void Read(bool anywhere)
    {
        var lexicon = Lexicon.Shared;
        var at = 0;
        while (at < _text.Length && _count < MostHits)
        {
            if (!char.IsLetterOrDigit(_text[at]))
            {
                at++;
                continue;
            }
            var rest = _text[at..];
            var cue = Cue.None;
            var length = lexicon.MayMatch(rest) ? lexicon.Match(rest, anywhere, out cue) : 0;
            if (length > 0)
            {
                _hits[_count++] = new Hit(cue, at, at + length);
                _all |= cue;
            }
            at += Math.Max(1, length);
            if (anywhere)
                continue;
            // Nothing begins inside of a word.
            while (at < _text.Length && char.IsLetterOrDigit(_text[at]) && char.IsLetterOrDigit(_text[at - 1]) && !Lexicon.IsUnspaced(_text[at]))
                at++;
        }
    }

    private int Judge(Span<Finding> findings)
    {
        if (_count == 0)
            return 0;
        var count = 0;
        Put(findings, ref count, "role_override", Override(out var at), at);
        Put(findings, ref count, "role_change", RoleChange(out at), at);
        Put(findings, ref count, "prompt_leak", Near(Cue.Give, Cue.Prompt, 80, out at) && !IsNegated(at) ? 0.6 : 0, at);
        Put(findings, ref count, "secret_request", SecretRequest(out at), at);
        Put(findings, ref count, "mailbox_request", MailboxRequest(out at), at);
        Put(findings, ref count, "addresses_machine", Address(out at), at);
        Put(findings, ref count, "secrecy", Secrecy(out at), at);
        Put(findings, ref count, "false_authority", Authority(out at), at);
        Put(findings, ref count, "tool_bait", ToolBait(out at), at);
        Put(findings, ref count, "new_task", NewTask(out at), at);
        Put(findings, ref count, "decode_and_obey", Near(Cue.Decode, Cue.Act, 80, out at) ? 0.35 : 0, at);
        return count;
    }

    private static void Put(Span<Finding> findings, ref int count, string kind, double weight, int at)
    {
        if (weight > 0 && count < findings.Length)
            findings[count++] = new Finding(kind, weight, at);
    }

    private readonly double Override(out int at)
    {
        var spokenTo = Has(Cue.Machine | Cue.Prompt | Cue.Role | Cue.Unbound);
        if (Near(Cue.Override, Cue.Instruction, 70, out at))
        {
            var weight = spokenTo || (Has(Cue.Give) && Has(Cue.Secret | Cue.Mailbox)) ? 0.85 : Has(Cue.Prior | Cue.All) ? 0.75 : 0.4;
            // "Please ignore my earlier instructions": people take back what they said themselves.
            return Near(Cue.Own, Cue.Instruction, 24, out _) && !spokenTo ? weight * 0.3 : IsNegated(at) ? weight * 0.3 : weight;
        }
        if (Near(Cue.Override, Cue.Rule, 60, out at) && !IsNegated(at))
            return Has(Cue.Machine | Cue.Prompt | Cue.Unbound) ? 0.6 : Has(Cue.Agent) ? 0.5 : Near(Cue.Prior, Cue.Rule, 20, out _) ? 0.3 : 0.15;
        return 0;
    }

    private readonly double RoleChange(out int at)
    {
        if (Near(Cue.Role, Cue.Unbound, 100, out at))
            return 0.65;
        if (Near(Cue.Role, Cue.Machine, 60, out at))
            return Has(Cue.Must | Cue.Override | Cue.Give) ? 0.35 : 0.15;
        if (Near(Cue.Unbound, Cue.Machine | Cue.Agent, 100, out at))
            return 0.35;
        if (Near(Cue.Unbound, Cue.Override | Cue.Rule | Cue.NewTask, 80, out at))
            return 0.4;
        if (Near(Cue.Role, Cue.Agent, 30, out at))
            return 0.1;
        return Has(Cue.Unbound) && Has(Cue.Authority | Cue.Give) && First(Cue.Unbound, out at) ? 0.3 : 0;
    }

    private readonly double SecretRequest(out int at)
    {
        if (!Near(Cue.Give, Cue.Secret, 90, out at) || IsNegated(at))
            return 0;
        var weight = 0.25;
        if (HasAddress || Near(Cue.Give, Cue.ToMe, 40, out _))
            weight += 0.2;
        if (Has(Cue.Machine | Cue.Override | Cue.Secrecy))
            weight += 0.3;
        else if (Has(Cue.Agent | Cue.All | Cue.Mailbox))
            weight += 0.1;
        return weight;
    }

    private readonly double MailboxRequest(out int at)
    {
        if (!Near(Cue.Give, Cue.Mailbox, 90, out at) || IsNegated(at))
            return 0;
        var weight = 0.25;
        if (HasAddress)
            weight += 0.2;
        if (Has(Cue.Machine | Cue.Override | Cue.Secrecy | Cue.Unbound))
            weight += 0.3;
        else if (Has(Cue.Agent | Cue.Reading | Cue.Prompt))
            weight += 0.2;
        return weight;
    }

    /// <summary>"Dear AI assistant", "if you are a language model", "assistant: …", "the assistant must …".</summary>
    private readonly double Address(out int at)
    {
        var weight = 0.0;
        at = 0;
        var orders = Has(Cue.Give | Cue.Act | Cue.Override | Cue.Tool | Cue.Secrecy);
        for (var i = 0; i < _count; i++)
        {
            var (cue, start, end) = _hits[i];
            if ((cue & (Cue.Machine | Cue.Agent)) == Cue.None)
                continue;
            var machine = (cue & Cue.Machine) != Cue.None;
            var before = _text[..start].TrimEnd();
            var behind = _text[end..].TrimStart();
            var called = !behind.IsEmpty && (behind[0] is ':' or ',' or '!' or ']') && (before.IsEmpty || before[^1] is '.' or '!' or '?' or ':' or ',' or '[' or '-' or '*' or '\n' or '>' || before.EndsWith("dear") || before.EndsWith("attention") || before.EndsWith("hey"));
            var named = before.EndsWith("dear") || before.EndsWith("if you are an") || before.EndsWith("if you are a") || before.EndsWith("note to the") || before.EndsWith("for the")
                || before.EndsWith("as an") || before.EndsWith("for") || before.EndsWith("attention");
            var told = (Has(Cue.Reading | Cue.Authority) || IsFollowed(i, Cue.Must, 14)) && !before.EndsWith("your");
            var found = called ? (machine ? 0.3 : 0.15) + (orders ? 0.3 : 0)
                : named && machine ? 0.25 + (orders ? 0.25 : 0)
                : named && before.EndsWith("dear") ? 0.15 + (orders ? 0.2 : 0)
                : told && orders ? machine ? 0.45 : 0.35
                : machine && Has(Cue.Reading) ? 0.25 : 0;
            if (found <= weight)
                continue;
            weight = found;
            at = start;
        }
        return weight;
    }

    private readonly double Secrecy(out int at)
    {
        if (!First(Cue.Secrecy, out at) || IsNegated(at) || !Has(Cue.Give | Cue.Act | Cue.Machine | Cue.Agent | Cue.Mailbox | Cue.Tool | Cue.Authority))
            return 0;
        return Has(Cue.Machine | Cue.Mailbox | Cue.Authority | Cue.Tool) ? 0.4 : 0.15;
    }

    private readonly double Authority(out int at)
    {
        if (!First(Cue.Authority, out at))
            return 0;
        return Has(Cue.Machine | Cue.Unbound | Cue.Secrecy | Cue.Tool | Cue.Instruction) ? 0.4 : Has(Cue.Agent | Cue.Act | Cue.Secret) ? 0.3 : 0.15;
    }

    private readonly double ToolBait(out int at)
    {
        if (!First(Cue.Tool, out at) || IsNegated(at))
            return 0;
        if (Has(Cue.Machine | Cue.Secrecy))
            return 0.5;
        var several = Near(Cue.Tool, Cue.Tool, 200, out _);
        if (Has(Cue.Agent | Cue.Mailbox) || (Has(Cue.Secret) && HasAddress))
            return several ? 0.4 : 0.3;
        return several ? 0.2 : Has(Cue.Act | Cue.Give) ? 0.12 : 0.05;
    }

    private readonly double NewTask(out int at)
    {
        if (!First(Cue.NewTask, out at))
            return 0;
        if (Has(Cue.Machine | Cue.Unbound | Cue.Prompt))
            return 0.4;
        if (Has(Cue.Secret | Cue.Mailbox) && Has(Cue.Give | Cue.Act))
            return 0.4;
        return Has(Cue.Override | Cue.Authority | Cue.Tool) ? 0.3 : 0.08;
    }

    private readonly bool IsFollowed(int hit, Cue by, int distance)
    {
        for (var i = hit + 1; i < _count && _hits[i].Start - _hits[hit].End <= distance; i++)
        {
            if ((_hits[i].Cue & by) != Cue.None)
                return true;
        }
        return false;
    }

    private readonly bool Has(Cue any) => (_all & any) != Cue.None;

    private readonly bool First(Cue any, out int at)
    {
        at = 0;
        if (!Has(any))
            return false;
        for (var i = 0; i < _count; i++)
        {
            if ((_hits[i].Cue & any) == Cue.None)
                continue;
            at = _hits[i].Start;
            return true;
        }
        return false;
    }

    /// <summary>Two cues with at most so many characters between them, in any order.</summary>
    /// <param name="at">Where the first kind of cue stands.</param>
    private readonly bool Near(Cue one, Cue other, int distance, out int at)
    {
        at = 0;
        if (!Has(one) || !Has(other))
            return false;
        for (var i = 0; i < _count; i++)
        {
            if ((_hits[i].Cue & one) == Cue.None)
                continue;
            for (var j = 0; j < _count; j++)
            {
                if (j == i || (_hits[j].Cue & other) == Cue.None)
                    continue;
                var gap = j > i ? _hits[j].Start - _hits[i].End : _hits[i].Start - _hits[j].End;
                if (gap > distance)
                    continue;
                at = _hits[i].Start;
                return true;
            }
        }
        return false;
    }

    /// <summary>"Never", "do not", shortly before: a warning rather than an order.</summary>
    private readonly bool IsNegated(int at)
    {
        for (var i = 0; i < _count && _hits[i].Start < at; i++)
        {
            if ((_hits[i].Cue & Cue.Not) != Cue.None && at - _hits[i].End <= 28)
                return true;
        }
        return false;
    }
}
