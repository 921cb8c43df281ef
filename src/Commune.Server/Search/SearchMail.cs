using System.Globalization;
using System.Text;
using Commune.Ai.Search;
using Commune.Mail.Text;
using Commune.Server.Hosting;
using Commune.Server.Metrics;
using Commune.Storage;

namespace Commune.Server.Search;

/// <summary>Finds mail by its words and by what it is about (docs/search.md).</summary>
internal sealed class SearchMail(IStore store, IndexMail entries, SearchCache cache, IVectorSource vectors, Traffic traffic, AskProvider? provider = null)
{
    private const int MostNear = 3;
    private const int MostMisspelt = 4;
    private const int MostTermsOfARange = 1000;

    /// <summary>Words of a query whose other forms are looked for, and how many of each count.</summary>
    private const int MostFamilies = 12;
    private const int MostForms = 16;

    /// <summary>Messages that a page looks into for phrases; what is behind them is taken for not there.</summary>
    private const int MostLookedInto = 2000;
    private const int LookedIntoAtOnce = 50;

    public async Task<SearchResult> SearchAsync(SearchRequest request, CancellationToken cancellation)
    {
        if (!entries.IsOn)
            throw ApiException.Forbidden("Search is switched off on this server (Commune__Search__Enabled): list messages and threads instead", "search_disabled");
        var parsed = SearchQueryParser.Parse(request.Query);
        var query = parsed with { Filters = request.Filters.And(parsed.Filters) };
        var index = cache.Get(request.OrgId);
        var terms = new QueryTerms(query);
        using var view = await ReadAsync(index, terms, cancellation);
        cache.Trim(index);

        // A number or id has no meaning that others could share.
        var hasMeaning = query.Concepts.Any(static concept => !concept.IsExact);
        var vector = hasMeaning ? vectors.OfQuery(query.Text) : null;
        var upTo = Math.Min(view.Documents, request.Cursor?.Snapshot ?? long.MaxValue);
        var inboxes = await InboxesAsync(request, cancellation);
        var other = provider is null ? ProviderAnswer.None : await provider.AskAsync(index, view, hasMeaning ? query.Text : null, inboxes, upTo, cancellation);
        var filter = await FilterAsync(request, query.Filters, index, inboxes, cancellation);
        var (ranked, worths) = Rank(index, view, upTo, filter, terms, vector, other, request.ByThread);
        var page = await PageAsync(request, terms, ranked, upTo, cancellation);
        traffic.Searched(other.Degraded);
        return new SearchResult(
            [.. page.Hits.Select(hit => Show(hit.Message, query.IsEmpty ? 1 : HybridScore.Shown(hit.Ranked.Raw), worths, terms.Phrases))],
            page.Next, other.Model ?? (vector is not null ? vectors.Model : null), other.Degraded, view.State.Unindexed + other.Lag);
    }

    /// <summary>Reads the query's terms, and then their other forms and those that may be meant by words that are in no message.</summary>
    private async Task<IndexView> ReadAsync(OrganisationIndex index, QueryTerms terms, CancellationToken cancellation)
    {
        var view = await index.ReadAsync(store.Search, terms.All, (counts, live) => terms.Choose(terms.All, counts, live), cancellation);
        // Only now the index knows the words of the newest mail.
        await AddFormsAsync(index, terms, cancellation);
        var misspelt = terms.Query.Concepts
            .Where(concept => !concept.IsExact && concept.Parts.Count == 0 && !terms.Forms.ContainsKey(concept.Term) && NearWords.SlipsAllowed(concept.Term.Length) > 0
                && view.Terms.TryGetValue(concept.Term, out var found) && found.Length == 0)
            .Take(MostMisspelt).ToList();
        if (misspelt.Count == 0 && terms.Forms.Count == 0)
            return view;
        foreach (var concept in misspelt)
            terms.AddNear(concept.Term, await NearAsync(index, concept.Term, cancellation));
        view.Dispose();
        return await index.ReadAsync(store.Search, terms.All, (counts, live) => terms.Choose(terms.All, counts, live), cancellation);
    }

