using System.Text.Json;
using Commune.Ai.Models;
using Commune.Peers;

namespace Commune.Ai.Tests.Models;

public sealed class HttpEmbeddingModelTests : ModelFixture
{
    private static readonly string[] Texts = ["the parcel is late", "the invoice is wrong"];

    public static TheoryData<ModelProvider> Providers => new(ModelProvider.OpenAi, ModelProvider.Azure, ModelProvider.Ollama);

    private static async Task<IReadOnlyList<float[]>> VectorsAsync(Task<EmbeddingResult> call) => Assert.IsType<EmbeddingResult.Ok>(await call).Vectors;

    private static async Task<string> FailureAsync(Task<EmbeddingResult> call) => Assert.IsType<EmbeddingResult.Failed>(await call).Reason;

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Each_text_gets_its_vector(ModelProvider provider)
    {
        var vectors = await VectorsAsync(Embedding(provider).EmbedAsync("org", Texts, default));
        Assert.Equal(Texts.Length, vectors.Count);
        for (var i = 0; i < Texts.Length; i++)
            Assert.Equal(FakeModel.Embed(Texts[i], Server.Dimensions), vectors[i], static (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public async Task OpenAi_is_asked_at_its_path_with_a_bearer_key()
    {
        await VectorsAsync(Embedding(ModelProvider.OpenAi).EmbedAsync("org", Texts, default));
        var request = Assert.Single(Server.Requests);
        Assert.Equal("/v1/embeddings", request.Path);
        Assert.Equal("Bearer " + Key, request.Headers["authorization"]);
        Assert.Equal("fake-1", JsonElement.Parse(request.Body).GetProperty("model").GetString());
    }

    [Fact]
    public async Task Azure_is_asked_by_deployment_with_its_own_header()
    {
        await VectorsAsync(Embedding(ModelProvider.Azure).EmbedAsync("org", Texts, default));
        var request = Assert.Single(Server.Requests);
        Assert.Equal("/openai/deployments/fake-1/embeddings?api-version=2024-10-21", request.Path);
        Assert.Equal(Key, request.Headers["api-key"]);
        Assert.False(request.Headers.ContainsKey("authorization"));
    }

    [Fact]
    public async Task Ollama_needs_no_key()
    {
        await VectorsAsync(Embedding(ModelProvider.Ollama, static settings => settings with { ApiKey = null }).EmbedAsync("org", Texts, default));
        var request = Assert.Single(Server.Requests);
        Assert.Equal("/api/embed", request.Path);
        Assert.False(request.Headers.ContainsKey("authorization"));
    }

    [Fact]
    public async Task Many_texts_go_in_batches_and_come_back_in_order()
    {
        var texts = Enumerable.Range(0, 150).Select(static i => $"word{i}").ToList();
        var vectors = await VectorsAsync(Embedding(ModelProvider.OpenAi).EmbedAsync("org", texts, default));
        Assert.Equal([64, 64, 22], Server.Requests.Select(static request => JsonElement.Parse(request.Body).GetProperty("input").GetArrayLength()));
        Assert.Equal(FakeModel.Embed("word149", Server.Dimensions), vectors[149]);
    }

    [Fact]
    public async Task A_batch_is_bounded_by_length_too()
    {
        await VectorsAsync(Embedding(ModelProvider.OpenAi, static settings => settings with { BatchCharacters = 100 }).EmbedAsync("org", [new('a', 80), new('b', 30), new('c', 300), "d"], default));
        Assert.Equal(4, Server.Requests.Count);
    }

    [Fact]
    public async Task No_texts_are_no_request()
    {
        Assert.Empty(await VectorsAsync(Embedding(ModelProvider.OpenAi).EmbedAsync("org", [], default)));
        Assert.Empty(Server.Requests);
    }

    [Fact]
    public async Task An_answer_out_of_order_is_put_in_order()
    {
        Server.Next(new FakeModelAnswer.Shuffled());
        var vectors = await VectorsAsync(Embedding(ModelProvider.OpenAi).EmbedAsync("org", Texts, default));
        Assert.Equal(FakeModel.Embed(Texts[0], Server.Dimensions), vectors[0]);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_vector_too_few_is_a_failure(ModelProvider provider)
    {
        Server.On(new FakeModelAnswer.WrongCount());
        Assert.Equal("The answer has 1 vectors for 2 texts.", await FailureAsync(Embedding(provider).EmbedAsync("org", Texts, default)));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Numbers_that_are_none_are_a_failure(ModelProvider provider)
    {
        Server.Next(new FakeModelAnswer.NotANumber(), new FakeModelAnswer.TooLargeANumber());
        var model = Embedding(provider);
        Assert.Contains("finite", await FailureAsync(model.EmbedAsync("org", Texts, default)), StringComparison.Ordinal);
        Assert.Contains("finite", await FailureAsync(model.EmbedAsync("org", Texts, default)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Vectors_of_another_length_than_before_are_a_failure()
    {
        var model = Embedding(ModelProvider.OpenAi);
        await VectorsAsync(model.EmbedAsync("org", Texts, default));
        Server.Next(new FakeModelAnswer.WrongDimension());
        Assert.Equal("The answer has a vector of 257 numbers where 256 are expected.", await FailureAsync(model.EmbedAsync("org", Texts, default)));
    }

    [Fact]
    public async Task The_length_that_is_configured_is_asked_for_and_insisted_on()
    {
        var model = Embedding(ModelProvider.OpenAi, static settings => settings with { Dimensions = 32 });
        Assert.Equal(32, (await VectorsAsync(model.EmbedAsync("org", Texts, default)))[0].Length);
        Server.Next(new FakeModelAnswer.WrongDimension());
        await FailureAsync(model.EmbedAsync("org", Texts, default));
        Assert.Equal("openai:fake-1:32", model.ModelId);
    }

    [Fact]
    public async Task Usage_is_what_the_other_side_counts()
    {
        var ok = Assert.IsType<EmbeddingResult.Ok>(await Embedding(ModelProvider.OpenAi).EmbedAsync("org", Texts, default));
        Assert.Equal(new ModelUsage(8, 0), ok.Usage);
        Assert.Equal(("org", Budget.Taken[0].Tokens), Budget.Taken[0]);
        Assert.Equal(new ModelUsage(8, 0), Assert.Single(Budget.Told).Usage);
        Assert.True(Budget.Taken[0].Tokens >= 8);
    }

    [Fact]
    public async Task A_spent_budget_refuses_before_anything_is_sent()
    {
        Budget.IsOpen = false;
        Assert.IsType<EmbeddingResult.Refused>(await Embedding(ModelProvider.OpenAi).EmbedAsync("org", Texts, default));
        Assert.Empty(Server.Requests);
        Assert.Empty(Budget.Told);
    }
}
