using System.Text.Json;

namespace Commune.Ai.Models;

/// <summary>Vectors from a model behind HTTP, in batches.</summary>
public sealed class HttpEmbeddingModel(ModelClient client) : IEmbeddingModel
{
    private int dimensions = client.Settings.Dimensions ?? 0;

    private ModelSettings Settings => client.Settings;

    public string ModelId => $"{Settings.Provider.ToString().ToLowerInvariant()}:{Settings.Model}{(Settings.Dimensions is { } count ? $":{count}" : "")}";

    public async Task<EmbeddingResult> EmbedAsync(string orgId, IReadOnlyList<string> texts, CancellationToken ct)
    {
        var vectors = new List<float[]>(texts.Count);
        var usage = default(ModelUsage);
        foreach (var batch in Batches(texts))
        {
            ModelUsage? said = null;
            var estimate = TokenEstimate.Of(batch);
            var call = await client.PostAsync(orgId, Path, Body(batch), estimate, json => said = UsageOf(json), ct);
            switch (call)
            {
                case ModelCall.Refused refused:
                    return new EmbeddingResult.Refused(refused.Reason);
                case ModelCall.Failed failed:
                    return new EmbeddingResult.Failed(failed.Reason);
                case ModelCall.Answered answered:
                    if (Take(answered.Json, batch.Count, vectors) is { } wrong)
                        return new EmbeddingResult.Failed(wrong);
                    usage += said ?? new ModelUsage(estimate, 0);
                    break;
            }
        }
        return new EmbeddingResult.Ok(vectors, usage);
    }

    private string Path => Settings.Provider switch
    {
        ModelProvider.Azure => $"/openai/deployments/{Uri.EscapeDataString(Settings.Model)}/embeddings?api-version={Uri.EscapeDataString(Settings.ApiVersion)}",
        ModelProvider.Ollama => "/api/embed",
        _ => "/embeddings",
    };

    private IEnumerable<IReadOnlyList<string>> Batches(IReadOnlyList<string> texts)
    {
        var batch = new List<string>();
        var characters = 0;
        foreach (var text in texts)
        {
            if (batch.Count > 0 && (batch.Count >= Settings.BatchTexts || characters + text.Length > Settings.BatchCharacters))
            {
                yield return batch;
                batch = [];
                characters = 0;
            }
            batch.Add(text);
            characters += text.Length;
        }
        if (batch.Count > 0)
            yield return batch;
    }

    private byte[] Body(IReadOnlyList<string> batch)
    {
        // An empty text is an error to some of them.
        var body = new Dictionary<string, object>(StringComparer.Ordinal) { ["input"] = batch.Select(static text => string.IsNullOrWhiteSpace(text) ? "-" : text).ToArray() };
        if (Settings.Provider != ModelProvider.Azure)
            body["model"] = Settings.Model;
        if (Settings.Provider != ModelProvider.Ollama)
            body["encoding_format"] = "float";
        if (Settings.Dimensions is { } count)
            body["dimensions"] = count;
        return JsonSerializer.SerializeToUtf8Bytes(body);
    }

    private ModelUsage? UsageOf(JsonElement json)
    {
        var tokens = Settings.Provider == ModelProvider.Ollama
            ? json.Member("prompt_eval_count")?.Whole()
            : json.Member("usage")?.Member("prompt_tokens")?.Whole() ?? json.Member("usage")?.Member("total_tokens")?.Whole();
        return tokens is { } count ? new ModelUsage(count, 0) : null;
    }

    /// <summary>Adds the answer's vectors in the order of the texts; null when they are right, else what is wrong.</summary>
    private string? Take(JsonElement json, int count, List<float[]> vectors)
    {
        var found = new float[]?[count];
        var ollama = Settings.Provider == ModelProvider.Ollama;
        if ((ollama ? json.Member("embeddings") : json.Member("data")) is not { ValueKind: JsonValueKind.Array } list)
            return "The answer has no vectors.";
        if (list.GetArrayLength() != count)
            return $"The answer has {list.GetArrayLength()} vectors for {count} texts.";
        var place = 0;
        foreach (var item in list.EnumerateArray())
        {
            var index = ollama ? place : item.Member("index")?.Whole() ?? place;
            place++;
            if (index >= count || found[index] is not null)
                return "The answer's vectors are not numbered as the texts are.";
            if ((ollama ? item : item.Member("embedding"))?.Vector() is not { } vector)
                return "The answer has a vector that is no list of finite numbers.";
            if (Interlocked.CompareExchange(ref dimensions, vector.Length, 0) is var expected and not 0 && vector.Length != expected)
                return $"The answer has a vector of {vector.Length} numbers where {expected} are expected.";
            found[index] = vector;
        }
        vectors.AddRange(found!);
        return null;
    }
}
