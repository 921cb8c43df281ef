using Commune.Mail.Arc;
using Commune.Mail.AuthenticationResults;
using Commune.Mail.Dkim;
using Commune.Mail.Dmarc;
using Commune.Mail.IpRev;
using Commune.Mail.Mime;
using Commune.Mail.Spf;
using Commune.Server.Hosting;
using Microsoft.Extensions.Options;

namespace Commune.Server.Inbound;

/// <summary>
/// Finds out, inside the SMTP dialogue, whether a message comes from whom it says: SPF, DKIM, ARC and the client's name at the same time,
/// then DMARC over what they found. What cannot be told within the time limit is a temporary error of that method; the mail is taken all the same.
/// </summary>
internal sealed partial class AuthenticateMail(
    SpfVerifier spf, DkimVerifier dkim, ArcVerifier arc, DmarcVerifier dmarc, IpRevVerifier ipRev, IOptions<CommuneOptions> options,
    TimeProvider time, ILogger<AuthenticateMail> log)
{
    private const string OutOfTime = "the time limit was reached";

    /// <param name="content">The message as it came, without our trace header.</param>
    public async Task<MailAuthentication> RunAsync(SendingClient client, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(options.Value.Smtp.AuthenticationTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        var token = either.Token;
        var helo = client.HeloName;
        var hostName = options.Value.EffectiveHostName;

        var spfCheck = WithinAsync(
            () => spf.CheckAsync(client.Address, client.ReversePath, helo, hostName, time.GetUtcNow(), token),
            problem => new SpfResult(SpfResult.TempError, DomainOf(client), client.ReversePath.Length > 0 ? SpfResult.MailFromScope : SpfResult.HeloScope, null, null, problem),
            cancellation);
        var dkimCheck = WithinAsync(
            () => dkim.VerifyAsync(content, token),
            problem => [new DkimResult(DkimVerdict.TempError, "", "", null, problem, "", false, "")], cancellation);
        var arcCheck = WithinAsync(() => arc.VerifyAsync(content, token), static problem => new ArcResult(ArcVerdict.Fail, problem, []) { IsTemporary = true }, cancellation);
        var ipRevCheck = WithinAsync(() => ipRev.CheckAsync(client.Address, token), static _ => new IpRevResult(IpRevResult.TempError, null), cancellation);

        var (spfResult, dkimResults) = (await spfCheck, await dkimCheck);
        var message = MimeParser.ParseHeader(content);
        var from = message.From;
        var dmarcResult = await WithinAsync(
            () => dmarc.CheckAsync(from, spfResult, [.. dkimResults.Select(static r => (r.Domain, r.Verdict.ToWord()))], token),
            problem => new DmarcResult(DmarcResult.TempError, null, from.Count > 0 ? from[0].AsciiDomain : "", "", null, null) { Problem = problem },
            cancellation);
        return new MailAuthentication(client, spfResult, dkimResults, dmarcResult, await arcCheck, await ipRevCheck)
        {
            Author = message.OnlyAuthor,
            HasForeignResults = message.Headers.Contains(AuthenticationResultsHeader.FieldName),
        };
    }

    /// <summary>A check that runs out of time, or fails by a defect of ours, is a temporary error: it must never cost the mail.</summary>
    private async Task<T> WithinAsync<T>(Func<ValueTask<T>> check, Func<string, T> otherwise, CancellationToken cancellation)
    {
        try
        {
            return await check();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return otherwise(OutOfTime);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogFailure(log, error);
            return otherwise("the check failed on this server");
        }
    }

    private static string DomainOf(SendingClient client) =>
        client.ReversePath.Length > 0 ? client.ReversePath[(client.ReversePath.LastIndexOf('@') + 1)..] : client.HeloName;

    [LoggerMessage(Level = LogLevel.Error, Message = "A check of a message's authentication failed; it counts as a temporary error")]
    private static partial void LogFailure(ILogger log, Exception error);
}
