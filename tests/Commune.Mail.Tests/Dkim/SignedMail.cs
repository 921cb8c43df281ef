using System.Security.Cryptography;
using System.Text;
using Commune.Mail.Dkim;
using Commune.Mail.Tests.Dns;
using Commune.Peers;

namespace Commune.Mail.Tests.Dkim;

/// <summary>Signs mail with any tags one likes, which <see cref="DkimSigner"/> would not; the key is at
/// <c>one._domainkey.example.org</c>.</summary>
internal static class SignedMail
{
    public const string Body = "Hello,\r\n\r\nthis  is a test. \r\n\r\n";

    public const string Header = "From: Kim <kim@example.org>\r\nTo: you@example.net\r\nSubject: A test\r\nSubject: Another\r\n";

    public const string Message = Header + "\r\n" + Body;

    public const string Tags = "v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=one; h=from:to:subject:subject:subject";

    public static readonly DateTimeOffset Now = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    private static readonly RSA Key = RSA.Create(2048);

    public static string Record { get; } = $"v=DKIM1; k=rsa; p={Convert.ToBase64String(Key.ExportSubjectPublicKeyInfo())}";

    public static string PublicKey => Record[Record.IndexOf("p=", StringComparison.Ordinal)..];

    public static ZoneResolver Zone(string record) => new ZoneResolver().Txt("one._domainkey.example.org", record);

    /// <summary>The signature field for a message, computed over what its own tags say.</summary>
    public static string Sign(string tags, string message = Message, RSA? key = null)
    {
        var draft = $"DKIM-Signature: {tags}; bh=AAAA; b=AAAA\r\n";
        var (signed, field) = Read(draft, message);
        var bodyHash = Convert.ToBase64String(signed.Body(field).Hash);
        draft = draft.Replace("bh=AAAA", "bh=" + bodyHash, StringComparison.Ordinal);
        (signed, field) = Read(draft, message);
        var signature = (key ?? Key).SignHash(signed.HeaderHash(field, 0), field.Algorithm.Hash(), RSASignaturePadding.Pkcs1);
        return draft.Replace("b=AAAA", "b=" + Convert.ToBase64String(signature), StringComparison.Ordinal);
    }

    public static async Task<DkimResult> VerifyAsync(string message, ZoneResolver? zone = null, DkimVerifierSettings? settings = null) =>
        Assert.Single(await VerifyAllAsync(message, zone, settings));

    public static async Task<IReadOnlyList<DkimResult>> VerifyAllAsync(string message, ZoneResolver? zone = null, DkimVerifierSettings? settings = null) =>
        await new DkimVerifier(zone ?? Zone(Record), new ManualTimeProvider(Now), settings).VerifyAsync(Encoding.Latin1.GetBytes(message), CancellationToken.None);

    private static (SignedMessage, SignatureField) Read(string field, string message)
    {
        var signed = new SignedMessage(Encoding.Latin1.GetBytes(field + message));
        return (signed, SignatureField.Parse(signed.Value(0), SignatureKind.Dkim));
    }
}
