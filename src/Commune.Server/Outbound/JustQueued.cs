using Commune.Server.Hosting;
using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Outbound;

/// <summary>What a node knows of a message that it has just queued.</summary>
/// <param name="Envelope">All that its delivery needs; null when that depends on what the commit decided.</param>
public sealed record QueuedMail(RawMessage Raw, OutboundEnvelope? Envelope);

/// <summary>
/// The mail that this node has just queued, until its delivery takes it: most mail leaves at once, and need not be read back. What does not fit is read
/// from the store, as is everything after the first attempt, a restart, or on another node.
/// </summary>
public sealed class JustQueued(IOptions<CommuneOptions> options, TimeProvider time)
{
    private const long Most = 16 * 1024 * 1024;

    /// <summary>A message that waited longer may have changed meanwhile.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly bool delivers = options.Value.HasRole("worker");
    private readonly Lock gate = new();
    private readonly Dictionary<string, (QueuedMail Mail, long Since)> messages = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();
    private long bytes;

    /// <summary>Keeps a message that will go to one destination; the oldest give way.</summary>
    public void Add(string messageId, QueuedMail mail)
    {
        if (!delivers || mail.Raw.Inline is not { } inline)
            return;
        lock (gate)
        {
            if (!messages.TryAdd(messageId, (mail, time.GetTimestamp())))
                return;
            order.Enqueue(messageId);
            bytes += inline.Length;
            // The order names what was taken too: it is cut as well when that is most of it.
            while ((bytes > Most || order.Count > 2 * (messages.Count + 64)) && order.TryDequeue(out var oldest))
                Remove(oldest);
        }
    }

    /// <summary>Null when it has to be read.</summary>
    public QueuedMail? Take(string messageId)
    {
        lock (gate)
            return Remove(messageId);
    }

    /// <summary>Data is about to be deleted: what was queued is read again before it leaves.</summary>
    public void Forget()
    {
        lock (gate)
        {
            messages.Clear();
            order.Clear();
            bytes = 0;
        }
    }

    private QueuedMail? Remove(string messageId)
    {
        if (!messages.Remove(messageId, out var kept))
            return null;
        bytes -= kept.Mail.Raw.Inline!.Value.Length;
        return time.GetElapsedTime(kept.Since) < Longest ? kept.Mail : kept.Mail with { Envelope = null };
    }
}
