using System.Text.Json;
using Commune.Ai.Models;
using Commune.Peers;

namespace Commune.Ai.Tests.Models;

public sealed class HttpChatModelTests : ModelFixture
{
    private static readonly JsonElement Schema = JsonElement.Parse("""{"type":"object","properties":{"order_id":{"type":"string"}}}""");
    private static readonly ChatRequest Request = new("Extract.", "Order 40-118832 is late", Schema, 200);

    public static TheoryData<ModelProvider> Providers => new(ModelProvider.OpenAi, ModelProvider.Azure, ModelProvider.Ollama);

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task The_answer_is_what_the_model_wrote(ModelProvider provider)
    {
        Server.Chat = static _ => """{"order_id":"40-118832"}""";
        var ok = Assert.IsType<ChatResult.Ok>(await Chat(provider).CompleteAsync("org", Request, default));
        Assert.Equal("""{"order_id":"40-118832"}""", ok.Text);
        Assert.Equal(new ModelUsage(20, 5), ok.Usage);
        Assert.Equal(new ModelUsage(20, 5), Assert.Single(Budget.Told).Usage);
    }

    [Theory]
    [InlineData(ModelProvider.OpenAi, "/v1/chat/completions")]
    [InlineData(ModelProvider.Azure, "/openai/deployments/fake-1/chat/completions?api-version=2024-10-21")]
    public async Task OpenAi_and_Azure_get_the_schema_as_response_format(ModelProvider provider, string path)
    {
        await Chat(provider).CompleteAsync("org", Request, default);
        var sent = Assert.Single(Server.Requests);
        Assert.Equal(path, sent.Path);
        var body = JsonElement.Parse(sent.Body);
        var format = body.GetProperty("response_format");
        Assert.Equal("json_schema", format.GetProperty("type").GetString());
        Assert.True(JsonElement.DeepEquals(Schema, format.GetProperty("json_schema").GetProperty("schema")));
        Assert.Equal(["Extract.", "Order 40-118832 is late"], body.GetProperty("messages").EnumerateArray().Select(static one => one.GetProperty("content").GetString()), StringComparer.Ordinal);
        Assert.Equal(200, body.GetProperty("max_completion_tokens").GetInt32());
        Assert.Equal(provider == ModelProvider.OpenAi, body.TryGetProperty("model", out _));
    }

    [Fact]
    public async Task Ollama_gets_the_schema_as_format()
    {
        await Chat(ModelProvider.Ollama).CompleteAsync("org", Request, default);
        var body = JsonElement.Parse(Assert.Single(Server.Requests).Body);
        Assert.True(JsonElement.DeepEquals(Schema, body.GetProperty("format")));
        Assert.False(body.GetProperty("stream").GetBoolean());
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Without_a_schema_none_is_sent(ModelProvider provider)
    {
        await Chat(provider).CompleteAsync("org", Request with { Schema = null }, default);
        var body = JsonElement.Parse(Assert.Single(Server.Requests).Body);
        Assert.False(body.TryGetProperty("format", out _) || body.TryGetProperty("response_format", out _));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task An_answer_that_was_cut_off_is_a_failure(ModelProvider provider)
    {
        Server.On(new FakeModelAnswer.CutOff("{\"order_id\":\"40-"));
        Assert.Contains("cut off", Assert.IsType<ChatResult.Failed>(await Chat(provider).CompleteAsync("org", Request, default)).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task An_empty_answer_is_a_failure(ModelProvider provider)
    {
        Server.On(new FakeModelAnswer.Says(" \n"));
        Assert.IsType<ChatResult.Failed>(await Chat(provider).CompleteAsync("org", Request, default));
    }

    [Theory]
    [InlineData(ModelProvider.OpenAi)]
    [InlineData(ModelProvider.Azure)]
    public async Task A_refusal_is_refused_and_not_repeated(ModelProvider provider)
    {
        Server.Next(new FakeModelAnswer.Refusal(), new FakeModelAnswer.Filtered());
        Assert.Equal("The model declined to answer.", Assert.IsType<ChatResult.Refused>(await Chat(provider).CompleteAsync("org", Request, default)).Reason);
        Assert.IsType<ChatResult.Refused>(await Chat(provider).CompleteAsync("org", Request, default));
        Assert.Equal(2, Server.Requests.Count);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{"choices":{"0":1}}""")]
    [InlineData("""{"choices":[{"message":{"content":7},"finish_reason":[]}],"usage":"many"}""")]
    [InlineData("""{"choices":[{"message":{"content":"\ud800"}}]}""")]
    [InlineData("""{"\ud800":1,"choices":[{"message":{"\ud800":1}}]}""")]
    public async Task Json_of_another_shape_is_a_failure(string body)
    {
        Server.On(new FakeModelAnswer.Raw(200, body));
        Assert.IsType<ChatResult.Failed>(await Chat(ModelProvider.OpenAi, static settings => settings with { Attempts = 1 }).CompleteAsync("org", Request, default));
    }
}
