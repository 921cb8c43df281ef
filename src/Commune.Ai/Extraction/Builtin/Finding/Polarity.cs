using Commune.Ai.Extraction.Builtin.Reading;
using Commune.Ai.Extraction.Builtin.Words;

namespace Commune.Ai.Extraction.Builtin.Finding;

/// <summary>What a sentence says about a thing it mentions.</summary>
internal enum Stance
{
    /// <summary>Mentioned, not stated: a question, a condition, a thing of the past.</summary>
    Open,
    Yes,
    No,
}

/// <summary>Reads whether a thing that a clause mentions is wanted, is so, or is denied.</summary>
internal static class Polarity
{
    // "We don't really want to have the refund": words between the denial and the thing.
    private const int Reach = 8;
    private const int ShortReach = 3;

    /// <summary>Whether the sender wants the thing.</summary>
    public static Stance OfWish(MailReading reading, Sentence sentence, Clause clause, int mention, int mentionEnd)
    {
        var words = reading.Own;
        if (IsInstead(words, sentence, mention))
            return Stance.No;
        if (IsDisowned(words, sentence, clause))
            return Stance.No;
        var (from, joined) = Governing(words, sentence, clause);
        // "My colleague wants a refund": somebody else does.
        if (Any(words, from, mention, StatementWords.Others) && !Any(words, from, mention, Selves))
            return Stance.Open;
        if (Negator(words, from, mention) is { } negator)
        {
            var direct = mention - negator <= ShortReach && !Any(words, negator + 1, mention, StatementWords.Receipts);
            if (direct || Any(words, negator, mention, StatementWords.Wishes))
                return Any(words, negator + 1, mention, StatementWords.Receipts) ? Stance.Open : Stance.No;
            return Stance.Open;
        }
        if (Any(words, mentionEnd, Math.Min(clause.End, mentionEnd + 5), StatementWords.Negators) && Any(words, mentionEnd, clause.End, StatementWords.Needs))
            return Stance.No;
        if (IsConditional(words, sentence, clause) || (mentionEnd < clause.End && StatementWords.Rules.Contains(words[mentionEnd].Folded)))
            return Stance.Open;
        var asks = Any(words, from, clause.End, StatementWords.Requests);
        if (!asks && sentence.IsQuestion)
            asks = Any(words, from, mention, StatementWords.Abilities) && Any(words, from, mention, Askers);
        if (asks)
            return Any(words, from, mention, Past) ? Stance.Open : Stance.Yes;
        // "I hereby cancel": saying it does it.
        if (Any(words, clause.First, clause.End, Performatives))
            return Stance.Yes;
        // "Refund me", "Cancel the order": the thing is the verb of an order.
        var begins = mention == from || (mention == clause.First + 1 && joined);
        return begins && !sentence.IsQuestion && sentence.Part == MailPart.New && mentionEnd < clause.End ? Stance.Yes : Stance.Open;
    }

    /// <summary>Whether the thing is so.</summary>
    public static Stance OfState(MailReading reading, Sentence sentence, Clause clause, int mention, int mentionEnd)
    {
        var words = reading.Own;
        if (IsInstead(words, sentence, mention))
            return Stance.No;
        if (sentence.IsQuestion || IsConditional(words, sentence, clause))
            return OfWish(reading, sentence, clause, mention, mentionEnd) == Stance.Yes && Any(words, clause.First, clause.End, StatementWords.Requests) ? Stance.Yes : Stance.Open;
        var (from, _) = Governing(words, sentence, clause);
        if (Negator(words, from, mention) is { } negator)
            return mention - negator <= ShortReach + 2 ? Stance.No : Stance.Open;
        if (Any(words, mentionEnd, Math.Min(clause.End, mentionEnd + 4), StatementWords.Negators))
            return Any(words, mentionEnd, clause.End, StatementWords.Needs) ? Stance.No : Stance.Open;
        return Stance.Yes;
    }

