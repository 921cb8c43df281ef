using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Commune.Peers;

/// <summary>Stands before another server and cuts the first connection after so many octets in one direction; later ones pass.</summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _sessions = [];
    private readonly IPEndPoint _server;
    private readonly Task _loop;
    private readonly int _fromClient;
    private readonly int _fromServer;
    private int _connections;

    /// <param name="fromClient">Octets of the client that the server still gets.</param>
    /// <param name="fromServer">Octets of the server that the client still gets.</param>
    public CuttingProxy(IPEndPoint server, int fromClient = int.MaxValue, int fromServer = int.MaxValue)
    {
        (_server, _fromClient, _fromServer) = (server, fromClient, fromServer);
        _listener.Start();
        _loop = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop;
        await Task.WhenAll(_sessions);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                var first = Interlocked.Increment(ref _connections) == 1;
                _sessions.Add(ServeAsync(client, first));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // Stopped.
            }
        }
    }

    private async Task ServeAsync(TcpClient client, bool cut)
    {
        using var near = client;
        using var far = new TcpClient { NoDelay = true };
        near.NoDelay = true;
        try
        {
            await far.ConnectAsync(_server, _stop.Token);
            // Whichever side ends first ends both.
            await Task.WhenAny(
                PassAsync(near.GetStream(), far.GetStream(), cut ? _fromClient : int.MaxValue),
                PassAsync(far.GetStream(), near.GetStream(), cut ? _fromServer : int.MaxValue));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException)
        {
            // One of them went away.
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to, int left)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (left > 0 && await from.ReadAsync(buffer, _stop.Token) is > 0 and var read)
            {
                await to.WriteAsync(buffer.AsMemory(0, Math.Min(read, left)), _stop.Token);
                left -= read;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // One of them went away.
        }
    }
}
