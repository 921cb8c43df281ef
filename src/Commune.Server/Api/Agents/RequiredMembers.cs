using Commune.Server.Hosting;

namespace Commune.Server.Api.Agents;

/// <summary>The members that a registration cannot do without; one error names all that are missing.</summary>
internal static class RequiredMembers
{
    public static IReadOnlyList<string> Read(RequestBody body, params IReadOnlyList<string> names)
    {
        var values = names.Select(name => body.Text(name)).ToList();
        var missing = names.Where((_, i) => string.IsNullOrWhiteSpace(values[i])).Select(InCamelCase).ToList();
        return missing.Count == 0 ? values.ConvertAll(static value => value!) : throw Missing(missing);
    }

    public static ApiException Missing(IReadOnlyList<string> names) => new(StatusCodes.Status400BadRequest, new ErrorBody(
        $"Missing: {string.Join(", ", names)}", "missing_fields", [.. names.Select(static name => new FieldError(name, "Required"))]));

    private static string InCamelCase(string snake)
    {
        var words = snake.Split('_');
        return words[0] + string.Concat(words.Skip(1).Select(static word => char.ToUpperInvariant(word[0]) + word[1..]));
    }
}
