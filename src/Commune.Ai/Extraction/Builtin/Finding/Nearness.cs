using System.Collections.Frozen;
using Commune.Ai.Extraction.Builtin.Fields;
using Commune.Ai.Extraction.Builtin.Values;

namespace Commune.Ai.Extraction.Builtin.Finding;

/// <summary>Tells from the words around a value whether it is the property's.</summary>
internal static class Nearness
{
    // Words that say something between the property's words and the value.
    private const int FarthestId = 2;
    private const int FarthestCount = 2;
    private const int Farthest = 7;

    /// <summary>Things that have numbers of their own.</summary>
    private static readonly FrozenSet<string> Owners = new[]
    {
        "order", "invoice", "ticket", "booking", "tracking", "customer", "account", "po", "sku", "item", "flight", "contract", "member", "serial", "model", "version", "error",
        "room", "table", "phone", "postcode", "project", "licence", "device", "street", "address", "tax", "bank", "job", "covid", "windows", "iphone", "galaxy",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Things that have days of their own.</summary>
    private static readonly FrozenSet<string> Dated = new[]
    {
        "order", "invoice", "shipping", "due", "start", "end", "birth", "checkin", "checkout", "payment", "paid", "return", "appointment", "contract", "event", "warranty", "refund", "notice", "booking",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <returns>The confidence, or 0.</returns>
    public static double Of(FieldName name, FieldKind kind, TypedValue value, Surroundings around)
    {
        if (OfRange(name, kind, value) is > 0 and var range)
            return range;
        var needed = name.Subjects.Where(subject => !FieldName.IsWeak(subject) || name.Subjects.All(FieldName.IsWeak)).ToList();
        if (needed.Count == 0)
            needed = [.. kind is FieldKind.Count ? [] : name.Types];
        if (needed.Count == 0 && kind is FieldKind.Id or FieldKind.Amount or FieldKind.Count)
            needed = [.. name.Context];
        if (needed.Count == 0)
            return 0;
        var distance = 0;
        var behind = false;
        foreach (var subject in needed)
        {
            var (before, after) = (around.BeforeDistance(subject), around.AfterDistance(subject));
            if (before is null && after is null)
                return 0;
            // Words before a value name it, those behind it only its unit or what it is.
            behind |= before is null;
            distance = Math.Max(distance, before ?? after!.Value);
        }
        var farthest = kind switch
        {
            FieldKind.Id => FarthestId,
            FieldKind.Count => FarthestCount,
            _ => Farthest,
        };
        if (distance > farthest || (behind && distance > (kind is FieldKind.Id ? 3 : 4)))
            return 0;
        if (HasCloser(name, kind, around, distance, behind))
            return 0;
        if (kind == FieldKind.Id && !value.IsStrong && !IsMarked(around, behind, distance, value))
            return 0;
        if (behind && kind is FieldKind.Date or FieldKind.Email or FieldKind.Link or FieldKind.Phone)
            return 0;
        var worth = distance <= 1 ? Confidence.Beside : distance <= 3 ? Confidence.Near : Confidence.SameSentence;
        return behind ? worth - 0.05 : worth - (0.01 * distance);
    }

    /// <summary>The words around an id name something else that has numbers.</summary>
    public static bool BelongsElsewhere(FieldName name, Surroundings around) =>
        around.ConceptsBefore.Any(entry => entry.Distance <= 1 && Owners.Contains(entry.Concept) && !name.IsAbout(entry.Concept))
        || around.ConceptsAfter.Any(entry => entry.Distance <= 1 && Owners.Contains(entry.Concept) && !name.IsAbout(entry.Concept));

    /// <summary>"12 to 15 December": the first day is the start and the arrival.</summary>
    private static double OfRange(FieldName name, FieldKind kind, TypedValue value)
    {
        if (kind != FieldKind.Date || value.RangeSide == 0)
            return 0;
        var side = name.IsAbout("start") || name.IsAbout("checkin") ? -1 : name.IsAbout("end") || name.IsAbout("checkout") ? 1 : 0;
        return side == value.RangeSide ? Confidence.Near : 0;
    }

    private static bool HasCloser(FieldName name, FieldKind kind, Surroundings around, int distance, bool behind)
    {
        var owners = kind switch
        {
            FieldKind.Id => Owners,
            FieldKind.Date or FieldKind.Time => Dated,
            _ => null,
        };
        foreach (var (concept, near) in behind ? around.ConceptsAfter : around.ConceptsBefore)
        {
            if (near > distance || name.IsAbout(concept))
                continue;
            if (owners is not null ? near < distance && owners.Contains(concept) : FieldName.IsDecisive(concept) && !FieldName.IsWeak(concept) && concept is not ("company" or "night" or "start" or "end" or "first"))
                return true;
        }
        return false;
    }

    /// <summary>A number alone is an id only where something says so: "#4711", "order no. 4711", "order 4711".</summary>
    private static bool IsMarked(Surroundings around, bool behind, int distance, TypedValue value) =>
        around.BeforeDistance("id") is <= 1 || (behind && around.AfterDistance("id") is <= 3) || (distance <= 1 && !behind && value.Text.Length >= 4);
}
