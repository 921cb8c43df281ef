using System.Text.Json;

namespace Commune.Ai.Models;

/// <summary>A language model that answers one request, in JSON of a given schema where asked.</summary>
public interface IChatModel
{
    /// <summary>As results should name it: provider and model.</summary>
    string ModelName { get; }

    /// <summary>One answer; what the other side does wrong is a result, never an exception.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    Task<ChatResult> CompleteAsync(string orgId, ChatRequest request, CancellationToken ct);
}

/// <summary>What is asked of a language model.</summary>
/// <param name="System">Our instructions.</param>
/// <param name="User">The material: data, whatever it says.</param>
/// <param name="Schema">The JSON Schema that the answer must have; null for free text. Whether the answer has it is for the caller to check.</param>
/// <param name="MaxTokens">The longest answer.</param>
public sealed record ChatRequest(string System, string User, JsonElement? Schema, int MaxTokens);

/// <summary>What became of a call of <see cref="IChatModel"/>.</summary>
public abstract record ChatResult
{
    private ChatResult()
    {
    }

    /// <summary>The answer as the model wrote it, complete and not blank; with a schema it is JSON if the model kept its word.</summary>
    public sealed record Ok(string Text, ModelUsage Usage) : ChatResult;

    /// <summary>The model or its provider declined, or the budget is spent, or the request is not accepted: asking again would not help.</summary>
    public sealed record Refused(string Reason, bool IsBudgetSpent = false) : ChatResult;

    /// <summary>The other side could not be reached, or its answer was cut off, empty or no answer at all, after all attempts; a later call may do better.</summary>
    public sealed record Failed(string Reason) : ChatResult;
}
