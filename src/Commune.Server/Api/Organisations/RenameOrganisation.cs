using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Organisations;

/// <summary>Changes the name of the organisation; its slug cannot change.</summary>
internal static class RenameOrganisation
{
    private const int MostCharacters = 200;

    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, TimeProvider time)
    {
        var name = (await RequestBody.ReadAsync(http)).RequiredText("name").Trim();
        if (name.Length > MostCharacters)
            throw ApiException.Invalid("name", $"name must be 1 to {MostCharacters} characters");
        var orgId = Authentication.CallerOf(http).OrgId;
        var renamed = await store.Organisations.RenameAsync(
            orgId, name, time.GetUtcNow().ToUnixTimeMilliseconds(), http.RequestAborted, AuditTrail.Entry(http, "org.update", orgId));
        return OrganisationResponse.Answer(renamed ?? throw ApiException.NotFound("Organization"));
    }
}
