namespace Commune.Storage;

/// <summary>Whose mail an inbox takes.</summary>
/// <param name="Mode"><see cref="All"/> or <see cref="AllowOnly"/>.</param>
/// <param name="Allow">Addresses, <c>@domain</c>s and <c>@.domain</c>s (what is below it), lower case.</param>
public sealed record SenderLists(string Mode, IReadOnlyList<string> Allow, IReadOnlyList<string> Block)
{
    /// <summary>Everybody's but of those who are blocked.</summary>
    public const string All = "all";

    /// <summary>Only of those who are allowed, and who prove that they are who they say.</summary>
    public const string AllowOnly = "allow_only";

    public static SenderLists None { get; } = new(All, [], []);

    public bool IsNone => Mode == All && Allow.Count == 0 && Block.Count == 0;

    /// <param name="address">Bare, lower case; empty for a null sender.</param>
    public bool Blocks(string address) => Names(Block, address);

    /// <inheritdoc cref="Blocks"/>
    public bool Allows(string address) => Names(Allow, address);

    private static bool Names(IReadOnlyList<string> list, string address)
    {
        var at = address.LastIndexOf('@');
        if (at < 0)
            return false;
        foreach (var entry in list)
        {
            var named = entry.StartsWith("@.", StringComparison.Ordinal) ? address.AsSpan(at + 1).EndsWith(entry.AsSpan(1), StringComparison.Ordinal)
                : entry.StartsWith('@') ? address.AsSpan(at).SequenceEqual(entry) : entry == address;
            if (named)
                return true;
        }
        return false;
    }
}

public interface ISenderListStore
{
    /// <summary><see cref="SenderLists.None"/> when the inbox has none.</summary>
    Task<SenderLists> GetAsync(string orgId, string inboxId, CancellationToken cancellation);

    /// <summary>Replaces what the inbox has.</summary>
    Task SetAsync(string orgId, string inboxId, SenderLists lists, long at, CancellationToken cancellation, AuditEntry? audit = null);
}
