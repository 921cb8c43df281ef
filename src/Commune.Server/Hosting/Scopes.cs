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

    /// <summary>True when a key with these permissions holds the scope; <c>read</c>, <c>write</c> and <c>admin</c> are shorthands.</summary>
    public static bool Allows(IReadOnlyList<string> permissions, string scope)
    {
        foreach (var permission in permissions)
        {
            if (permission == scope || permission == Admin)
                return true;
            if (permission == "read" && scope.EndsWith(":read", StringComparison.Ordinal))
                return true;
            if (permission == "write" && scope.EndsWith(":write", StringComparison.Ordinal))
                return true;
        }
        return false;
    }
}
