using System.Buffers;
using Commune.Ai.Search;

namespace Commune.Server.Search;

/// <param name="Thread">Its <see cref="Storage.ThreadKey"/>.</param>
internal readonly record struct Ranked(double Raw, uint Document, long Thread) : IComparable<Ranked>
{
    /// <summary>The best first; of equals the newest.</summary>
    public int CompareTo(Ranked other) => Raw != other.Raw ? other.Raw.CompareTo(Raw) : other.Document.CompareTo(Document);
}

/// <summary>
/// Ranks the documents of one organisation for one query. Counts and averages are of that organisation's documents up to the moment of the
/// first page, so that ranks are the same on every node, on both engines, before and after a merge, and on every page.
/// </summary>
internal sealed class Ranking : IDisposable
{
    private const byte Alive = 1;
    private const byte Passes = 2;
    private const byte Exact = 4;

    /// <summary>A guess at what was meant counts for less than the word itself.</summary>
    private const double NearFactor = .8;

    private static readonly SearchConcept Guessed = new("", []);

    private readonly OrganisationIndex index;
    private readonly IndexView view;
    private readonly int upTo;
    private readonly byte[] states;
    private readonly byte[] matched;
    private readonly float[] lexical;
    private readonly Bm25 bm25;

    /// <summary>By the length of a document: what a word weighs that stands there once, as most do.</summary>
    private readonly double[] onceWeights = new double[1024];
    private readonly Dictionary<string, double> worths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);
    private double rarities;
    private int asked;

    /// <summary>The index's gate is held for reading.</summary>
    public Ranking(OrganisationIndex index, IndexView view, long upTo, DocumentFilter filter)
    {
        this.index = index;
        this.view = view;
        this.upTo = (int)upTo;
        states = ArrayPool<byte>.Shared.Rent(this.upTo + 1);
        matched = ArrayPool<byte>.Shared.Rent(this.upTo + 1);
        lexical = ArrayPool<float>.Shared.Rent(this.upTo + 1);
        matched.AsSpan(0, this.upTo + 1).Clear();
        lexical.AsSpan(0, this.upTo + 1).Clear();
        var (documents, words) = Mark(filter);
        bm25 = new Bm25(documents, documents == 0 ? 1 : (double)words / documents);
        for (var length = 0; length < onceWeights.Length; length++)
            onceWeights[length] = bm25.Weight(1, length);
    }

    /// <summary>The terms that counted and what each is worth: what is highlighted.</summary>
    public Dictionary<string, double> Worths => worths;

    /// <summary>Keeps only documents that have all of a filter's or a phrase's words.</summary>
    public void Require(IReadOnlyList<FieldWord> words)
    {
        var terms = words.SelectMany(word => Count(word.Whole) > 0 || word.Parts.Count == 0 ? [word.Whole] : word.Parts)
            .Distinct(StringComparer.Ordinal).Take(byte.MaxValue).ToList();
        if (terms.Count == 0)
            return;
        var has = ArrayPool<byte>.Shared.Rent(upTo + 1);
        has.AsSpan(0, upTo + 1).Clear();
        for (var i = 0; i < terms.Count; i++)
        {
            if (!view.Terms.TryGetValue(terms[i], out var found))
                continue;
            foreach (var document in found.Documents)
            {
                if (document <= upTo && has[document] == i)
                    has[document]++;
            }
        }
        for (var document = 0; document <= upTo; document++)
        {
            if (has[document] < terms.Count)
                states[document] &= unchecked((byte)~Passes);
        }
        ArrayPool<byte>.Shared.Return(has);
    }

    /// <summary>Counts what the documents have of a thing that is asked for.</summary>
    public void Add(SearchConcept concept, IReadOnlyList<string> near, IReadOnlyList<WordForm> forms)
    {
        if (!view.Terms.ContainsKey(concept.Term))
            return;
        if (forms.Count > 0)
            AddForms(concept, forms);
        else if (Count(concept.Term) > 0)
            AddTerm(concept);
        else if (concept.Parts.Count > 0)
        {
            foreach (var part in concept.Parts)
                Add(new SearchConcept(part, []), [], []);
        }
        else if (near.Count > 0)
            AddNear(near);
        else
        {
            rarities += bm25.Rarity(0) * concept.Weight;
            asked += concept.IsHint ? 0 : 1;
        }
    }

    /// <summary>How many documents have the term.</summary>
    public int Count(string term)
    {
        if (counts.TryGetValue(term, out var count) || !view.Terms.TryGetValue(term, out var found))
            return count;
        foreach (var document in found.Documents)
        {
            if (document <= upTo && states[document] != 0)
                count++;
        }
        counts.Add(term, count);
        return count;
    }

    /// <summary>What is worth a row, in no order.</summary>
    /// <param name="query">Null when vectors abstain.</param>
    /// <param name="provider">Goes before, where a document has a vector of its model.</param>
    public List<Ranked> Relevant(Similarity? query, IDocumentSimilarity? provider = null)
    {
        var relevant = new List<Ranked>();
        var similarities = ArrayPool<float>.Shared.Rent(upTo + 1);
        var needed = Relevance.SimilarityNeeded(Compare(query, provider, similarities));
        for (var number = 0; number < index.Blocks.Length; number++)
        {
            if (index.Blocks[number] is not { } block)
                continue;
            var first = number << DocumentBlock.Bits;
            var end = Math.Min(block.Capacity, upTo + 1 - first);
            for (var place = 0; place < end; place++)
            {
                var document = first + place;
                if ((states[document] & Passes) == 0)
                    continue;
                var similarity = similarities[document];
                if (lexical[document] == 0 && similarity < needed)
                    continue;
                var coverage = lexical[document] == 0 ? 0 : Bm25.Coverage(lexical[document], rarities);
                if (Relevance.IsRelevant(
                    (states[document] & Exact) != 0,
                    (query is not null && (block.Flags[place] & DocumentBlock.HasVector) != 0) || provider?.Has((uint)document) == true, similarity, needed, coverage, matched[document], asked))
                    relevant.Add(new Ranked(HybridScore.Raw(similarity, coverage), (uint)document, block.Thread[place]));
            }
        }
        ArrayPool<float>.Shared.Return(similarities);
        return relevant;
    }

    /// <summary>Compares every document that passes with the query; 0 where either has no vector.</summary>
    /// <returns>The greatest similarity.</returns>
    private double Compare(Similarity? query, IDocumentSimilarity? provider, float[] similarities)
    {
        similarities.AsSpan(0, upTo + 1).Clear();
        var best = 0f;
        for (var number = 0; (query is not null || provider is not null) && number < index.Blocks.Length; number++)
        {
            if (index.Blocks[number] is not { } block)
                continue;
            var first = number << DocumentBlock.Bits;
            var end = Math.Min(block.Capacity, upTo + 1 - first);
            for (var place = 0; place < end; place++)
            {
                if ((states[first + place] & Passes) == 0)
                    continue;
                var similarity = 0f;
                if (provider?.TryCompare((uint)(first + place), out similarity) != true)
                {
                    if (query is null || (block.Flags[place] & DocumentBlock.HasVector) == 0)
                        continue;
                    similarity = query.To(block.Vectors.AsSpan(place * query.Dimensions, query.Dimensions));
                }
                similarities[first + place] = similarity;
                best = Math.Max(best, similarity);
            }
        }
        return best;
    }

    /// <summary>Everything that the filters let through, for a query of nothing else: all alike, the newest first.</summary>
    public List<Ranked> All()
    {
        var all = new List<Ranked>();
        for (var document = 0; document <= upTo; document++)
        {
            if ((states[document] & Passes) != 0)
                all.Add(new Ranked(1, (uint)document, index.Blocks[document >> DocumentBlock.Bits]!.Thread[document & (DocumentBlock.Size - 1)]));
        }
        return all;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(states);
        ArrayPool<byte>.Shared.Return(matched);
        ArrayPool<float>.Shared.Return(lexical);
    }

    private (long Documents, long Words) Mark(DocumentFilter filter)
    {
        states.AsSpan(0, upTo + 1).Clear();
        var (documents, words) = (0L, 0L);
        for (var number = 0; number < index.Blocks.Length; number++)
        {
            if (index.Blocks[number] is not { } block)
                continue;
            var first = number << DocumentBlock.Bits;
            var marked = filter.Mark(
                block, states.AsSpan(Math.Min(first, upTo + 1), Math.Max(0, Math.Min(block.Capacity, upTo + 1 - first))), Alive, Alive | Passes);
            documents += marked.Documents;
            words += marked.Words;
        }
        return (documents, words);
    }

    private void AddTerm(SearchConcept concept)
    {
        var found = view.Terms[concept.Term];
        var rarity = bm25.Rarity(Count(concept.Term)) * concept.Weight;
        rarities += rarity;
        asked += concept.IsHint ? 0 : 1;
        worths[concept.Term] = rarity;
        var documents = found.Documents;
        var times = found.Counts;
        var lengths = ReadOnlySpan<int>.Empty;
        var last = -1;
        for (var i = 0; i < documents.Length && documents[i] <= upTo; i++)
        {
            var document = (int)documents[i];
            if ((states[document] & Passes) == 0)
                continue;
            if (document >> DocumentBlock.Bits != last)
            {
                last = document >> DocumentBlock.Bits;
                lengths = index.Blocks[last]!.Length;
            }
            var length = lengths[document & (DocumentBlock.Size - 1)];
            lexical[document] += (float)(rarity * (times[i] == 1 && length < onceWeights.Length ? onceWeights[length] : bm25.Weight(times[i], length)));
            matched[document] += (byte)(concept.IsHint ? 0 : 1);
            if (concept.IsExact)
                states[document] |= Exact;
        }
    }

    /// <summary>The forms of a word are as rare as all of them together; in a document they count as one word that stands there as often as all of them.</summary>
    private void AddForms(SearchConcept concept, IReadOnlyList<WordForm> forms)
    {
        var gathered = ArrayPool<float>.Shared.Rent(upTo + 1);
        gathered.AsSpan(0, upTo + 1).Clear();
        var any = new List<uint>();
        var there = forms.Prepend(new WordForm(concept.Term, 1)).Where(form => view.Terms.ContainsKey(form.Term)).ToList();
        foreach (var form in there)
        {
            var found = view.Terms[form.Term];
            for (var i = 0; i < found.Length; i++)
            {
                var document = found.Documents[i];
                if (document > upTo || states[document] == 0)
                    continue;
                if (gathered[document] == 0)
                    any.Add(document);
                gathered[document] += (float)(found.Counts[i] * form.Kinship);
            }
        }
        var rarity = bm25.Rarity(any.Count) * concept.Weight;
        rarities += rarity;
        asked += concept.IsHint ? 0 : 1;
        foreach (var form in there)
            worths[form.Term] = rarity * form.Kinship;
        foreach (var document in any)
            AddPosting(document, gathered[document], rarity, concept);
        ArrayPool<float>.Shared.Return(gathered);
    }

    /// <summary>Words that may be meant count as one: a document that has several of them counts the one it has most.</summary>
    private void AddNear(IReadOnlyList<string> near)
    {
        var best = new Dictionary<uint, ushort>();
        foreach (var term in near.Where(view.Terms.ContainsKey))
        {
            var found = view.Terms[term];
            for (var i = 0; i < found.Length; i++)
            {
                if (found.Documents[i] <= upTo && states[found.Documents[i]] != 0)
                    best[found.Documents[i]] = Math.Max(found.Counts[i], best.GetValueOrDefault(found.Documents[i]));
            }
        }
        var rarity = bm25.Rarity(best.Count);
        rarities += rarity;
        asked++;
        foreach (var term in near)
            worths[term] = rarity;
        foreach (var (document, count) in best)
            AddPosting(document, count, rarity * NearFactor, Guessed);
    }

    private void AddPosting(uint document, double count, double rarity, SearchConcept concept)
    {
        if ((states[document] & Passes) == 0)
            return;
        var length = index.Blocks[(int)(document >> DocumentBlock.Bits)]!.Length[document & (DocumentBlock.Size - 1)];
        lexical[document] += (float)(rarity * bm25.Weight(count, length));
        matched[document] += (byte)(concept.IsHint ? 0 : 1);
        if (concept.IsExact)
            states[document] |= Exact;
    }
}
