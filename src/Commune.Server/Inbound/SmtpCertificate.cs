using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Commune.Mail.Smtp.Server;
using Commune.Server.Hosting;

namespace Commune.Server.Inbound;

/// <summary>
/// The certificate of STARTTLS: PEM files from the settings, read again when they change, so that a renewed certificate needs no restart;
/// else a self-signed one made at the first start and kept in the data directory.
/// </summary>
internal sealed partial class SmtpCertificate : IDisposable
{
    private readonly string certificateFile;
    private readonly string keyFile;
    private readonly ILogger log;
    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private X509Certificate2 current;
    private DateTime readStamp;
    private long checkedAt;

    private SmtpCertificate(string certificateFile, string keyFile, TimeProvider time, ILogger log)
    {
        (this.certificateFile, this.keyFile, this.time, this.log) = (certificateFile, keyFile, time, log);
        readStamp = Stamp();
        checkedAt = time.GetTimestamp();
        current = Read();
    }

    /// <exception cref="SettingException">The files cannot be read, or are no certificate and key in PEM.</exception>
    public static SmtpCertificate Open(CommuneOptions options, TimeProvider time, ILogger<SmtpCertificate> log)
    {
        var (certificate, key) = (options.Smtp.CertificateFile, options.Smtp.CertificateKeyFile);
        if (certificate is null != key is null)
            throw new SettingException("Commune:Smtp:CertificateFile and Commune:Smtp:CertificateKeyFile are set together, or neither.");
        if (certificate is null || key is null)
        {
            certificate = Path.Combine(options.DataDirectory, "smtp-certificate.pem");
            key = Path.Combine(options.DataDirectory, "smtp-certificate.key");
            if (!File.Exists(certificate) || !File.Exists(key))
                MakeSelfSigned(options.EffectiveHostName, certificate, key, time);
        }
        try
        {
            return new SmtpCertificate(certificate, key, time, log);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new SettingException($"The SMTP certificate {certificate} with key {key} cannot be used: {error.Message}");
        }
    }

    public async ValueTask<SmtpTlsResult> UpgradeAsync(IDuplexPipe transport, CancellationToken cancellation)
    {
        var tls = new SslStream(new DuplexPipeStream(transport), leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = Current() }, cancellation);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
        return new SmtpTlsResult(new StreamPipes(tls), tls.SslProtocol.ToString().ToUpperInvariant(), tls.NegotiatedCipherSuite.ToString());
    }

    public void Dispose() => current.Dispose();

    /// <summary>The certificate, read again when its files have changed. A pair that cannot be read leaves the former one in use.</summary>
    private X509Certificate2 Current()
    {
        lock (gate)
        {
            if (time.GetElapsedTime(checkedAt) < TimeSpan.FromSeconds(1))
                return current;
            checkedAt = time.GetTimestamp();
            try
            {
                var stamp = Stamp();
                if (stamp != readStamp)
                {
                    current = Read();
                    readStamp = stamp;
                    LogReloaded(log, certificateFile);
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
            {
                LogReloadFailed(log, error, certificateFile);
            }
            return current;
        }
    }

    private DateTime Stamp()
    {
        var (certificate, key) = (File.GetLastWriteTimeUtc(certificateFile), File.GetLastWriteTimeUtc(keyFile));
        return certificate > key ? certificate : key;
    }

    private X509Certificate2 Read() => X509Certificate2.CreateFromPemFile(certificateFile, keyFile);

    private static void MakeSelfSigned(string hostName, string certificateFile, string keyFile, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={hostName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(hostName);
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        PrivateFile.Write(keyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
    }

    private sealed class StreamPipes(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream);
        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The SMTP certificate {File} has changed and is in use")]
    private static partial void LogReloaded(ILogger log, string file);

    [LoggerMessage(Level = LogLevel.Error, Message = "The SMTP certificate {File} has changed but cannot be read; the former one stays in use")]
    private static partial void LogReloadFailed(ILogger log, Exception error, string file);
}
