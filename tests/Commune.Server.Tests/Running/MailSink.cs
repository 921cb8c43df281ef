using System.Collections.Concurrent;
using Commune.Peers;

namespace Commune.Server.Tests.Running;

/// <summary>A mail server that many tests share: each looks only for the mail to its own addresses.</summary>
public sealed class MailSink : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly FakeMx mx = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> replies = new(StringComparer.OrdinalIgnoreCase);

    public MailSink() => mx.On("RCPT", command =>
    {
        var address = AddressIn(command.Line);
        return replies.TryGetValue(address, out var queue) && queue.TryDequeue(out var reply) ? FakeMxAction.Reply(reply) : FakeMxAction.Default;
    });

    public int Port => mx.Port;

    public IReadOnlyList<FakeMxMessage> Messages => mx.Messages;

    /// <summary>The next RCPT commands for this address are answered so, in order; later ones are accepted.</summary>
    public void Answer(string address, params string[] texts) => replies[address] = new ConcurrentQueue<string>(texts);

    public int AttemptsFor(string address) => mx.Commands.Count(c => c.Verb == "RCPT" && AddressIn(c.Line).Equals(address, StringComparison.OrdinalIgnoreCase));

    /// <summary>What has come in for this address so far.</summary>
    public IReadOnlyList<FakeMxMessage> For(string address) =>
        [.. mx.Messages.Where(m => m.Recipients.Contains(address, StringComparer.OrdinalIgnoreCase))];

    /// <summary>Waits for the first message to this address.</summary>
    public async Task<FakeMxMessage> WaitForAsync(string address, int count = 1)
    {
        while (true)
        {
            var seen = mx.Messages.Count;
            var found = For(address);
            if (found.Count >= count)
                return found[count - 1];
            await mx.WaitForMessagesAsync(seen + 1, Limit);
        }
    }

    public ValueTask DisposeAsync() => mx.DisposeAsync();

    private static string AddressIn(string line)
    {
        var open = line.IndexOf('<', StringComparison.Ordinal);
        var close = line.IndexOf('>', StringComparison.Ordinal);
        return open >= 0 && close > open ? line[(open + 1)..close] : "";
    }
}
