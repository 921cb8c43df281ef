using System.Text.Json;
using System.Text.Json.Nodes;
using Commune.Peers;
using Commune.Server.Hosting;
using Commune.Server.Tests.Extraction;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Search;

/// <summary>Search by the vectors of a model behind HTTP.</summary>
public abstract class ProviderSearchTests(Engine engine) : IAsyncLifetime
{
    private readonly FakeModel model = new();
    private ProgramSettings settings = null!;

    public async ValueTask InitializeAsync()
    {
        settings = (await engine.NewSettingsAsync()).With("Commune__BootstrapApiKey", ApiKeySecret.New());
        model.On(Meaning);
    }

    public async ValueTask DisposeAsync()
    {
        await model.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A model for which words of our own that begin with "quux" mean a parcel: nothing else could find it by them.</summary>
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

    private Task<ReadingProgram> StartAsync(string name = "small", params (string, string)[] more) => ReadingProgram.StartAsync(
        settings, extractor: null,
        [
            ("Commune__Embeddings__Provider", "openai"), ("Commune__Embeddings__Endpoint", model.OpenAiEndpoint.ToString()),
            ("Commune__Embeddings__Model", name), ("Commune__Embeddings__ApiKey", "sk-secret"), .. more,
        ]);

    private static string AskedModel(FakeModelRequest request) => (string)JsonNode.Parse(request.Body)!["model"]!;

    private static async Task<InboxHandle> FillAsync(ReadingProgram program)
    {
        var inbox = await program.Api.NewInboxAsync();
        await program.ReceiveAsync(inbox, "Parcel still missing", "It has been two weeks.");
        await program.ReceiveAsync(inbox, "Lunch on Friday", "Shall we try the new restaurant?");
        return inbox;
    }

    private static async Task<ApiAnswer> SearchAsync(ReadingProgram program, InboxHandle inbox, string query) =>
        (await program.Api.GetAsync($"/v1/search/messages?inbox_id={inbox.Id}&q={Uri.EscapeDataString(query)}")).Expect(200);

    private static string[] Subjects(ApiAnswer answer) => [.. answer.List.Select(static row => (string)row["subject"]!)];

    private static string? Said(ApiAnswer answer, string member) => (string?)answer.Json["search_engine"]![member];

    private static Task<ApiAnswer> RankedByAsync(ReadingProgram program, InboxHandle inbox, string query, string by = "openai:small") =>
        Eventually.GetAsync(() => SearchAsync(program, inbox, query), answer => Said(answer, "embedding") == by && (long)answer.Json["index_lag"]! == 0);

    [Fact]
    public async Task The_providers_vectors_rank_and_a_restart_and_a_deletion_keep_to_them()
    {
        InboxHandle inbox;
        await using (var program = await StartAsync())
        {
            inbox = await FillAsync(program);
            var answer = await RankedByAsync(program, inbox, "quux");
            Assert.Equal(["Parcel still missing"], Subjects(answer));
            Assert.Equal("vector", (string)answer.Json["search_type"]!);
            Assert.Null(Said(answer, "degraded"));
            Assert.All(model.Requests, static request => Assert.Equal("Bearer sk-secret", request.Headers["authorization"]));
        }

        var asked = model.Requests.Count;
        await using (var program = await StartAsync())
        {
            Assert.Equal(["Parcel still missing"], Subjects(await RankedByAsync(program, inbox, "quux")));
            Assert.Equal(asked + 1, model.Requests.Count);

            var request = (await program.Api.PostAsync("/v1/data/deletion-request", new { scope = "messages", inbox_id = inbox.Id, before = "2100-01-01T00:00:00Z" })).Expect(201).Json;
            (await program.Api.PostAsync($"/v1/data/deletion-request/{(string)request["id"]!}/confirm", new { confirmation_token = (string)request["confirmation_token"]! })).Expect(200);
            Assert.Empty((await Eventually.GetAsync(() => SearchAsync(program, inbox, "quux"), static found => found.List.Count == 0)).List);
        }
    }

    [Fact]
    public async Task A_provider_that_fails_costs_its_vectors_and_not_the_answer()
    {
        await using var program = await StartAsync();
        var inbox = await FillAsync(program);
        await RankedByAsync(program, inbox, "quux");

        model.On(FakeModelAnswer.Error(500, "down"));
        var answer = await SearchAsync(program, inbox, "quuxes missing parcel");
        Assert.Equal("Parcel still missing", Subjects(answer)[0]);
        Assert.StartsWith("commune-words", Said(answer, "embedding"), StringComparison.Ordinal);
        Assert.Equal("unavailable", Said(answer, "degraded"));
        await program.ReceiveAsync(inbox, "Parcel came", "It is here.");
        Assert.Contains("Parcel came", Subjects(await SearchAsync(program, inbox, "parcel came")), StringComparer.Ordinal);

        model.On(Meaning);
        var again = await RankedByAsync(program, inbox, "quuxly");
        Assert.Equal(["Parcel came", "Parcel still missing"], Subjects(again).Order(StringComparer.Ordinal).ToArray());

        model.On(FakeModelAnswer.Error(401, "invalid_api_key"));
        Assert.Equal("refused", Said(await SearchAsync(program, inbox, "quuxed"), "degraded"));
        model.On(new FakeModelAnswer.Hang());
        Assert.Equal("timeout", Said(await SearchAsync(program, inbox, "quuxing"), "degraded"));
    }

    [Fact]
    public async Task Another_model_makes_its_vectors_anew()
    {
        InboxHandle inbox;
        await using (var program = await StartAsync())
        {
            inbox = await FillAsync(program);
            await RankedByAsync(program, inbox, "quux");
        }

        await using var changed = await StartAsync("large");
        Assert.Equal(["Parcel still missing"], Subjects(await RankedByAsync(changed, inbox, "quux", "openai:large")));
    }

    [Fact]
    public async Task Until_another_models_vectors_are_complete_the_former_ones_rank_and_new_mail_gets_them()
    {
        InboxHandle inbox;
        await using (var program = await StartAsync())
        {
            inbox = await FillAsync(program);
            await RankedByAsync(program, inbox, "quux");
        }

        model.On(static request => AskedModel(request) == "large" ? FakeModelAnswer.Error(500, "down") : Meaning(request));
        await using var changed = await StartAsync("large");
        var between = await SearchAsync(changed, inbox, "quuxes");
        Assert.Equal(["Parcel still missing"], Subjects(between));
        Assert.Equal(("openai:small", null), (Said(between, "embedding"), Said(between, "degraded")));
        Assert.Equal(2, (long)between.Json["index_lag"]!);

        await changed.ReceiveAsync(inbox, "Parcel came", "It is here.");
        var withNew = await Eventually.GetAsync(() => SearchAsync(changed, inbox, "quuxly"), static answer => answer.List.Count == 2);
        Assert.Equal(("openai:small", null), (Said(withNew, "embedding"), Said(withNew, "degraded")));

        model.On(Meaning);
        Assert.Equal(2, (await RankedByAsync(changed, inbox, "quux", "openai:large")).List.Count);
        await Eventually.GetAsync(
            async () => await changed.Store.SearchVectors.ListSetsAsync((string)(await changed.Api.GetAsync("/v1/agent/org")).Expect(200).Data["id"]!, TestContext.Current.CancellationToken),
            static sets => sets is [{ Model.Id: "openai:large" }]);
    }

    [Fact]
    public async Task Where_nobody_can_be_asked_for_the_former_model_the_built_in_vectors_rank_and_the_answer_says_so()
    {
        InboxHandle inbox;
        await using (var program = await StartAsync())
        {
            inbox = await FillAsync(program);
            await RankedByAsync(program, inbox, "quux");
        }

        model.On(static request => FakeModelAnswer.Error(AskedModel(request) == "large" ? 500 : 404, "model_not_found"));
        await using (var changed = await StartAsync("large"))
        {
            var between = await SearchAsync(changed, inbox, "missing parcel");
            Assert.Equal("Parcel still missing", Subjects(between)[0]);
            Assert.StartsWith("commune-words", Said(between, "embedding"), StringComparison.Ordinal);
            Assert.Equal("pending", Said(between, "degraded"));
        }

        await using var other = new FakeModel();
        other.On(FakeModelAnswer.Error(500, "down"));
        await using var elsewhere = await StartAsync("large", ("Commune__Embeddings__Endpoint", other.OpenAiEndpoint.ToString()));
        Assert.Equal("pending", Said(await SearchAsync(elsewhere, inbox, "missing parcel"), "degraded"));
        Assert.All(other.Requests, static request => Assert.Equal("large", AskedModel(request)));
    }

    [Fact]
    public async Task Beyond_the_tokens_of_the_day_no_vectors_are_asked_for_on_any_node()
    {
        await using (var program = await StartAsync("small", ("Commune__Embeddings__DailyTokens", "3")))
        {
            var inbox = await FillAsync(program);
            var answer = await Eventually.GetAsync(() => SearchAsync(program, inbox, "parcel"), static answer => (long)answer.Json["index_lag"]! == 2);
            Assert.Equal("pending", Said(answer, "degraded"));
        }
        Assert.Empty(model.Requests);
    }

    [Fact]
    public async Task Without_vectors_words_alone_rank()
    {
        await using var program = await ReadingProgram.StartAsync(settings, extractor: null, ("Commune__Embeddings__Provider", "none"));
        var inbox = await FillAsync(program);
        var answer = await SearchAsync(program, inbox, "parcel");
        Assert.Equal(["Parcel still missing"], Subjects(answer));
        Assert.Equal(("regex", null), ((string)answer.Json["search_type"]!, Said(answer, "embedding")));
        Assert.Empty((await SearchAsync(program, inbox, "delivery has not arrived")).List);
    }
}

public sealed class SqliteProviderSearchTests(SqliteEngine engine) : ProviderSearchTests(engine);

public sealed class PostgresProviderSearchTests(PostgresEngine engine) : ProviderSearchTests(engine);
