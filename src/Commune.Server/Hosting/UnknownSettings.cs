using System.Collections;

namespace Commune.Server.Hosting;

/// <summary>A name in the configuration that no setting has, and the setting that was probably meant.</summary>
/// <param name="Nearest">Null when nothing is like it.</param>
/// <param name="IsSlip">So near that nothing else can have been meant.</param>
internal sealed record UnknownSetting(string Name, string? Nearest, bool IsSlip)
{
    public override string ToString() => Nearest is null ? $"{Name} is not a setting." : $"{Name} is not a setting; did you mean {Nearest}?";
}

/// <summary>
/// Finds what is written in the section <c>Commune</c> and would be ignored. A slip is refused at start: the setting that was meant may be the one
/// that keeps others out. Any other unknown name is only told, since it may be for another version of the program.
/// </summary>
internal static class UnknownSettings
{
    /// <summary>Letters that were left out, added, changed or swapped with their neighbour.</summary>
    private const int MostSlips = 2;

    public static IReadOnlyList<UnknownSetting> In(IConfigurationSection section, Type options)
    {
        var known = new List<string>();
        AddNames(known, section.Key, options);
        var unknown = new List<UnknownSetting>();
        AddUnknown(unknown, known, section.Key, section, options);
        return unknown;
    }

    private static void AddNames(List<string> known, string prefix, Type options)
    {
        foreach (var property in options.GetProperties().Where(static p => p.CanWrite))
        {
            var name = $"{prefix}__{property.Name}";
            if (IsGroup(property.PropertyType))
                AddNames(known, name, property.PropertyType);
            else
                known.Add(name);
        }
    }

    private static void AddUnknown(List<UnknownSetting> unknown, List<string> known, string prefix, IConfigurationSection section, Type options)
    {
        foreach (var child in section.GetChildren())
        {
            var name = $"{prefix}__{child.Key}";
            var property = Array.Find(options.GetProperties(), p => p.CanWrite && p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
                unknown.AddRange(NamesBelow(name, child).Select(full => Explain(full, known)));
            else if (IsGroup(property.PropertyType))
            {
                if (!string.IsNullOrEmpty(child.Value))
                    unknown.Add(Explain(name, known));
                AddUnknown(unknown, known, name, child, property.PropertyType);
            }
            else if (!IsList(property.PropertyType))
                unknown.AddRange(child.GetChildren().SelectMany(below => NamesBelow($"{name}__{below.Key}", below)).Select(full => Explain(full, known)));
        }
    }

    /// <summary>The names under which values stand.</summary>
    private static IEnumerable<string> NamesBelow(string name, IConfigurationSection section) =>
        section.GetChildren().SelectMany(child => NamesBelow($"{name}__{child.Key}", child)).DefaultIfEmpty(name);

    private static UnknownSetting Explain(string name, List<string> known)
    {
        var nearest = known.MinBy(candidate => Distance(name, candidate));
        if (nearest is not null && Distance(name, nearest) <= MostSlips)
            return new UnknownSetting(name, nearest, IsSlip: true);
        // The right name in the wrong group, or in none.
        var last = name[(name.LastIndexOf("__", StringComparison.Ordinal) + 2)..];
        var moved = known.FindAll(candidate => candidate.EndsWith("__" + last, StringComparison.OrdinalIgnoreCase));
        return new UnknownSetting(name, moved is [var only] ? only : null, IsSlip: false);
    }

    /// <summary>A class of ours that holds settings.</summary>
    private static bool IsGroup(Type type) => type.IsClass && type.Assembly == typeof(CommuneOptions).Assembly;

    /// <summary>Its items have names of the operator's choice.</summary>
    private static bool IsList(Type type) => type != typeof(string) && type.IsAssignableTo(typeof(IEnumerable));

    /// <summary>How many slips lead from one name to the other, case and underscores set aside.</summary>
    internal static int Distance(string first, string second)
    {
        var (a, b) = (Plain(first), Plain(second));
        var (beforeLast, last, row) = (new int[b.Length + 1], new int[b.Length + 1], new int[b.Length + 1]);
        for (var j = 0; j <= b.Length; j++)
            last[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
            }
            (beforeLast, last, row) = (last, row, beforeLast);
        }
        return last[b.Length];
    }

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
}
