using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Commune.Storage;

/// <summary>One page of a list; <paramref name="Next"/> is null on the last one.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, PageCursor? Next)
{
    public Page<TOut> Select<TOut>(Func<T, TOut> map) => new([.. Items.Select(map)], Next);

    /// <summary>Makes a page from one row more than was asked for: the extra row only tells that there is a next page.</summary>
    public static Page<T> From(IReadOnlyList<T> rows, int limit, Func<T, PageCursor> cursorOf) =>
        rows.Count <= limit
            ? new Page<T>(rows, null)
            : new Page<T>([.. rows.Take(limit)], cursorOf(rows[limit - 1]));
}

/// <summary>
/// Collects a page of rows that can be large: it ends at the limit, or before it would outgrow its weight, so that whoever mails us megabytes
/// cannot make a list that fits into no memory. There is always at least one row.
/// </summary>
internal sealed class HeavyPage<T>(int limit, long mostWeight, Func<T, long> weigh)
{
    private readonly List<T> rows = [];
    private long weight;
    private bool hasMore;

    /// <summary>False when the page is full: this row begins the next one.</summary>
    public bool TryAdd(T row)
    {
        weight += weigh(row);
        if (rows.Count == limit || (rows.Count > 0 && weight > mostWeight))
        {
            hasMore = true;
            return false;
        }
        rows.Add(row);
        return true;
    }

    public Page<T> ToPage(Func<T, PageCursor> cursorOf) => new(rows, hasMore ? cursorOf(rows[^1]) : null);
}

/// <summary>
/// The place behind the last row of a page: its sort key, its id, and for lists whose rows move (threads)
/// the moment the paging began (contract section 1, Pagination).
/// </summary>
/// <param name="Snapshot">Unix ms of the newest row that the first page could see; 0 where rows do not move.</param>
/// <param name="At">The sort key of the last row, Unix ms.</param>
/// <param name="Id">The id of the last row.</param>
public readonly record struct PageCursor(long Snapshot, long At, string Id)
{
    public string Encode() =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"1.{Snapshot}.{At}.{Id}")));

    public static bool TryDecode(string text, out PageCursor cursor)
    {
        cursor = default;
        if (text.Length is 0 or > 512 || !Base64Url.IsValid(text))
            return false;
        var fields = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('.', 4);
        if (fields.Length != 4 || fields[0] != "1"
            || !long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var snapshot)
            || !long.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            || !fields[3].All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            return false;
        cursor = new PageCursor(snapshot, at, fields[3]);
        return true;
    }
}

public enum SortOrder
{
    Ascending,
    Descending,
}
