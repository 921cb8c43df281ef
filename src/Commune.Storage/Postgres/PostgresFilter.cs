namespace Commune.Storage.Postgres;

/// <summary>The WHERE clause of a list: only what is asked for stands in it, so that the planner sees which index serves.</summary>
internal sealed class PostgresFilter
{
    private readonly List<string> terms = [];
    private readonly List<object?> values = [];

    public PostgresFilter(string orgColumn, string orgId) => Add($"{orgColumn} = {Next(orgId)}");

    public object?[] Values => [.. values];

    /// <summary>The placeholder of a further value.</summary>
    public string Next(object value)
    {
        values.Add(value);
        return $"${values.Count}";
    }

    public void Add(string term) => terms.Add(term);

    public void AddIfGiven(string comparison, object? value)
    {
        if (value is not null)
            Add($"{comparison} {Next(value)}");
    }

    public override string ToString() => string.Join(" AND ", terms);
}
