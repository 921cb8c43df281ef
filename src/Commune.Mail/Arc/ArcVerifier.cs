using Commune.Mail.Dkim;
using Commune.Mail.Dns;

namespace Commune.Mail.Arc;

/// <summary>Validates the Authenticated Received Chain of a message (RFC 8617 §5.2). Thread-safe.</summary>
/// <param name="settings">Of which keys and algorithms; the number of signatures is that of the chain.</param>
public sealed class ArcVerifier(IDnsResolver dns, TimeProvider time, DkimVerifierSettings? settings = null)
{
    private readonly DkimVerifierSettings _settings = settings ?? DkimVerifierSettings.Default;

    /// <param name="message">The message as it came over the wire: CRLF line ends, without dot-stuffing.</param>
    public async ValueTask<ArcResult> VerifyAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var signed = new SignedMessage(message);
        var chain = ArcChain.Read(signed);
        if (chain.Sets.Count == 0)
            return new ArcResult(chain.Defect is null ? ArcVerdict.None : ArcVerdict.Fail, chain.Defect, []);

        IReadOnlyList<ArcSet> sets = [.. chain.Sets.Select(s => s.Describe(signed))];
        var reason = chain.Defect;
        var isTemporary = false;
        if (reason is null)
            (reason, isTemporary) = await CheckAsync(signed, chain, ct);
        return new ArcResult(reason is null ? ArcVerdict.Pass : ArcVerdict.Fail, reason, sets) { IsTemporary = isTemporary };
    }

    private async Task<(string? Reason, bool IsTemporary)> CheckAsync(SignedMessage message, ArcChain chain, CancellationToken ct)
    {
        // §5.2 step 4 wants the newest message signature only: older ones are broken by whoever changed the message.
        var newest = chain.Sets[^1];
        var questions = chain.Sets.Select(s => s.Seal).Prepend(newest.MessageSignature)
            .DistinctBy(s => (s.Selector, s.Domain))
            .ToDictionary(s => (s.Selector, s.Domain), s => KeyLookup.FindAsync(dns, s.Selector, s.Domain, ct));
        await Task.WhenAll(questions.Values);

        var check = await CheckAsync(newest.MessageSignature, message.HeaderHash(newest.MessageSignature, newest.MessageSignatureIndex));
        if (check.Verdict != DkimVerdict.Pass)
            return Say(newest, "message signature", check);
        if (Mismatch(message, newest.MessageSignature) is { } mismatch)
            return ($"message signature {newest.Instance}: {mismatch}", false);

        for (var i = chain.Sets.Count - 1; i >= 0; i--)
        {
            check = await CheckAsync(chain.Sets[i].Seal, chain.SealHash(message, i));
            if (check.Verdict != DkimVerdict.Pass)
                return Say(chain.Sets[i], "seal", check);
        }

        return (null, false);

        async Task<SignatureCheck> CheckAsync(SignatureField signature, byte[] hash) =>
            signature.Algorithm == DkimAlgorithm.RsaSha1 && !_settings.AllowSha1
                ? new SignatureCheck(DkimVerdict.PermError, "rsa-sha1 is obsolete")
                : SignatureCheck.Against(await questions[(signature.Selector, signature.Domain)], signature, hash, _settings);
    }

    private string? Mismatch(SignedMessage message, SignatureField signature)
    {
        var body = message.Body(signature);
        if (!body.Hash.AsSpan().SequenceEqual(signature.BodyHash) || signature.BodyLength > body.Length)
            return "the body hash does not match";
        return signature.Expiration is { } x && x < (ulong)Math.Max(0, time.GetUtcNow().ToUnixTimeSeconds()) ? "expired" : null;
    }

    private static (string, bool) Say(ArcSetFields set, string what, SignatureCheck check) =>
        ($"{what} {set.Instance}: {check.Reason}", check.Verdict == DkimVerdict.TempError);
}