    private static readonly HashSet<string> Askers = new(
        ["i", "we", "you", "ich", "wir", "sie", "ihr", "je", "nous", "vous", "on", "get", "have", "puis", "pouvez", "puedo", "pueden", "podrian", "podria", "posso", "potete", "potreste", "kan", "kunt", "kunnen", "podem", "poderia"],
        StringComparer.Ordinal);

    private static readonly HashSet<string> Performatives = new(["hereby", "hiermit", "presente", "hierbij"], StringComparer.Ordinal);

    private static readonly HashSet<string> Past = new(["already", "bereits", "deja", "wanted", "asked", "requested", "ya", "gia", "reeds"], StringComparer.Ordinal);

    /// <summary>"a replacement or a refund": a clause without a verb of its own goes with the one before.</summary>
    private static (int From, bool Joined) Governing(List<Word> words, Sentence sentence, Clause clause)
    {
        if (clause.Joiner is not ("and" or "or") || clause.End - clause.First > 6 || Any(words, clause.First, clause.End, StatementWords.Requests) || Any(words, clause.First, clause.End, StatementWords.Negators))
            return (clause.First, clause.Joiner is not null);
        for (var i = 1; i < sentence.Clauses.Count; i++)
        {
            if (sentence.Clauses[i].First == clause.First)
                return (sentence.Clauses[i - 1].First, true);
        }
        return (clause.First, true);
    }

    private static int? Negator(List<Word> words, int from, int mention)
    {
        for (var i = mention - 1; i >= from && mention - i <= Reach; i--)
        {
            // "not only a refund", "why not"
            if (StatementWords.Negators.Contains(words[i].Folded) && words[i].Folded is not "ne" && !(i + 1 < mention && words[i + 1].Folded is "only" or "nur" or "seulement" or "solo" or "alleen" or "apenas"))
                return i;
        }
        return null;
    }

    /// <summary>"..., but I do not": the next clause denies for the sender what this one says of somebody.</summary>
    private static bool IsDisowned(List<Word> words, Sentence sentence, Clause clause)
    {
        foreach (var next in sentence.Clauses)
        {
            if (next.First == clause.End)
            {
                return next.Joiner is "but" or "and" or "," && next.End - next.First <= 5
                    && Any(words, next.First, next.End, Selves) && StatementWords.Negators.Contains(words[next.End - 1].Folded);
            }
        }
        return false;
    }

    private static readonly HashSet<string> Selves = new(["i", "we", "ich", "wir", "je", "nous", "yo", "nosotros", "io", "noi", "ik", "wij", "eu", "i'd", "we'd", "i'm", "we're"], StringComparer.Ordinal);

    private static bool IsInstead(List<Word> words, Sentence sentence, int mention)
    {
        for (var i = Math.Max(sentence.First, mention - 4); i < mention; i++)
        {
            if (!StatementWords.Instead.Contains(words[i].Folded))
                continue;
            // "a refund instead" and "instead, refund me" want it; "instead of a refund" does not.
            var next = i + 1 < mention ? words[i + 1].Folded : "";
            if (words[i].Folded is "instead" ? next is "of" : words[i].Folded is not "rather" and not "plutot" || next is "than" or "que" or "qu'un")
                return true;
        }
        return false;
    }

    private static bool IsConditional(List<Word> words, Sentence sentence, Clause clause)
    {
        foreach (var before in sentence.Clauses)
        {
            if (before.First > clause.First)
                break;
            var first = words[before.First].Folded;
            var second = before.First + 1 < before.End ? words[before.First + 1].Folded : "";
            if ((StatementWords.Conditions.Contains(first) || (before.Joiner is not null && StatementWords.Conditions.Contains(second))) && !Any(words, before.First, Math.Min(before.End, before.First + 3), StatementWords.Possible))
                return true;
            if (before.First == clause.First && Any(words, clause.First, clause.End, Ifs))
                return true;
        }
        return false;
    }

    private static readonly HashSet<string> Ifs = new(["if", "falls", "unless", "whether"], StringComparer.Ordinal);

    private static bool Any(List<Word> words, int from, int end, IReadOnlySet<string> set)
    {
        for (var i = from; i < end; i++)
        {
            if (set.Contains(words[i].Folded))
                return true;
        }
        return false;
    }
}
