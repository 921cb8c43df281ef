using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Commune.Server.Inbound;

/// <summary>
/// A connection that reads its socket when the session asks for more, into a buffer that holds the usual mail whole, and writes to it when the
/// session flushes, both on the session's thread.
/// </summary>
internal sealed class SmtpSocketConnection : DefaultConnectionContext
{
    private const int ReadSize = 32 * 1024;
    private static long last;
    private readonly Socket socket;

    public SmtpSocketConnection(Socket socket)
        : base(string.Create(CultureInfo.InvariantCulture, $"smtp-{Interlocked.Increment(ref last)}"))
    {
        this.socket = socket;
        socket.NoDelay = true;
        (LocalEndPoint, RemoteEndPoint) = (socket.LocalEndPoint, socket.RemoteEndPoint);
        Transport = new Pipes(new NetworkStream(socket, ownsSocket: false));
    }

    /// <summary>What reads or writes finds the connection broken.</summary>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        base.Abort(abortReason);
        socket.Dispose();
    }

    public override async ValueTask DisposeAsync()
    {
        try
        {
            // What has been written goes out before the end does.
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The client was faster, or the connection was aborted.
        }
        socket.Dispose();
        await base.DisposeAsync();
    }

    private sealed class Pipes(NetworkStream stream) : IDuplexPipe
    {
        // Idle sessions wait without a buffer: a read of nothing tells when there is something.
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: ReadSize, leaveOpen: true, useZeroByteReads: true));
        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }
}
