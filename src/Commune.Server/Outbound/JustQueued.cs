using Commune.Server.Hosting;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Outbound;

/// <summary>
/// The bytes of mail that this node has just queued, until its delivery takes them: most mail leaves at once, and need not be read back. What does not fit is read
/// from the store, as is everything after the first attempt, a restart, or on another node.
/// </summary>
public sealed class QueuedBytes(IOptions<CommuneOptions> options)
{
    private const long Most = 16 * 1024 * 1024;
    private readonly bool delivers = options.Value.HasRole("worker");
    private readonly Lock gate = new();
    private readonly Dictionary<string, RawMessage> messages = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();
    private long bytes;

    /// <summary>Keeps a message that will go to one destination; the oldest give way.</summary>
    public void Add(string messageId, RawMessage raw)
    {
        if (!delivers || raw.Inline is not { } inline)
            return;
        lock (gate)
        {
            if (!messages.TryAdd(messageId, raw))
                return;
            order.Enqueue(messageId);
            bytes += inline.Length;
            // The order names what was taken too: it is cut as well when that is most of it.
            while ((bytes > Most || order.Count > 2 * (messages.Count + 64)) && order.TryDequeue(out var oldest))
                Remove(oldest);
        }
    }

    /// <summary>Null when it has to be read.</summary>
    public RawMessage? Take(string messageId)
    {
        lock (gate)
            return Remove(messageId);
    }

    private RawMessage? Remove(string messageId)
    {
        if (!messages.Remove(messageId, out var raw))
            return null;
        bytes -= raw.Inline!.Value.Length;
        return raw;
    }
}
