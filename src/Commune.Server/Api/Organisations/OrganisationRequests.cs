using Commune.Server.Api.Description;

namespace Commune.Server.Api.Organisations;

/// <param name="Name">1 to 200 characters.</param>
[Example("""{ "name": "My Agent Organization" }""")]
internal sealed record OrganisationNameRequest(string Name);
