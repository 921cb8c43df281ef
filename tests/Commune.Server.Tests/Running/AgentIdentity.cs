using System.Globalization;
using System.Text;
using Commune.Mail.Cryptography;

namespace Commune.Server.Tests.Running;

/// <summary>An agent with its key pair. Each comes from an address of its own, which the shared server believes its loopback proxy.</summary>
public sealed class AgentIdentity
{
    private readonly byte[] privateKey = Ed25519.GenerateKey();
    private readonly ApiClient client;

    public AgentIdentity(SharedServer server) => client = server.WithKey(null);

    public string PublicKey => Convert.ToBase64String(Ed25519.PublicKey(privateKey));
    public string Slug { get; init; } = ApiClient.NewLocalPart();
    public (string Name, string Value) From { get; } = ("X-Forwarded-For", $"2001:db8:{Random.Shared.Next(1, 65536):x}:{Random.Shared.Next(1, 65536):x}::1");
    public string AgentId { get; private set; } = "";
    public string OrgId { get; private set; } = "";

    public string Sign(string text) => Convert.ToBase64String(Ed25519.Sign(privateKey, Encoding.UTF8.GetBytes(text)));

    public Task<ApiAnswer> RegisterAsync(object? body = null) => client.SendAsync(HttpMethod.Post, "/v1/auth/agent-register",
        body ?? new { agentName = "My Agent", orgName = "My Org", orgSlug = Slug, publicKey = PublicKey }, From);

    public Task<ApiAnswer> VerifyAsync(object body) => client.SendAsync(HttpMethod.Post, "/v1/auth/agent-verify", body, From);

    /// <summary>Both steps with a string challenge.</summary>
    public async Task<AgentIdentity> JoinAsync()
    {
        var challenge = (await RegisterAsync()).Expect(201).Json;
        var verified = (await VerifyAsync(new
        {
            agentSignupToken = (string)challenge["agentSignupToken"]!,
            signature = Sign((string)challenge["challenge"]!),
        })).Expect(200).Json;
        (AgentId, OrgId) = ((string)verified["agentId"]!, (string)verified["orgId"]!);
        return this;
    }

    /// <summary>Signed over the body.</summary>
    public Task<ApiAnswer> SendAsync(HttpMethod method, string path, string body = "") =>
        client.SendAsync(method, path, body, ("Authorization", $"Agent {AgentId}:{Sign(body)}"));

    /// <summary>Signed over the timestamp.</summary>
    public Task<ApiAnswer> SendStampedAsync(HttpMethod method, string path, long timestamp, string body = "", string header = "X-Commune-Timestamp")
    {
        var text = timestamp.ToString(CultureInfo.InvariantCulture);
        return client.SendAsync(method, path, body, ("Authorization", $"Agent {AgentId}:{Sign($"{AgentId}:{text}")}"), (header, text));
    }

    public Task<ApiAnswer> SendAsAsync(string authorization, params (string Name, string Value)[] headers) =>
        client.SendAsync(HttpMethod.Get, "/v1/agent/org", null, [("Authorization", authorization), .. headers]);

    public static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
}
