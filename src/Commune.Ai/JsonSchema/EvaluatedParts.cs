namespace Commune.Ai.JsonSchema;

/// <summary>Which members and items of one value some subschema has looked at successfully: what <c>unevaluated…</c> leaves alone.</summary>
internal sealed class EvaluatedParts
{
    private readonly HashSet<string> members = new(StringComparer.Ordinal);
    private readonly HashSet<int> items = [];
    private int firstItems;

    public void Add(string member) => members.Add(member);

    public void Add(int item) => items.Add(item);

    /// <summary>Items 0 to <paramref name="count"/> − 1.</summary>
    public void AddFirst(int count) => firstItems = Math.Max(firstItems, count);

    public void Add(EvaluatedParts other)
    {
        members.UnionWith(other.members);
        items.UnionWith(other.items);
        AddFirst(other.firstItems);
    }

    public bool Has(string member) => members.Contains(member);

    public bool Has(int item) => item < firstItems || items.Contains(item);
}