    /// <summary>Reads which forms of the query's words the index has, where they are of another language than English.</summary>
    private async Task AddFormsAsync(OrganisationIndex index, QueryTerms terms, CancellationToken cancellation)
    {
        var asked = terms.Query.Concepts.Where(static concept => concept.Family is not null).Take(MostFamilies).ToList();
        if (asked.Count == 0)
            return;
        var beginnings = asked.SelectMany(static concept => concept.Family!.Beginnings).Distinct(StringComparer.Ordinal).ToList();
        var stored = await store.Search.ListTermsAsync(
            index.OrgId, [.. beginnings.Select(static beginning => new TermRange(Encoding.UTF8.GetBytes(beginning), Encoding.UTF8.GetBytes(beginning + '{')))],
            MostTermsOfARange, cancellation);
        var waiting = await index.TailTermsAsync(term => beginnings.Exists(beginning => term.StartsWith(beginning, StringComparison.Ordinal)), cancellation);
        var found = stored.Select(Encoding.UTF8.GetString).Concat(waiting).ToHashSet(StringComparer.Ordinal);
        foreach (var concept in asked.Where(concept => concept.Family!.IsCertain || !found.Contains(concept.Term)))
        {
            var forms = found.Where(term => term != concept.Term).Select(term => new WordForm(term, concept.Family!.Kinship(term))).Where(static form => form.Kinship > 0)
                .OrderByDescending(static form => form.Kinship).ThenBy(static form => form.Term.Length).ThenBy(static form => form.Term, StringComparer.Ordinal)
                .Take(MostForms).ToList();
            if (forms.Count > 0)
                terms.AddForms(concept.Term, forms);
        }
    }

    /// <summary>Words of the index that begin with the same letter and are a slip or two away, the nearest first.</summary>
    private async Task<List<string>> NearAsync(OrganisationIndex index, string word, CancellationToken cancellation)
    {
        var slips = NearWords.SlipsAllowed(word.Length);
        var ranges = NearWords.Beginnings(word).Select(static beginning => new TermRange(
            Encoding.UTF8.GetBytes(beginning.From), Encoding.UTF8.GetBytes(beginning.Before))).ToList();
        var stored = await store.Search.ListTermsAsync(index.OrgId, ranges, MostTermsOfARange, cancellation);
        var waiting = await index.TailTermsAsync(term => term[0] == word[0] && NearWords.Slips(word, term, slips) <= slips, cancellation);
        return
        [
            .. stored.Select(Encoding.UTF8.GetString).Concat(waiting).Distinct(StringComparer.Ordinal)
                .Select(term => (Term: term, Slips: NearWords.Slips(word, term, slips)))
                .Where(near => near.Slips <= slips && !near.Term.AsSpan().ContainsAnyInRange('0', '9'))
                .OrderBy(static near => near.Slips).ThenBy(static near => near.Term, StringComparer.Ordinal)
                .Take(MostNear).Select(static near => near.Term),
        ];
    }

    /// <summary>Those that are looked into; null for all.</summary>
    private async Task<IReadOnlyList<string>?> InboxesAsync(SearchRequest request, CancellationToken cancellation)
    {
        IReadOnlyList<string>? inboxes = request.InboxId is { } inboxId ? [inboxId] : null;
        if (request.DomainId is not { } domainId)
            return inboxes;
        var ofDomain = await store.Search.ListInboxesAsync(request.OrgId, domainId, cancellation);
        return inboxes is null ? ofDomain : [.. inboxes.Intersect(ofDomain, StringComparer.Ordinal)];
    }

    private async Task<DocumentFilter> FilterAsync(
        SearchRequest request, SearchFilters filters, OrganisationIndex index, IReadOnlyList<string>? inboxes, CancellationToken cancellation)
    {
        return new DocumentFilter(
            inboxes is null ? null : index.NumbersOf(inboxes).ToHashSet(), filters.Before, filters.After, filters.HasAttachment,
            filters.Status is null && filters.Tag is null
                ? null : await store.Search.FindThreadsAsync(request.OrgId, filters.Status, filters.Tag, cancellation));
    }

    private static (RankedList Ranked, Dictionary<string, double> Worths) Rank(
        OrganisationIndex index, IndexView view, long upTo, DocumentFilter filter, QueryTerms terms, sbyte[]? vector, ProviderAnswer other, bool byThread)
    {
        if (terms.IsImpossible)
            return (new RankedList([]), new Dictionary<string, double>(StringComparer.Ordinal));
        index.Gate.EnterReadLock();
        try
        {
            using var ranking = new Ranking(index, view, upTo, filter);
            ranking.Require(terms.Fields);
            ranking.Require([.. terms.Phrases.SelectMany(static phrase => phrase.Terms).Select(static term => new FieldWord(term, []))]);
            foreach (var concept in terms.Query.Concepts)
                ranking.Add(concept, terms.Near.GetValueOrDefault(concept.Term, []), terms.Forms.GetValueOrDefault(concept.Term, []));
            var isAll = terms.Query.IsEmpty && terms.Query.Text.Length == 0;
            var ranked = isAll ? ranking.All() : ranking.Relevant(
                vector is null ? null : new Similarity(vector),
                other.Near ?? (other.Vector is null || index.Provider is null ? null : (IDocumentSimilarity)new ProviderQuery(index.Provider, other.Vector)));
            // A phrase may stand in the message or in one of its files: that is seen when they are read.
            if (terms.Phrases.Count == 0 && index.Parents.Count > 0)
                LeaveDoubles(new FoundFiles(index.Parents), ranked, isAll, byThread);
            return (new RankedList(ranked), ranking.Worths);
        }
        finally
        {
            index.Gate.ExitReadLock();
        }
    }

