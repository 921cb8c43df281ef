namespace Commune.Server.Api.Description;

/// <summary>The words that a string member may be.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WordsAttribute(params string[] words) : Attribute
{
    public IReadOnlyList<string> Words => words;
}

/// <summary>A body that works, as JSON; it stands in the description, and a test sends it.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ExampleAttribute(string json) : Attribute
{
    public string Json => json;
}

/// <summary>Stands for a member that takes one string or an array of them.</summary>
public sealed record TextOrTexts;

/// <summary>Stands for an attachment to send: an id, or an object with the file in it.</summary>
public sealed record IdOrFile;

/// <summary>Stands for a member that takes any JSON.</summary>
public sealed record AnyJson;

/// <summary>Stands for a body that holds an object at the top level and once more under <c>data</c>.</summary>
public sealed record Copied<T>;

/// <summary>Stands for a body that holds an object at the top level, under <c>data</c> and under <c>org</c>.</summary>
public sealed record CopiedAsOrg<T>;

/// <summary>Stands for a body that is the one or the other.</summary>
public sealed record Either<TOne, TOther>;
