using System.Text.Json.Serialization;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Deletion;

/// <summary>A deletion request; once it is completed, the receipt.</summary>
public sealed record DeletionResponse
{
    public required string Id { get; init; }
    public required string Scope { get; init; }
    public required string? InboxId { get; init; }
    public required string? Before { get; init; }
    public required string Status { get; init; }
    public required IReadOnlyDictionary<string, long> Preview { get; init; }

    /// <summary>Shown once, by the call that makes the request.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? ConfirmationToken { get; init; }
    public required string ConfirmBy { get; init; }
    public required string RequestedAt { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Warning { get; init; }
    public required IReadOnlyDictionary<string, long>? DeletedCounts { get; init; }
    public required string? ConfirmedAt { get; init; }
    public required string? CompletedAt { get; init; }
    public required string? Error { get; init; }

    /// <summary>SHA-256 of what was asked for: with the counts and times it proves later what was deleted.</summary>
    public required string RequestHash { get; init; }

    internal static DeletionResponse From(DeletionRequest request) => new()
    {
        Id = request.Id,
        Scope = request.Target.Scope,
        InboxId = request.Target.InboxId,
        Before = ApiJson.Time(request.Target.Before),
        Status = request.Status,
        Preview = request.Preview.All.ToDictionary(StringComparer.Ordinal),
        ConfirmBy = ApiJson.Time(request.ConfirmBy),
        RequestedAt = ApiJson.Time(request.RequestedAt),
        DeletedCounts = request.Deleted?.All.ToDictionary(StringComparer.Ordinal),
        ConfirmedAt = ApiJson.Time(request.ConfirmedAt),
        CompletedAt = ApiJson.Time(request.CompletedAt),
        Error = request.Error,
        RequestHash = Convert.ToHexStringLower(request.RequestHash),
    };
}
