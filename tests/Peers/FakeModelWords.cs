using System.Globalization;
using System.Text.Json;

namespace Commune.Peers;

/// <summary>The JSON in which each provider answers.</summary>
internal static class FakeModelWords
{
    public static string Vectors(FakeModelRequest request, JsonElement question, FakeModelAnswer answer, int dimensions)
    {
        var input = question.GetProperty("input");
        var texts = input.ValueKind == JsonValueKind.String ? [input.GetString()!] : input.EnumerateArray().Select(static text => text.GetString()!).ToList();
        if (question.TryGetProperty("dimensions", out var asked))
            dimensions = asked.GetInt32();
        var vectors = texts.Select(text => FakeModel.Embed(text, answer is FakeModelAnswer.WrongDimension ? dimensions + 1 : dimensions))
            .Select((vector, index) => (Index: index, Words: Words(vector, answer))).ToList();
        if (answer is FakeModelAnswer.WrongCount)
            vectors.RemoveAt(0);
        if (answer is FakeModelAnswer.Shuffled)
            vectors.Reverse();
        var tokens = texts.Sum(static text => text.Split(' ').Length);
        return request.IsOllama
            ? $$"""{"model":"fake","embeddings":[{{string.Join(',', vectors.Select(static one => one.Words))}}],"prompt_eval_count":{{tokens}}}"""
            : $$$"""{"object":"list","data":[{{{string.Join(',', vectors.Select(static one => $$$"""{"object":"embedding","index":{{{one.Index}}},"embedding":{{{one.Words}}}}"""))}}}],"model":"fake","usage":{"prompt_tokens":{{{tokens}}},"total_tokens":{{{tokens}}}}}""";
    }

    public static string Chat(FakeModelRequest request, FakeModelAnswer answer, string good)
    {
        var (content, reason, refusal) = answer switch
        {
            FakeModelAnswer.Says says => (says.Content, "stop", null),
            FakeModelAnswer.CutOff cut => (cut.Content, "length", null),
            FakeModelAnswer.Refusal => request.IsOllama ? ("I cannot help with that.", "stop", null) : (null, "stop", "I cannot help with that."),
            FakeModelAnswer.Filtered => ("", "content_filter", (string?)null),
            _ => ((string?)good, "stop", null),
        };
        return request.IsOllama
            ? JsonSerializer.Serialize(new { model = "fake", message = new { role = "assistant", content }, done_reason = reason, done = true, prompt_eval_count = 20, eval_count = 5 })
            : JsonSerializer.Serialize(new
            {
                id = "chatcmpl-1",
                choices = new[] { new { index = 0, message = new { role = "assistant", content, refusal }, finish_reason = reason } },
                usage = new { prompt_tokens = 20, completion_tokens = 5, total_tokens = 25 },
            });
    }

    private static string Words(float[] vector, FakeModelAnswer answer)
    {
        var numbers = vector.Select(static number => number.ToString("R", CultureInfo.InvariantCulture)).ToList();
        if (answer is FakeModelAnswer.NotANumber)
            numbers[0] = "\"NaN\"";
        if (answer is FakeModelAnswer.TooLargeANumber)
            numbers[0] = "1e99";
        return $"[{string.Join(',', numbers)}]";
    }
}
