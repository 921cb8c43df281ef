using System.Collections.Concurrent;
using System.Net;

namespace Commune.Server.Inbound;

/// <summary>Counts open SMTP connections, in all and per client address, against their limits.</summary>
internal sealed class ConnectionCount(int most, int mostPerAddress)
{
    private readonly ConcurrentDictionary<IPAddress, int> perAddress = new();
    private int all;

    public int Open => Volatile.Read(ref all);

    /// <summary>A place to be given back, or null when a limit is reached.</summary>
    public IDisposable? TryEnter(IPAddress address)
    {
        if (Interlocked.Increment(ref all) > most)
        {
            Interlocked.Decrement(ref all);
            return null;
        }
        if (perAddress.AddOrUpdate(address, 1, static (_, count) => count + 1) > mostPerAddress)
        {
            Leave(address);
            return null;
        }
        return new Place(this, address);
    }

    private void Leave(IPAddress address)
    {
        Interlocked.Decrement(ref all);
        if (perAddress.AddOrUpdate(address, 0, static (_, count) => count - 1) <= 0)
            perAddress.TryRemove(KeyValuePair.Create(address, 0));
    }

    private sealed class Place(ConnectionCount owner, IPAddress address) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
                owner.Leave(address);
        }
    }
}
