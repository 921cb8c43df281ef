namespace Commune.Server.Api.Description;

/// <summary>
/// What the description of the API says of an endpoint beside its path and scope; it stands where the endpoint is mapped. The words come from the
/// comments on the handler and on the records.
/// </summary>
public sealed record Call
{
    private Call(string id) => Id = id;

    /// <summary>The operation's id: a noun and a verb, such as <c>inboxes.create</c>.</summary>
    public string Id { get; private init; }

    /// <summary>The record whose members the JSON body may have; null without a body.</summary>
    public Type? Body { get; private init; }

    /// <summary>The media types of a body that is not JSON, or of its other form.</summary>
    public IReadOnlyList<string> RawBody { get; private init; } = [];

    /// <summary>The record that answers a success; null when the answer is not JSON.</summary>
    public Type? Answer { get; private init; }

    /// <summary>The media type of an answer that is not JSON.</summary>
    public string? RawAnswer { get; private init; }

    public int Status { get; private init; } = StatusCodes.Status200OK;

    public IReadOnlyList<QueryField> Query { get; private init; } = [];

    public IReadOnlyList<QueryField> Headers { get; private init; } = [];

    /// <summary>Query parameters of which at least one must be given.</summary>
    public IReadOnlyList<string> OneOf { get; private init; } = [];

    /// <summary>Statuses that are peculiar to the call, with their cause.</summary>
    public IReadOnlyDictionary<int, string> Failures { get; private init; } = new Dictionary<int, string>();

    /// <summary>The id of the call that this one is another spelling of.</summary>
    public string? Twin { get; private init; }

    /// <summary>A sentence in the place of the handler's comment, where one handler serves several calls.</summary>
    public string? Summary { get; private init; }

    /// <summary>Kept for older clients.</summary>
    public bool IsDeprecated { get; private init; }

    public static Call Named(string id) => new(id);

    /// <summary>The same call at a path below something else.</summary>
    public Call Under(string noun) => this with { Id = $"{Id}.{noun}" };

    public Call Saying(string sentence) => this with { Summary = sentence };

    public Call Takes<T>() => this with { Body = typeof(T) };

    public Call TakesRaw(params IReadOnlyList<string> mediaTypes) => this with { RawBody = mediaTypes };

    public Call Gives<T>(int status = StatusCodes.Status200OK) => this with { Answer = typeof(T), Status = status };

    public Call GivesRaw(string mediaType, int status = StatusCodes.Status200OK) => this with { RawAnswer = mediaType, Status = status };

    public Call Asks(params IReadOnlyList<QueryField> fields) => this with { Query = [.. Query, .. fields] };

    /// <summary>Query parameters of which one is needed.</summary>
    public Call AsksOneOf(params IReadOnlyList<QueryField> fields) => this with { Query = [.. Query, .. fields], OneOf = [.. fields.Select(static field => field.Name)] };

    public Call ReadsHeader(QueryField header) => this with { Headers = [.. Headers, header] };

    public Call Paged(int standard, int most) => Asks(
        new QueryField("limit", "How many at most; a number out of range is clamped.") { Kind = "integer", Least = 1, Most = most, Standard = standard },
        new QueryField("cursor", "`next_cursor` of the page before."));

    public Call Ordered(string standard) =>
        Asks(new QueryField("order", $"The order in time; standard is `{standard}`.") { Words = ["asc", "desc"] });

    public Call Fails(int status, string why) => this with { Failures = new Dictionary<int, string>(Failures) { [status] = why } };

    public Call Deprecated() => this with { IsDeprecated = true };

    public Call TwinOf(string id) => this with { Twin = id };
}

/// <summary>A parameter of the query, or a header.</summary>
public sealed record QueryField(string Name, string What)
{
    /// <summary><c>string</c>, <c>integer</c>, <c>number</c> or <c>date-time</c>.</summary>
    public string Kind { get; init; } = "string";
    public bool Required { get; init; }
    public IReadOnlyList<string> Words { get; init; } = [];
    public int? Least { get; init; }
    public int? Most { get; init; }
    public int? Standard { get; init; }

    /// <summary>A value that makes the example call; a parameter without one is left out of it.</summary>
    public string? Example { get; init; }

    public static QueryField Inbox { get; } = new("inbox_id", "Of this inbox.") { Example = ExampleIds.Inbox };
    public static QueryField Domain { get; } = new("domain_id", "Of the inboxes at this domain.");
}

/// <summary>Says what the endpoint is (docs: /openapi.json and /docs are made of it).</summary>
public static class CallMapping
{
    public static TBuilder Is<TBuilder>(this TBuilder endpoint, Call call)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(call);
}
