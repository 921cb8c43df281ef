using System.Text.Json;
using System.Text.Json.Nodes;
using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Tests.Extraction;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Search;

/// <summary>Vectors of a provider's model in Qdrant.</summary>
public abstract class QdrantSearchTests(Engine engine) : IAsyncLifetime
{
    private readonly FakeModel model = new();
    private readonly FakeQdrant qdrant = new() { ApiKey = "qdrant-key" };
    private ProgramSettings settings = null!;

    public async ValueTask InitializeAsync()
    {
        settings = (await engine.NewSettingsAsync()).With("Commune__BootstrapApiKey", ApiKeySecret.New());
        model.On(Meaning);
    }

    public async ValueTask DisposeAsync()
    {
        await model.DisposeAsync();
        await qdrant.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A model for which words of our own that begin with "quux" mean a parcel.</summary>
    private static FakeModelAnswer Meaning(FakeModelRequest request)
    {
        var texts = JsonNode.Parse(request.Body)!["input"]!.AsArray().Select(static text => (string)text!);
        return new FakeModelAnswer.Raw(200, JsonSerializer.Serialize(new
        {
            data = texts.Select(static (text, index) => new
            {
                index,
                embedding = text.Contains("arcel", StringComparison.Ordinal) || text.StartsWith("quux", StringComparison.Ordinal) ? new[] { 1.0, .01, 0 } : [0, .1, .9],
            }),
            usage = new { prompt_tokens = 1 },
        }));
    }

    private Task<ReadingProgram> StartAsync(string name = "small") => ReadingProgram.StartAsync(
        settings, extractor: null, ("Commune__Embeddings__Provider", "openai"), ("Commune__Embeddings__Endpoint", model.OpenAiEndpoint.ToString()),
        ("Commune__Embeddings__Model", name), ("Commune__Search__Qdrant__Url", qdrant.Url.ToString()), ("Commune__Search__Qdrant__ApiKey", "qdrant-key"));

    private async Task<InboxHandle> FillAsync(ReadingProgram program, ApiClient api)
    {
        var had = qdrant.Points.Count;
        var inbox = await api.NewInboxAsync();
        await program.ReceiveAsync(inbox, "Parcel still missing", "It has been two weeks.");
        await program.ReceiveAsync(inbox, "Lunch on Friday", "Shall we try the new restaurant?");
        await PointsAsync(had + 2);
        return inbox;
    }

    private Task<int> PointsAsync(int count) => Eventually.GetAsync(() => Task.FromResult(qdrant.Points.Count), points => points == count);

    private static async Task<ApiAnswer> SearchAsync(ApiClient api, InboxHandle inbox, string query) =>
        (await api.GetAsync($"/v1/search/messages?inbox_id={inbox.Id}&q={Uri.EscapeDataString(query)}")).Expect(200);

    private static string[] Subjects(ApiAnswer answer) => [.. answer.List.Select(static row => (string)row["subject"]!)];

    private static string? Said(ApiAnswer answer, string member) => (string?)answer.Json["search_engine"]![member];

    private FakeQdrantRequest[] Queries => [.. qdrant.Requests.Where(static request => request.Path.EndsWith("/points/query", StringComparison.Ordinal))];

    private static async Task DeleteMailAsync(ApiClient api, InboxHandle inbox)
    {
        var request = (await api.PostAsync("/v1/data/deletion-request", new { scope = "messages", inbox_id = inbox.Id, before = "2100-01-01T00:00:00Z" })).Expect(201).Json;
        (await api.PostAsync($"/v1/data/deletion-request/{(string)request["id"]!}/confirm", new { confirmation_token = (string)request["confirmation_token"]! })).Expect(200);
    }

    [Fact]
    public async Task Qdrant_finds_what_is_near_for_the_organisation_and_inbox_that_ask()
    {
        await using var program = await StartAsync();
        var inbox = await FillAsync(program, program.Api);
        var other = new ApiClient(program.Http, (await Tenant.CreateAsync(program.Store, "another", "pro")).AdminKey);
        var theirs = await FillAsync(program, other);

        var answer = await Eventually.GetAsync(() => SearchAsync(program.Api, inbox, "quux"), _ => Queries.Length > 0);
        Assert.Equal(["Parcel still missing"], Subjects(answer));
        Assert.Equal(("openai:small", null), (Said(answer, "embedding"), Said(answer, "degraded")));
        Assert.All(Queries, query => Assert.Contains(query.Body!["filter"]!["must"]!.AsArray(), static condition => (string?)condition!["key"] == "org_id"));
        Assert.All(Queries, query => Assert.Contains(inbox.Id, query.Body!["filter"]!.ToJsonString(), StringComparison.Ordinal));
        Assert.Single(qdrant.Points.Select(static point => point.Collection).Distinct(StringComparer.Ordinal));

        await DeleteMailAsync(other, theirs);
        await PointsAsync(2);
        Assert.Empty((await SearchAsync(other, theirs, "quuxly")).List);
        Assert.Equal(["Parcel still missing"], Subjects(await SearchAsync(program.Api, inbox, "quuxly")));
    }

    [Fact]
    public async Task Without_an_answer_of_Qdrant_vectors_in_memory_rank_and_the_answer_says_so()
    {
        await using var program = await StartAsync();
        var inbox = await FillAsync(program, program.Api);
        await Eventually.GetAsync(() => SearchAsync(program.Api, inbox, "quux"), _ => Queries.Length > 0);
        qdrant.IsDown = true;
        var answer = await SearchAsync(program.Api, inbox, "quuxly");
        Assert.Equal(["Parcel still missing"], Subjects(answer));
        Assert.Equal(("openai:small", "engine_unavailable"), (Said(answer, "embedding"), Said(answer, "degraded")));
        qdrant.IsDown = false;
        await Eventually.GetAsync(() => SearchAsync(program.Api, inbox, "quuxly"), static answer => Said(answer, "degraded") is null);
    }

    [Fact]
    public async Task What_is_deleted_while_Qdrant_is_away_goes_when_it_is_back_after_a_restart_too()
    {
        InboxHandle inbox;
        await using (var program = await StartAsync())
        {
            inbox = await FillAsync(program, program.Api);
            qdrant.IsDown = true;
            await DeleteMailAsync(program.Api, inbox);
        }
        Assert.Equal(2, qdrant.Points.Count);
        qdrant.IsDown = false;
        await using var again = await StartAsync();
        await PointsAsync(0);
    }

    [Fact]
    public async Task An_organisation_that_is_deleted_leaves_no_points()
    {
        await using var program = await StartAsync();
        var other = new ApiClient(program.Http, (await Tenant.CreateAsync(program.Store, "leaving", "pro")).AdminKey);
        await FillAsync(program, other);
        var request = (await other.PostAsync("/v1/data/deletion-request", new { scope = "organization" })).Expect(201).Json;
        (await other.PostAsync($"/v1/data/deletion-request/{(string)request["id"]!}/confirm", new { confirmation_token = (string)request["confirmation_token"]! })).Expect(200);
        await PointsAsync(0);
    }

    [Fact]
    public async Task Another_models_points_take_the_place_of_the_former_ones()
    {
        await using (var program = await StartAsync())
            await FillAsync(program, program.Api);
        await using var changed = await StartAsync("large");
        await Eventually.GetAsync(
            () => Task.FromResult(qdrant.Points), static points => points.Count == 2 && points.All(static point => point.Collection.Contains("large", StringComparison.Ordinal)));
    }
}

public sealed class SqliteQdrantSearchTests(SqliteEngine engine) : QdrantSearchTests(engine);

public sealed class PostgresQdrantSearchTests(PostgresEngine engine) : QdrantSearchTests(engine);
