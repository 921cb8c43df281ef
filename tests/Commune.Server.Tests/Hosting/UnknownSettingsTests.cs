using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Commune.Server.Hosting;
using Microsoft.Extensions.Configuration;

namespace Commune.Server.Tests.Hosting;

/// <summary>What is written in the configuration and would be ignored.</summary>
public sealed partial class UnknownSettingsTests
{
    [Theory]
    [InlineData("Commune:Smtp:Listn", "Commune__Smtp__Listen")]
    [InlineData("Commune:Smtp:Litsen", "Commune__Smtp__Listen")]
    [InlineData("Commune:Stmp:Listen", "Commune__Smtp__Listen")]
    [InlineData("Commune:Smtp:max_recipients", "Commune__Smtp__MaxRecipients")]
    [InlineData("Commune:SmtpListen", "Commune__Smtp__Listen")]
    [InlineData("Commune:Limits:FreePerHours", "Commune__Limits__FreePerHour")]
    [InlineData("Commune:Roles:0", "Commune__Roles")]
    public void A_slip_names_the_setting_that_was_meant(string key, string meant)
    {
        var unknown = Assert.Single(Find(key));
        Assert.Equal((key.Replace(":", "__", StringComparison.Ordinal), meant, true), (unknown.Name, unknown.Nearest, unknown.IsSlip));
    }

    [Theory]
    [InlineData("Commune:MaxRecipients", "Commune__Smtp__MaxRecipients")]
    [InlineData("Commune:Smtp:GiveUpAfter", "Commune__Outbound__GiveUpAfter")]
    [InlineData("Commune:Smtp:RetrySchedule", null)] // Outbound and Webhooks have one each
    [InlineData("Commune:Teleport:Target:Name", null)]
    [InlineData("Commune:Smtp", null)]
    public void Another_unknown_name_is_no_slip(string key, string? hint)
    {
        var unknown = Assert.Single(Find(key));
        Assert.Equal((key.Replace(":", "__", StringComparison.Ordinal), hint, false), (unknown.Name, unknown.Nearest, unknown.IsSlip));
    }

    [Theory]
    [InlineData("Commune:Smtp:Listen")]
    [InlineData("COMMUNE:SMTP:LISTEN")]
    [InlineData("commune:datadirectory")]
    [InlineData("Commune:Limits:EnterprisePerDay")]
    [InlineData("Elsewhere:Smtp:Lisent")]
    public void A_setting_is_known_in_any_case(string key) => Assert.Empty(Find(key));

    [Fact]
    public void Names_below_a_list_or_a_dictionary_are_the_operators()
    {
        var section = Section("Commune:Tiers:gold:PerHour", "Commune:Hosts:0", "Commune:Name:First");
        Assert.Equal("Commune__Name__First", Assert.Single(UnknownSettings.In(section, typeof(WithLists))).Name);
    }

    [Fact]
    public void Every_setting_in_the_operators_page_is_known()
    {
        var names = SettingName().Matches(File.ReadAllText(OperatingPage())).Select(static m => m.Value.Replace("__", ":", StringComparison.Ordinal))
            .Distinct(StringComparer.Ordinal).ToArray();
        Assert.True(names.Length > 20);
        Assert.Empty(Find(names));
    }

    private static IReadOnlyList<UnknownSetting> Find(params string[] keys) => UnknownSettings.In(Section(keys), typeof(CommuneOptions));

    private static IConfigurationSection Section(params string[] keys) => new ConfigurationBuilder()
        .AddInMemoryCollection(keys.Select(static key => KeyValuePair.Create(key, (string?)"1"))).Build().GetSection("Commune");

    private static string OperatingPage([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", "operating.md");

    [GeneratedRegex("Commune__[A-Za-z0-9_]+[A-Za-z0-9]")]
    private static partial Regex SettingName();

    private sealed class WithLists
    {
        public string Name { get; set; } = "";
        public IReadOnlyList<string> Hosts { get; set; } = [];
        public IReadOnlyDictionary<string, CommuneOptions>? Tiers { get; set; }
    }
}
