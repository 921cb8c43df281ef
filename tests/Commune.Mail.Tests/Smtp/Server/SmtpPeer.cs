using Commune.Peers;
using System.IO.Pipelines;
using System.Text;
using Commune.Mail.Smtp.Server;

namespace Commune.Mail.Tests.Smtp.Server;

/// <summary>
/// The client's end of a session over pipes. The pipes call their waiters inline: when <see cref="SendAsync(string)"/> returns, the
/// session has done all it can, and what it said lies in <see cref="Heard"/>, unless it waits for something else than its client.
/// </summary>
internal sealed class SmtpPeer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly PipeOptions Inline =
        new(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false);

    private readonly CancellationTokenSource _drain = new();
    private readonly CancellationTokenSource _abort = new();
    private Link _link = new();

    public static SmtpServerSettings Settings { get; } = new() { HostName = "mx.example.com", OfferStartTls = true };

    public SmtpServerSettings Using { get; init; } = Settings;

    public FakeMailHandler Handler { get; } = new();

    public ManualTimeProvider Time { get; } = new();

    public SmtpSessionInfo Info { get; } = new() { SessionId = "s1" };

    public List<Exception> Errors { get; } = [];

    public bool ReportsErrors { get; init; } = true;

    public bool HasCertificate { get; init; }

    public Exception? HandshakeFailure { get; init; }

    public Task Session { get; private set; } = Task.CompletedTask;

    /// <summary>How often the session has flushed.</summary>
    public int Flushes => _link.Flushes;

    /// <summary>Opens the session; what is given is in the pipe before the session begins.</summary>
    public async Task OpenAsync(string early = "")
    {
        if (early.Length > 0)
            await SendAsync(early);
        var session = new SmtpSession(Using, Handler, Time) { OnHandlerError = ReportsErrors ? Errors.Add : null };
        Session = session.RunAsync(Info, _link, HasCertificate ? HandshakeAsync : null, _drain.Token, _abort.Token);
    }

    /// <summary>A session that has been greeted and has had its EHLO answered.</summary>
    public static async Task<SmtpPeer> GreetedAsync(SmtpServerSettings? settings = null, bool hasCertificate = false, bool reportsErrors = true)
    {
        var peer = new SmtpPeer { Using = settings ?? Settings, HasCertificate = hasCertificate, ReportsErrors = reportsErrors };
        await peer.OpenAsync();
        await peer.SendAsync("EHLO client.example\r\n");
        peer.Heard();
        return peer;
    }

    public Task SendAsync(string latin1) => SendAsync(Encoding.Latin1.GetBytes(latin1));

    public async Task SendAsync(ReadOnlyMemory<byte> octets) => await _link.ToServer.Writer.WriteAsync(octets);

    /// <summary>Sends and returns the codes of the replies that came at once.</summary>
    public async Task<string> AskAsync(string latin1)
    {
        await SendAsync(latin1);
        return Codes(Heard());
    }

    /// <summary>What the server has said since.</summary>
    public string Heard()
    {
        var heard = "";
        while (_link.ToClient.Reader.TryRead(out var result))
        {
            heard += Encoding.Latin1.GetString(result.Buffer);
            _link.ToClient.Reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                break;
        }

        return heard;
    }

    /// <summary>Lets what the server has said pass unread.</summary>
    public void Skip()
    {
        while (_link.ToClient.Reader.TryRead(out var result) && !result.IsCompleted)
            _link.ToClient.Reader.AdvanceTo(result.Buffer.End);
    }

    /// <summary>Waits until the server has said something, for what it does on other threads.</summary>
    public async Task<string> HearAsync()
    {
        var result = await _link.ToClient.Reader.ReadAsync().AsTask().WaitAsync(Patience);
        var heard = Encoding.Latin1.GetString(result.Buffer);
        _link.ToClient.Reader.AdvanceTo(result.Buffer.End);
        return heard;
    }

    /// <summary>Hangs up, waits for the end of the session, and returns what the server still said.</summary>
    public async Task<string> HangUpAsync()
    {
        await _link.ToServer.Writer.CompleteAsync();
        return await EndAsync();
    }

    /// <summary>Waits for the server to end the session, and returns what it still said.</summary>
    public async Task<string> EndAsync()
    {
        await Session.WaitAsync(Patience);
        var heard = Heard();
        Assert.True((await _link.ToClient.Reader.ReadAsync()).IsCompleted);
        Assert.True((await _link.ToServer.Writer.FlushAsync()).IsCompleted);
        return heard;
    }

    public Task DrainAsync() => _drain.CancelAsync();

    public Task AbortAsync() => _abort.CancelAsync();

    /// <summary>Code and enhanced code of each reply, such as <c>250 2.1.0, 354</c>.</summary>
    public static string Codes(string heard)
    {
        var codes = new List<string>();
        foreach (var line in heard.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[3] == '-')
                continue;
            var words = line.Split(' ');
            codes.Add(words.Length > 1 && Commune.Mail.Smtp.EnhancedStatusCode.TryParse(words[1], out _) ? $"{words[0]} {words[1]}" : words[0]);
        }

        return string.Join(", ", codes);
    }

    public async ValueTask DisposeAsync()
    {
        await _abort.CancelAsync();
        await Session.WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _drain.Dispose();
        _abort.Dispose();
    }

    // In place of TLS the session goes on over a second pair of pipes.
    private ValueTask<SmtpTlsResult> HandshakeAsync(IDuplexPipe clear, CancellationToken ct)
    {
        Assert.Same(_link, clear);
        if (HandshakeFailure is not null)
            throw HandshakeFailure;
        Assert.Equal("220 2.0.0", Codes(Heard()));
        _link = new Link();
        return new(new SmtpTlsResult(_link, "TLSv1.3", "TLS_AES_128_GCM_SHA256"));
    }

    private sealed class Link : IDuplexPipe
    {
        private readonly CountingWriter _output;

        public Link() => _output = new CountingWriter(ToClient.Writer);

        public Pipe ToServer { get; } = new(Inline);

        public Pipe ToClient { get; } = new(Inline);

        public int Flushes => _output.Flushes;

        public PipeReader Input => ToServer.Reader;

        public PipeWriter Output => _output;
    }

    private sealed class CountingWriter(PipeWriter inner) : PipeWriter
    {
        public int Flushes { get; private set; }

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            Flushes++;
            return inner.FlushAsync(cancellationToken);
        }
    }
}
