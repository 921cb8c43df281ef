using Commune.Storage;
using Microsoft.Extensions.Options;

namespace Commune.Server.Hosting;

/// <summary>How many emails an organisation may send, by its tier (contract section 4).</summary>
public sealed class SendTiers(IOptions<CommuneOptions> options)
{
    /// <summary>What an unlimited tier reports: clients parse a plain integer.</summary>
    public const int Unlimited = int.MaxValue;

    /// <summary>Null means unlimited.</summary>
    public SendLimits? LimitsOf(Organisation organisation)
    {
        var limits = options.Value.Limits;
        return organisation.Tier switch
        {
            "pro" => new SendLimits(limits.ProPerHour, limits.ProPerDay),
            "enterprise" when limits.EnterprisePerHour is null && limits.EnterprisePerDay is null => null,
            "enterprise" => new SendLimits(limits.EnterprisePerHour ?? Unlimited, limits.EnterprisePerDay ?? Unlimited),
            _ => new SendLimits(limits.FreePerHour, limits.FreePerDay),
        };
    }
}
