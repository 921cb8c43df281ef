using Commune.Server.Hosting;

namespace Commune.Server.Api.Organisations;

/// <summary>Gives the caller's organisation.</summary>
internal static class GetOrganisation
{
    public static IResult HandleAsync(HttpContext http) => OrganisationResponse.Answer(Authentication.CallerOf(http).Organisation);
}
