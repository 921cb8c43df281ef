using System.Text.Json;

namespace Commune.Ai.Models;

/// <summary>What became of one request, attempts and all.</summary>
internal abstract record ModelCall
{
    private ModelCall()
    {
    }

    /// <summary>JSON came, whatever is in it.</summary>
    public sealed record Answered(JsonElement Json) : ModelCall;

    /// <summary>Asking again is useless.</summary>
    public sealed record Refused(string Reason, bool IsBudgetSpent = false) : ModelCall;

    /// <summary>It may go better later.</summary>
    public sealed record Failed(string Reason) : ModelCall;
}
