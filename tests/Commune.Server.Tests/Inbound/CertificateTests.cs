using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Inbound;

/// <summary>Issue 2: STARTTLS with PEM files from the settings, reloaded when they change. No database is concerned: one engine will do.</summary>
public sealed class CertificateTests(SqliteEngine engine)
{
    [Fact]
    public async Task PEM_files_that_are_replaced_are_taken_up_without_a_restart()
    {
        var settings = await engine.NewSettingsAsync();
        var (certificate, key) = (Path.Combine(settings.DataDirectory, "mine.pem"), Path.Combine(settings.DataDirectory, "mine.key"));
        WritePair("first.test", certificate, key);
        await using var program = await CommuneProcess.StartAsync(settings
            .With("Commune__Smtp__CertificateFile", certificate).With("Commune__Smtp__CertificateKeyFile", key));
        Assert.Equal("CN=first.test", await SubjectAsync(program));
        WritePair("second.test", certificate, key);
        await Eventually.GetAsync(() => SubjectAsync(program), static subject => subject == "CN=second.test");

        // A pair that cannot be read leaves the former one in use.
        await File.WriteAllTextAsync(certificate, "half a file");
        Assert.Equal("CN=second.test", await SubjectAsync(program));
        WritePair("third.test", certificate, key);
        await Eventually.GetAsync(() => SubjectAsync(program), static subject => subject == "CN=third.test");
    }

    [Fact]
    public async Task The_self_signed_certificate_is_kept()
    {
        var settings = await engine.NewSettingsAsync();
        string first;
        await using (var program = await CommuneProcess.StartAsync(settings))
            first = await ThumbprintAsync(program);
        await using var again = await CommuneProcess.StartAsync(settings);
        Assert.Equal(first, await ThumbprintAsync(again));
    }

    private static async Task<string> SubjectAsync(CommuneProcess program)
    {
        await using var talk = await SmtpTalk.GreetAsync(program.Smtp);
        await talk.StartTlsAsync();
        return talk.Certificate!.Subject;
    }

    private static async Task<string> ThumbprintAsync(CommuneProcess program)
    {
        await using var talk = await SmtpTalk.GreetAsync(program.Smtp);
        await talk.StartTlsAsync();
        return talk.Certificate!.Thumbprint;
    }

    private static void WritePair(string name, string certificateFile, string keyFile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
    }
}
