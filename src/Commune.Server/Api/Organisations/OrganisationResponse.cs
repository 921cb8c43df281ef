using System.Text.Json.Serialization;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Organisations;

/// <summary>The organisation object of contract section 16.1.</summary>
public sealed record OrganisationResponse(
    string Id, string Name, string Slug, string Tier, string Status,
    [property: JsonPropertyName("createdAt")] string CreatedAt, [property: JsonPropertyName("updatedAt")] string UpdatedAt)
{
    /// <summary>Under <c>org</c>, under <c>data</c> and at the top level: each is read by some client.</summary>
    internal static IResult Answer(Organisation organisation) => ApiJson.Ok(TopLevelCopy.Of(
        new OrganisationResponse(
            organisation.Id, organisation.Name, organisation.Slug, organisation.Tier, organisation.Status,
            ApiJson.Time(organisation.CreatedAt), ApiJson.Time(organisation.UpdatedAt)),
        "org"));
}
