using System.Net;
using System.Text;

namespace Commune.Mail.Smtp.Client;

/// <summary>AUTH PLAIN (RFC 4616) or, for servers without it, LOGIN. Whether the connection may carry credentials is
/// for the caller to judge.</summary>
internal sealed class SmtpAuthentication(SmtpWire wire, TimeSpan timeout)
{
    /// <summary>Why AUTH failed; <paramref name="Reply"/> is null when it was not the server who refused.</summary>
    public sealed record Failure(SmtpReply? Reply, string Text);

    /// <returns>Null on success.</returns>
    public async Task<Failure?> RunAsync(NetworkCredential credentials, IReadOnlyList<string> mechanisms, CancellationToken ct)
    {
        var (user, password) = (credentials.UserName, credentials.Password);
        // RFC 4616 §2: NUL separates the parts.
        if (user.Contains('\0') || password.Contains('\0'))
            return new Failure(null, "The user name or the password contains NUL.");
        if (mechanisms.Contains("PLAIN", StringComparer.Ordinal))
            return Judge(await SayAsync($"AUTH PLAIN {Encode($"\0{user}\0{password}")}", "AUTH PLAIN ***", ct));
        if (!mechanisms.Contains("LOGIN", StringComparer.Ordinal))
            return new Failure(null, $"The server offers neither AUTH PLAIN nor LOGIN, but: {string.Join(' ', mechanisms)}.");

        var reply = await SayAsync("AUTH LOGIN", "AUTH LOGIN", ct);
        if (reply.Code == 334)
            reply = await SayAsync(Encode(user), "***", ct);
        if (reply.Code == 334)
            reply = await SayAsync(Encode(password), "***", ct);
        return Judge(reply);
    }

    private static Failure? Judge(SmtpReply reply) => reply.Code == 235 ? null : new Failure(reply, reply.Text);

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private async ValueTask<SmtpReply> SayAsync(string line, string shown, CancellationToken ct)
    {
        await wire.WriteSecretLineAsync(line, shown, timeout, ct);
        return await wire.ReadReplyAsync(timeout, ct);
    }
}
