using System.Net;
using Commune.Mail.Spf;
using Commune.Mail.Tests.Dns;
using Commune.Mail.Tests.Testing;

namespace Commune.Mail.Tests.Spf;

/// <summary>The suite of openspf.org for RFC 7208.</summary>
public class SpfSuiteTests(ITestOutputHelper output)
{
    private const int Cases = 203;

    [Fact]
    public async Task Every_case_of_the_RFC_7208_suite_gives_the_expected_result()
    {
        var suite = SuiteYaml.Read(await File.ReadAllTextAsync(Machine.Conformance("spf/rfc7208-tests.yml")));
        var failures = new List<string>();
        var count = 0;
        foreach (var scenario in suite)
        {
            foreach (var (name, test) in scenario["tests"]!.Map)
            {
                var result = await RunAsync(ZoneResolver.FromSuite(scenario["zonedata"]!), test);
                count++;
                var expected = test["result"]!.AsList.Select(node => node.Text).ToList();
                if (!expected.Contains(result.Result, StringComparer.Ordinal))
                    failures.Add($"{name}: {result.Result} instead of {string.Join('/', expected)} ({result.Problem})");
                else if (test["explanation"] is { } explanation && (result.Explanation ?? "DEFAULT") != explanation.Text)
                    failures.Add($"{name}: explained as \"{result.Explanation}\" instead of \"{explanation.Text}\"");
            }
        }

        output.WriteLine($"RFC 7208 suite: {count - failures.Count} of {count}");
        Assert.Empty(failures);
        Assert.Equal(Cases, count);
    }

    private static async Task<SpfResult> RunAsync(ZoneResolver dns, YamlNode test) => await new SpfVerifier(dns).CheckAsync(
        IPAddress.Parse(test["host"]!.Text),
        test["mailfrom"]!.Text,
        test["helo"]!.Text,
        "receiver.example",
        DateTimeOffset.UnixEpoch,
        CancellationToken.None);
}
