using System.Net;
using System.Net.Sockets;
using System.Text;
using BenchmarkDotNet.Attributes;
using Commune.Mail.Dkim;
using Commune.Mail.Dns;

namespace Commune.Benchmarks;

/// <summary>Signing and verifying a message of about 20 KB, with keys that DNS has at hand.</summary>
[MemoryDiagnoser]
public class DkimBenchmark
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    private DkimSigningKey _rsa = null!;
    private DkimSigningKey _ed25519 = null!;
    private DkimVerifier _verifier = null!;
    private byte[] _message = [];
    private byte[] _rsaSigned = [];
    private byte[] _ed25519Signed = [];

    [GlobalSetup]
    public void Setup()
    {
        _rsa = DkimSigningKey.FromPem("example.org", "rsa", DkimSigningKey.Generate().PrivatePem);
        _ed25519 = DkimSigningKey.FromPem("example.org", "ed25519", DkimSigningKey.GenerateEd25519().PrivatePem);
        _verifier = new DkimVerifier(new TwoKeys(_rsa.PublicRecord, _ed25519.PublicRecord), TimeProvider.System);
        _message = Encoding.ASCII.GetBytes(
            "From: Kim <kim@example.org>\r\nTo: you@example.net\r\nSubject: A benchmark\r\nDate: Sat, 21 Nov 2026 00:00:00 +0000\r\n"
            + "Message-ID: <1@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n"
            + string.Concat(Enumerable.Repeat("The parcel with the number A-17 is still missing, and so is our patience.\r\n", 270)));
        _rsaSigned = [.. DkimSigner.Sign(_message, _rsa, Now), .. _message];
        _ed25519Signed = [.. DkimSigner.Sign(_message, _ed25519, Now), .. _message];
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _rsa.Dispose();
        _ed25519.Dispose();
    }

    [Benchmark]
    public byte[] SignRsa2048() => DkimSigner.Sign(_message, _rsa, Now);

    [Benchmark]
    public byte[] SignEd25519() => DkimSigner.Sign(_message, _ed25519, Now);

    [Benchmark]
    public ValueTask<IReadOnlyList<DkimResult>> VerifyRsa2048() => _verifier.VerifyAsync(_rsaSigned, CancellationToken.None);

    [Benchmark]
    public ValueTask<IReadOnlyList<DkimResult>> VerifyEd25519() => _verifier.VerifyAsync(_ed25519Signed, CancellationToken.None);

    private sealed class TwoKeys(string rsa, string ed25519) : IDnsResolver
    {
        private readonly DnsResult<string> _rsa = new(DnsStatus.Success, [rsa]);
        private readonly DnsResult<string> _ed25519 = new(DnsStatus.Success, [ed25519]);

        public ValueTask<DnsResult<string>> TxtAsync(string name, CancellationToken ct) =>
            ValueTask.FromResult(name[0] == 'r' ? _rsa : _ed25519);

        public ValueTask<DnsResult<MxRecord>> MxAsync(string name, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<DnsResult<IPAddress>> AddressesAsync(string name, AddressFamily? family, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<DnsResult<string>> PtrAsync(IPAddress address, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<DnsResult<string>> CnameAsync(string name, CancellationToken ct) => throw new NotSupportedException();
    }
}
