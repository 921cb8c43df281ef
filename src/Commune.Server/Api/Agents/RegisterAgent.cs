using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Commune.Mail.Cryptography;
using Commune.Server.Api.Inboxes;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Api.Agents;

/// <summary>First step of a registration: takes a public key and a slug, and answers with what is to be signed.</summary>
internal static class RegisterAgent
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(900);
    private const int MostCharacters = 200;
    private const int MostProfile = 16 * 1024;
    private static readonly string[] ProfileMembers = ["agent_purpose", "avatar_url", "website_url", "moltbook_handle", "capabilities"];

    public static async Task<IResult> HandleAsync(HttpContext http, IStore store, RegistrationPolicy policy, TimeProvider time)
    {
        var body = await RequestBody.ReadAsync(http);
        var invite = await policy.AdmitAsync(body, http.RequestAborted);
        var required = RequiredMembers.Read(body, "agent_name", "org_name", "org_slug", "public_key");
        var (agentName, orgName) = (Name("agentName", required[0]), Name("orgName", required[1]));
        var slug = Slug(required[2]);
        var publicKey = PublicKey(required[3]);
        var purpose = Purpose(body.Text("agent_purpose"));
        var profile = Profile(body);

        await policy.CountRegistrationAsync(http);
        var now = time.GetUtcNow();
        var token = "agt_signup_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var shared = await store.Domains.GetSharedAsync(http.RequestAborted);
        var signup = new AgentSignup(
            HashOf(token), slug, shared.Id, agentName, orgName, publicKey,
            purpose is null ? AgentChallenge.NewString() : AgentChallenge.NewMarker(), purpose is null ? null : AgentChallenge.CountWords(purpose),
            profile, invite, (now + Lifetime).ToUnixTimeMilliseconds());
        if (ReservedAddresses.Has(slug) || !await store.Registrations.BeginAsync(signup, now.ToUnixTimeMilliseconds(), http.RequestAborted))
            throw ApiException.Conflict($"The slug {slug} is taken; choose another orgSlug", "slug_exists");

        var seconds = (int)Lifetime.TotalSeconds;
        return purpose is null
            ? ApiJson.Created(new StringChallenge(token, signup.Challenge, seconds,
                "Sign the challenge with your Ed25519 private key and send the signature to /v1/auth/agent-verify."))
            : ApiJson.Created(new ObjectChallenge(
                token, new Question(AgentChallenge.Question(signup.Challenge), AgentChallenge.Format), seconds, AgentChallenge.Instructions));
    }

    internal static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static string Name(string field, string text)
    {
        var name = text.ReplaceLineEndings(" ").Trim();
        return name.Length <= MostCharacters ? name : throw ApiException.Invalid(field, $"{field} must be 1 to {MostCharacters} characters");
    }

    private static string Slug(string text)
    {
        try
        {
            // It becomes a local part, so it follows the rules of one, but takes no dot.
            var slug = InboxSettings.LocalPart(text);
            if (!slug.Contains('.', StringComparison.Ordinal))
                return slug;
        }
        catch (ApiException)
        {
            // Told below, in the terms of this request.
        }
        throw ApiException.BadRequest(
            "orgSlug must be 1 to 64 letters, digits, hyphens and underscores, starting and ending with a letter or digit", "invalid_org_slug");
    }

    private static byte[] PublicKey(string text)
    {
        var key = new byte[Ed25519.PublicKeySize];
        var valid = text.Length == 44 && text[^1] == '=' && Convert.TryFromBase64String(text, key, out var length) && length == key.Length;
        return valid ? key : throw ApiException.BadRequest(
            "publicKey must be the standard base64 of the 32 raw bytes of an Ed25519 public key: 44 characters ending in =", "invalid_public_key");
    }

    private static string? Purpose(string? text)
    {
        if (text is null)
            return null;
        var valid = text.Length is >= 20 and <= 2000 && text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length >= 3;
        return valid ? text : throw ApiException.BadRequest("agentPurpose must be 20 to 2000 characters and at least three words", "invalid_agent_purpose");
    }

    private static string? Profile(RequestBody body)
    {
        var profile = new JsonObject();
        foreach (var name in ProfileMembers)
        {
            if (body.Member(name) is { ValueKind: not JsonValueKind.Null } value)
                profile[name] = JsonNode.Parse(value.GetRawText());
        }
        if (profile.Count == 0)
            return null;
        var text = profile.ToJsonString();
        return text.Length <= MostProfile ? text
            : throw ApiException.BadRequest($"avatarUrl, websiteUrl, moltbookHandle and capabilities must be at most {MostProfile / 1024} KB together", "validation_error");
    }

    internal sealed record StringChallenge(
        [property: JsonPropertyName("agentSignupToken")] string AgentSignupToken, string Challenge,
        [property: JsonPropertyName("expiresIn")] int ExpiresIn, string Message);

    internal sealed record ObjectChallenge(
        [property: JsonPropertyName("agentSignupToken")] string AgentSignupToken, Question Challenge,
        [property: JsonPropertyName("expiresIn")] int ExpiresIn, IReadOnlyList<string> Instructions);

    internal sealed record Question(string Text, string Format);
}
