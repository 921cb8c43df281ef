using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Commune.Mail.Dns;
using Commune.Mail.Tests.Testing;

namespace Commune.Mail.Tests.Dns;

/// <summary>DNS from records in memory. A name without any record does not exist. Unlike the real resolver it takes any
/// character in a label, spaces too: the SPF suite asks for such names.</summary>
internal sealed class ZoneResolver : IDnsResolver
{
    private const int MaxAliases = 8;

    private readonly Dictionary<string, List<(string Type, object Value)>> _records = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _timeouts = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _queries = [];

    /// <summary>The questions asked so far, as <c>TXT example.com</c>.</summary>
    public IReadOnlyList<string> Queries => _queries;

    /// <summary>The <c>zonedata</c> of a scenario of the SPF suite: a list of records by name. As the suite asks, SPF
    /// records count as TXT records at names that have no TXT entry.</summary>
    public static ZoneResolver FromSuite(YamlNode zonedata)
    {
        var zone = new ZoneResolver();
        foreach (var (name, entries) in zonedata.Map)
        {
            zone._records.TryAdd(Fold(name), []);
            var hasText = entries.Items.Any(entry => entry["TXT"] is not null);
            foreach (var entry in entries.Items)
            {
                if (entry.Text == "TIMEOUT")
                    zone.Timeout(name);
                foreach (var (type, value) in entry.Map)
                    zone.AddSuiteRecord(name, type, value, hasText);
            }
        }

        return zone;
    }

    /// <summary>One TXT record: a single string, or several that are joined.</summary>
    public ZoneResolver Txt(string name, params string[] strings) => Add(name, "TXT", string.Concat(strings));

    /// <summary>An A or AAAA record, by the family of the address.</summary>
    public ZoneResolver Address(string name, string address)
    {
        var ip = IPAddress.Parse(address);
        return Add(name, ip.AddressFamily == AddressFamily.InterNetwork ? "A" : "AAAA", ip);
    }

    public ZoneResolver Mx(string name, int preference, string exchange) =>
        Add(name, "MX", new MxRecord(preference, exchange.Length > 1 ? exchange.TrimEnd('.') : exchange));

    public ZoneResolver Ptr(string address, string name) =>
        Add(DnsName.ReverseOf(IPAddress.Parse(address)), "PTR", name.TrimEnd('.'));

    public ZoneResolver Cname(string name, string target) => Add(name, "CNAME", target.TrimEnd('.'));

    /// <summary>Questions about this name time out, except for the types of which it has records.</summary>
    public ZoneResolver Timeout(string name)
    {
        _timeouts.Add(Fold(name));
        return this;
    }

    public ValueTask<DnsResult<string>> TxtAsync(string name, CancellationToken ct) => Ask<string>(name, "TXT", ct);

    public async ValueTask<DnsResult<MxRecord>> MxAsync(string name, CancellationToken ct)
    {
        var result = await Ask<MxRecord>(name, "MX", ct);
        return result with { Records = [.. result.Records.OrderBy(mx => mx.Preference)] };
    }

    public async ValueTask<DnsResult<IPAddress>> AddressesAsync(string name, AddressFamily? family, CancellationToken ct)
    {
        if (family is not null)
            return await Ask<IPAddress>(name, family == AddressFamily.InterNetwork ? "A" : "AAAA", ct);
        var v4 = await Ask<IPAddress>(name, "A", ct);
        var v6 = await Ask<IPAddress>(name, "AAAA", ct);
        return v4.Records.Count + v6.Records.Count > 0
            ? new DnsResult<IPAddress>(DnsStatus.Success, [.. v4.Records, .. v6.Records])
            : v4.IsTemporaryFailure ? v4 : v6;
    }

    public ValueTask<DnsResult<string>> PtrAsync(IPAddress address, CancellationToken ct) =>
        Ask<string>(DnsName.ReverseOf(address), "PTR", ct);

    public ValueTask<DnsResult<string>> CnameAsync(string name, CancellationToken ct) => Ask<string>(name, "CNAME", ct);

    private static string Fold(string name) => name.Length > 1 && name[^1] == '.' ? name[..^1] : name;

    private ZoneResolver Add(string name, string type, object value)
    {
        ref var records = ref CollectionsMarshal.GetValueRefOrAddDefault(_records, Fold(name), out _);
        (records ??= []).Add((type, value));
        return this;
    }

    private void AddSuiteRecord(string name, string type, YamlNode value, bool hasText)
    {
        switch (type)
        {
            case "SPF" when !hasText:
                Txt(name, [.. value.AsList.Select(part => part.Text)]);
                break;
            case "TXT" when value.Text != "NONE":
                Txt(name, [.. value.AsList.Select(part => part.Text)]);
                break;
            case "A" or "AAAA":
                Address(name, value.Text);
                break;
            case "MX":
                Mx(name, int.Parse(value.Items[0].Text), value.Items[1].Text);
                break;
            case "PTR":
                Add(name, "PTR", Fold(value.Text));
                break;
            case "CNAME":
                Cname(name, value.Text);
                break;
            default:
                break;
        }
    }

    private ValueTask<DnsResult<T>> Ask<T>(string name, string type, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        _queries.Add($"{type} {name}");
        return ValueTask.FromResult(Answer<T>(Fold(name), type));
    }

    private DnsResult<T> Answer<T>(string name, string type)
    {
        if (name.Length > DnsName.MaxLength || name.Split('.').Any(label => label.Length is 0 or > DnsName.MaxLabelLength))
            return new DnsResult<T>(DnsStatus.NameError, []);
        for (var aliases = 0; aliases <= MaxAliases; aliases++)
        {
            var records = _records.GetValueOrDefault(name);
            T[] found = records is null ? [] : [.. records.Where(record => record.Type == type).Select(record => (T)record.Value)];
            if (found.Length > 0)
                return new DnsResult<T>(DnsStatus.Success, found);
            if (_timeouts.Contains(name))
                return new DnsResult<T>(DnsStatus.Timeout, []);
            if (records is null)
                return new DnsResult<T>(DnsStatus.NameError, []);
            if (records.Find(record => record.Type == "CNAME").Value is not string target)
                return new DnsResult<T>(DnsStatus.NoData, []);
            name = target;
        }

        return new DnsResult<T>(DnsStatus.ServerFailure, []);
    }
}
