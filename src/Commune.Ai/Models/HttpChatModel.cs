using System.Text.Json;

namespace Commune.Ai.Models;

/// <summary>Answers from a language model behind HTTP.</summary>
public sealed class HttpChatModel(ModelClient client) : IChatModel
{
    private ModelSettings Settings => client.Settings;

    public string ModelName => $"{Settings.Provider.ToString().ToLowerInvariant()}:{Settings.Model}";

    public async Task<ChatResult> CompleteAsync(string orgId, ChatRequest request, CancellationToken ct)
    {
        ModelUsage? said = null;
        var question = (int)Math.Min(int.MaxValue / 2, (long)TokenEstimate.Of(request.System) + TokenEstimate.Of(request.User) + TokenEstimate.Of(request.Schema?.GetRawText() ?? ""));
        var call = await client.PostAsync(orgId, Path, Body(request), question + request.MaxTokens, json => said = UsageOf(json), ct);
        return call switch
        {
            ModelCall.Refused refused => new ChatResult.Refused(refused.Reason, refused.IsBudgetSpent),
            ModelCall.Failed failed => new ChatResult.Failed(failed.Reason),
            ModelCall.Answered answered => Read(answered.Json, said ?? new ModelUsage(question, 0)),
            _ => throw new InvalidOperationException($"{call.GetType().Name} is no outcome"),
        };
    }

    private string Path => Settings.Provider switch
    {
        ModelProvider.Azure => $"/openai/deployments/{Uri.EscapeDataString(Settings.Model)}/chat/completions?api-version={Uri.EscapeDataString(Settings.ApiVersion)}",
        ModelProvider.Ollama => "/api/chat",
        _ => "/chat/completions",
    };

    private byte[] Body(ChatRequest request)
    {
        var body = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["messages"] = new[] { new { role = "system", content = request.System }, new { role = "user", content = request.User } },
        };
        if (Settings.Provider == ModelProvider.Ollama)
        {
            body["model"] = Settings.Model;
            body["stream"] = false;
            body["options"] = new { temperature = 0, num_predict = request.MaxTokens };
            if (request.Schema is { } format)
                body["format"] = format;
            return JsonSerializer.SerializeToUtf8Bytes(body);
        }
        if (Settings.Provider == ModelProvider.OpenAi)
            body["model"] = Settings.Model;
        body["max_completion_tokens"] = request.MaxTokens;
        if (request.Schema is { } schema)
            // Not strict: that takes only some schemas, and customers write any. Whoever asks checks the answer.
            body["response_format"] = new { type = "json_schema", json_schema = new { name = "answer", schema, strict = false } };
        return JsonSerializer.SerializeToUtf8Bytes(body);
    }

    private ModelUsage? UsageOf(JsonElement json)
    {
        var (input, output) = Settings.Provider == ModelProvider.Ollama
            ? (json.Member("prompt_eval_count")?.Whole(), json.Member("eval_count")?.Whole())
            : (json.Member("usage")?.Member("prompt_tokens")?.Whole(), json.Member("usage")?.Member("completion_tokens")?.Whole());
        return input is null && output is null ? null : new ModelUsage(input ?? 0, output ?? 0);
    }

    private ChatResult Read(JsonElement json, ModelUsage usage)
    {
        var ollama = Settings.Provider == ModelProvider.Ollama;
        var choice = ollama ? json : json.Member("choices")?.Item(0);
        var message = choice?.Member("message");
        var reason = choice?.Member(ollama ? "done_reason" : "finish_reason")?.Text();
        // The model's words are not repeated: it speaks about a mail.
        if (message?.Member("refusal")?.Text() is { Length: > 0 } || reason == "content_filter")
            return new ChatResult.Refused("The model declined to answer.");
        if (reason == "length")
            return new ChatResult.Failed("The answer was cut off at the limit of tokens.");
        if (ollama && json.Member("done") is { ValueKind: JsonValueKind.False })
            return new ChatResult.Failed("The answer is not complete.");
        return message?.Member("content")?.Text() is { } text && !string.IsNullOrWhiteSpace(text)
            ? new ChatResult.Ok(text, usage)
            : new ChatResult.Failed("The answer is empty.");
    }
}
