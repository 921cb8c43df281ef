using Commune.Mail.Dns;

namespace Commune.Mail.Dkim;

/// <summary>Verifies DKIM signatures (RFC 6376 §6, RFC 8301, RFC 8463). Thread-safe.</summary>
public sealed class DkimVerifier(IDnsResolver dns, TimeProvider time, DkimVerifierSettings? settings = null)
{
    // RFC 6376 §3.5: a time in the future MAY make a signature invalid; clocks differ by less than this.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);

    private readonly DkimVerifierSettings _settings = settings ?? DkimVerifierSettings.Default;

    /// <summary>A verdict for each DKIM-Signature field, top to bottom; none for a message that was not signed.</summary>
    /// <param name="message">The message as it came over the wire: CRLF line ends, without dot-stuffing.</param>
    public async ValueTask<IReadOnlyList<DkimResult>> VerifyAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var signed = new SignedMessage(message);
        var indexes = signed.Named("DKIM-Signature", _settings.MaxSignatures);
        var signatures = new (SignatureField Field, string? Refusal, Task<KeyLookup>? Key)[indexes.Count];
        for (var i = 0; i < signatures.Length; i++)
        {
            var field = SignatureField.Parse(signed.Value(indexes[i]), SignatureKind.Dkim);
            var refusal = field.Defect ?? Refusal(field);
            // Every key is asked for before the first is waited for.
            signatures[i] = (field, refusal, refusal is null ? KeyLookup.FindAsync(dns, field.Selector, field.Domain, ct) : null);
        }

        var keys = await Task.WhenAll(signatures.Select(s => s.Key).OfType<Task<KeyLookup>>());
        var results = new DkimResult[signatures.Length];
        var next = 0;
        for (var i = 0; i < signatures.Length; i++)
        {
            var (field, refusal, key) = signatures[i];
            results[i] = key is null
                ? Result(field, new SignatureCheck(DkimVerdict.PermError, refusal))
                : Check(signed, field, indexes[i], keys[next++]);
        }

        return results;
    }

    private string? Refusal(SignatureField signature)
    {
        // RFC 6376 §3.5.
        var version = signature.Tags["v"];
        if (version != "1" && !(_settings.AllowDrafts && (version ?? "0.").StartsWith("0.", StringComparison.Ordinal)))
            return "v= is not 1";
        // RFC 8301 §3.1: such signatures "have permanently failed evaluation".
        if (signature.Algorithm == DkimAlgorithm.RsaSha1 && !_settings.AllowSha1)
            return "rsa-sha1 is obsolete";
        return signature.Expiration is { } x && x < Now() ? "the signature expired" : null;
    }

    private DkimResult Check(SignedMessage message, SignatureField signature, int index, KeyLookup key)
    {
        var body = message.Body(signature);
        var covers = signature.BodyLength is not { } length || length >= body.Length;
        return Result(signature, Compare()) with { CoversWholeBody = covers };

        SignatureCheck Compare()
        {
            var check = SignatureCheck.Against(key, signature, message.HeaderHash(signature, index), _settings);
            if (check.Verdict is not (DkimVerdict.Pass or DkimVerdict.Fail))
                return check;
            if (signature.BodyLength > body.Length)
                return check with { Verdict = DkimVerdict.PermError, Reason = "l= is more than the body has" };
            if (!body.Hash.AsSpan().SequenceEqual(signature.BodyHash))
                return check with { Verdict = DkimVerdict.Fail, Reason = "the body hash does not match" };
            if (check.Verdict == DkimVerdict.Pass && signature.Timestamp > Now() + ClockSkew.TotalSeconds)
                return check with { Verdict = DkimVerdict.Policy, Reason = "signed in the future" };
            return check;
        }
    }

    private ulong Now() => (ulong)Math.Max(0, time.GetUtcNow().ToUnixTimeSeconds());

    private static DkimResult Result(SignatureField signature, SignatureCheck check)
    {
        var b = signature.Tags.Compact("b") ?? "";
        return new DkimResult(
            check.Verdict,
            signature.Domain,
            signature.Selector,
            signature.Identity,
            check.Reason,
            signature.AlgorithmName,
            check.IsTesting,
            b.Length > 8 ? b[..8] : b);
    }
}
