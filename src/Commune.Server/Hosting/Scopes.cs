namespace Commune.Server.Hosting;

/// <summary>The permission scopes of contract section 3.</summary>
public static class Scopes
{
    public const string DomainsRead = "domains:read";
    public const string DomainsWrite = "domains:write";
    public const string InboxesRead = "inboxes:read";
    public const string InboxesWrite = "inboxes:write";
    public const string ThreadsRead = "threads:read";
    public const string ThreadsWrite = "threads:write";
    public const string MessagesRead = "messages:read";
    public const string MessagesWrite = "messages:write";
    public const string AttachmentsRead = "attachments:read";
    public const string AttachmentsWrite = "attachments:write";
    public const string DataDelete = "data:delete";
    public const string Admin = "admin";

    /// <summary>Any valid credential.</summary>
    public const string Any = "";

    private const string Read = "read";
    private const string Write = "write";

    private static readonly string[] Reading = [DomainsRead, InboxesRead, ThreadsRead, MessagesRead, AttachmentsRead];
    private static readonly string[] Writing = [DomainsWrite, InboxesWrite, ThreadsWrite, MessagesWrite, AttachmentsWrite];

    /// <summary>Everything that a key can be given, shorthands included.</summary>
    public static IReadOnlyList<string> Grantable { get; } = [.. Reading, .. Writing, DataDelete, Admin, Read, Write];

    /// <summary>What a key gets when none is asked for (contract section 16.2).</summary>
    public static IReadOnlyList<string> Standard { get; } = [Read, Write];

    /// <summary>True when a key with these permissions holds the scope; <c>read</c>, <c>write</c> and <c>admin</c> are shorthands.</summary>
    public static bool Allows(IReadOnlyList<string> permissions, string scope)
    {
        foreach (var permission in permissions)
        {
            if (permission == scope || permission == Admin)
                return true;
            if (permission == Read && scope.EndsWith(":read", StringComparison.Ordinal))
                return true;
            if (permission == Write && scope.EndsWith(":write", StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    /// <summary>The scopes that <paramref name="wanted"/> grants and <paramref name="held"/> does not.</summary>
    public static IReadOnlyList<string> Missing(IReadOnlyList<string> held, IReadOnlyList<string> wanted) =>
        [.. wanted.SelectMany(Expand).Where(scope => !Allows(held, scope)).Distinct(StringComparer.Ordinal)];

    /// <summary>As much of the standard permissions as is held.</summary>
    public static IReadOnlyList<string> StandardWithin(IReadOnlyList<string> held) =>
        [.. Standard.SelectMany(shorthand => Missing(held, [shorthand]).Count == 0 ? [shorthand] : Expand(shorthand).Where(scope => Allows(held, scope)))];

    private static IReadOnlyList<string> Expand(string permission) => permission switch
    {
        Read => Reading,
        Write => Writing,
        _ => [permission],
    };
}
