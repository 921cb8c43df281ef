using Microsoft.Extensions.Options;

namespace Commune.Server.Hosting;

/// <summary>How many bytes of uploaded attachments an organisation may keep, by its tier.</summary>
public sealed class StorageQuota(IOptions<CommuneOptions> options)
{
    /// <summary>Bytes; null means unlimited.</summary>
    public long? Of(Caller caller) => caller.Organisation.Tier switch
    {
        "pro" => options.Value.Limits.ProStorageBytes,
        "enterprise" => options.Value.Limits.EnterpriseStorageBytes,
        _ => options.Value.Limits.FreeStorageBytes,
    };
}
