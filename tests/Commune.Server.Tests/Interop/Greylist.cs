using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Commune.Server.Tests.Interop;

/// <summary>A policy service of Postfix (SMTPD_POLICY_README): who writes to a recipient named grey… for the first time has to come again.</summary>
internal sealed class Greylist : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<string, bool> known = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentBag<Task> sessions = [];
    private readonly Task loop;

    public Greylist()
    {
        listener.Start();
        loop = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await Task.WhenAll([loop, .. sessions]);
        listener.Dispose();
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                sessions.Add(AnswerAsync(await listener.AcceptTcpClientAsync(stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
                var recipient = "";
                while (await reader.ReadLineAsync(stop.Token) is { } line)
                {
                    if (line.StartsWith("recipient=", StringComparison.Ordinal))
                        recipient = line["recipient=".Length..];
                    else if (line.Length == 0)
                        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes($"action={ActionFor(recipient)}\n\n"), stop.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // Stopped, or Postfix has no more questions.
            }
        }
    }

    private string ActionFor(string recipient) =>
        recipient.StartsWith("grey", StringComparison.OrdinalIgnoreCase) && known.TryAdd(recipient, true) ? "DEFER_IF_PERMIT Greylisted, come again" : "DUNNO";
}
