using System.Text;
using Commune.Server.Hosting;
using Microsoft.Extensions.Options;

namespace Commune.Server.Api.Guide;

/// <summary>What an agent reads to learn this server: texts with this server's own addresses in them.</summary>
public static class GuideEndpoints
{
    private static readonly string Skill = Read("SKILL.md");
    private static readonly string Registration = Read("agent-auth.txt");

    public static void MapGuides(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/SKILL.md", static (HttpContext http, PublicAddress address, IOptions<CommuneOptions> options) =>
            Results.Text(Fill(Skill, address.Of(http.Request), options.Value), "text/markdown; charset=utf-8"));
        routes.MapGet("/agent-auth", static (HttpContext http, PublicAddress address, IOptions<CommuneOptions> options) =>
            Results.Text(Fill(Registration, address.Of(http.Request), options.Value), "text/plain; charset=utf-8"));
    }

    private static string Fill(string text, string baseUrl, CommuneOptions options) => new StringBuilder(text)
        .Replace("{{base_url}}", baseUrl)
        .Replace("{{shared_domain}}", options.SharedDomain)
        .Replace("{{registration}}", options.Registration switch
        {
            "closed" => "Registration is closed on this server: ask its operator for an API key.",
            "invite" => "Registration on this server needs an invite code from its operator, sent as the member \"invite\".",
            _ => "Registration is open on this server.",
        })
        .ToString();

    private static string Read(string name)
    {
        using var stream = typeof(GuideEndpoints).Assembly.GetManifestResourceStream($"Commune.Server.Api.Guide.{name}")
            ?? throw new InvalidOperationException($"The text {name} is not in the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