    private static void LeaveDoubles(FoundFiles files, List<Ranked> ranked, bool isAll, bool byThread)
    {
        if (isAll)
            files.LeaveOut(ranked);
        else if (!byThread)
            files.KeepBest(ranked);
    }

    /// <summary>The rows behind the cursor, read as they are now: what was deleted meanwhile is not among them.</summary>
    private async Task<(List<(FoundMessage Message, Ranked Ranked)> Hits, PageCursor? Next)> PageAsync(
        SearchRequest request, QueryTerms terms, RankedList ranked, long upTo, CancellationToken cancellation)
    {
        var hits = new List<(FoundMessage, Ranked)>();
        var threads = new HashSet<long>();
        var messages = new HashSet<string>(StringComparer.Ordinal);
        var (at, lookedInto) = (0, 0);
        while (at < ranked.Count && hits.Count <= request.Limit && lookedInto < MostLookedInto)
        {
            var batch = new List<Ranked>();
            var wanted = terms.Phrases.Count > 0 ? LookedIntoAtOnce : request.Limit + 1 - hits.Count;
            for (; at < ranked.Count && batch.Count < wanted; at++)
            {
                // Of a thread the best message counts that has the phrases.
                if (request.ByThread && (terms.Phrases.Count == 0 ? !threads.Add(ranked[at].Thread) : threads.Contains(ranked[at].Thread)))
                    continue;
                // Rows of earlier pages need not be read again, unless their texts decide which threads they stood for.
                if (terms.Phrases.Count > 0 || IsBehind(ranked[at], request.Cursor))
                    batch.Add(ranked[at]);
            }
            lookedInto += batch.Count;
            var found = (await store.Search.FindAsync(request.OrgId, [.. batch.Select(static row => (long)row.Document)], cancellation))
                .ToDictionary(static message => message.Document);
            foreach (var row in batch)
            {
                if (!found.TryGetValue(row.Document, out var message) || !HasPhrases(message, terms.Phrases))
                    continue;
                if (terms.Phrases.Count > 0 && !(request.ByThread ? threads.Add(row.Thread) : messages.Add(message.MessageId)))
                    continue;
                if (IsBehind(row, request.Cursor))
                    hits.Add((message, row));
            }
        }
        if (hits.Count <= request.Limit)
            return (hits, null);
        hits.RemoveRange(request.Limit, hits.Count - request.Limit);
        var last = hits[^1].Item2;
        return (hits, new PageCursor(upTo, last.Document, BitConverter.DoubleToInt64Bits(last.Raw).ToString("x16", CultureInfo.InvariantCulture)));
    }

    private static bool IsBehind(Ranked row, PageCursor? cursor)
    {
        if (cursor is not { } place)
            return true;
        var raw = BitConverter.Int64BitsToDouble(long.Parse(place.Id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        return row.CompareTo(new Ranked(raw, (uint)place.At, 0)) > 0;
    }

    private static bool HasPhrases(FoundMessage message, IReadOnlyList<Phrase> phrases) => phrases.All(phrase =>
        phrase.FindIn(message.Attachment?.Text ?? message.Content) is not null || phrase.FindIn(message.Subject) is not null
        || message.Participants.Any(participant => phrase.FindIn($"{participant.Name} {participant.Identity}") is not null));

    private static SearchHit Show(FoundMessage message, double score, Dictionary<string, double> worths, IReadOnlyList<Phrase> phrases)
    {
        var wanted = worths;
        if (phrases.Count > 0)
        {
            var all = new Dictionary<string, double>(worths, StringComparer.Ordinal);
            foreach (var term in phrases.SelectMany(static phrase => phrase.Terms))
                all[term] = all.GetValueOrDefault(term) + 100;
            wanted = all;
        }
        var text = message.Attachment?.Text ?? message.Content;
        return new SearchHit(
            message, score, Excerpt.Of(text, wanted) ?? new Excerpt(Snippet.Of(text), []), Excerpt.MarksIn(message.Subject, wanted));
    }
}
