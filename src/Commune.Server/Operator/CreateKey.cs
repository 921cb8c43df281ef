using System.CommandLine;
using System.Globalization;
using Commune.Server.Hosting;
using Commune.Storage;

namespace Commune.Server.Operator;

/// <summary><c>key create</c>: an API key, whose secret is printed once.</summary>
internal static class CreateKey
{
    private static readonly Option<string?> Org = new("--org") { Description = "Slug or id of the organisation (else the operator's own)." };
    private static readonly Option<string> Name = new("--name") { Description = "Name of the key, 1 to 200 characters.", Required = true };
    private static readonly Option<string> Permissions = new("--permissions")
    {
        Description = "Scopes, separated by commas: " + string.Join(", ", Scopes.Grantable) + ".",
        DefaultValueFactory = static _ => string.Join(',', Scopes.Standard),
    };
    private static readonly Option<string?> ExpiresIn = new("--expires-in") { Description = "How long it works, such as 12h or 30d (else for ever)." };

    public static Command Build()
    {
        var command = new Command("create", "Make an API key and print its secret, once.") { Org, Name, Permissions, ExpiresIn };
        command.SetAction(static (parsed, cancellation) => CommandContext.RunAsync(parsed, (context, cancel) => RunAsync(context, parsed, cancel), cancellation));
        return command;
    }

    private static async Task RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellation)
    {
        var organisation = await context.FindOrganisationAsync(parsed.GetValue(Org), cancellation);
        var name = parsed.GetRequiredValue(Name).Trim();
        if (name.Length is 0 or > 200)
            throw new RefusedException("--name must be 1 to 200 characters.");
        var permissions = parsed.GetRequiredValue(Permissions).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (permissions.FirstOrDefault(static permission => !Scopes.Grantable.Contains(permission, StringComparer.Ordinal)) is { } unknown)
            throw new RefusedException($"There is no scope {unknown}; there are: {string.Join(", ", Scopes.Grantable)}.");

        var now = context.Time.GetUtcNow();
        long? expiresAt = parsed.GetValue(ExpiresIn) is { } lifetime
            ? (now + SettingText.Durations("--expires-in", lifetime)[0]).ToUnixTimeMilliseconds() : null;
        var secret = ApiKeySecret.New();
        var key = new ApiKey(
            organisation.Id, EntityId.New("key_"), name, ApiKeySecret.PrefixOf(secret), permissions, "active", expiresAt, null, now.ToUnixTimeMilliseconds());
        var most = context.Options.Limits.ApiKeys;
        if (await context.Store.ApiKeys.CreateAsync(
            key, ApiKeySecret.HashOf(secret), cancellation, most, AuditTrail.OfOperator(context.Time, organisation.Id, "key.create", key.Id)) == KeyCreation.TooMany)
        {
            throw new RefusedException(string.Create(CultureInfo.InvariantCulture, $"{organisation.Slug} has {most} active keys, the most there may be; revoke one first."));
        }
        context.Answer(
            new { key.Id, key.Name, Org = organisation.Slug, OrgId = organisation.Id, key.Permissions, ApiKey = secret, ExpiresAt = ApiJson.Time(expiresAt) },
            $"Key {key.Id} of {organisation.Slug}: {string.Join(", ", permissions)}{(expiresAt is { } at ? $", until {ApiJson.Time(at)}" : "")}.",
            "Shown once:",
            secret);
    }
}
