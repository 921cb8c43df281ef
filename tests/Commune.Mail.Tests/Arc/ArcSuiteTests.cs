using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Commune.Mail.Arc;
using Commune.Mail.AuthenticationResults;
using Commune.Mail.Dkim;
using Commune.Mail.Tests.Dns;
using Commune.Mail.Tests.Testing;
using Commune.Peers;

namespace Commune.Mail.Tests.Arc;

/// <summary>The suites under <c>conformance/arc</c>, written for a draft of RFC 8617.</summary>
public partial class ArcSuiteTests(ITestOutputHelper output)
{
    private const string Obsolete = "RFC 8301 §3.1: rsa-sha1 must not be used to verify, and RFC 8617 §4.1.3 takes its algorithms from DKIM";
    private const string NoVerdict = "the draft gave no verdict; RFC 8617 §5.2 steps 2 and 3: the status is fail";

    private static readonly Dictionary<string, string> DecidedAgainst = new(StringComparer.Ordinal)
    {
        ["ams_fields_a_sha1"] = Obsolete,
        ["as_fields_a_sha1"] = Obsolete,
        ["cv_fail_i1_as_cv_fail"] = NoVerdict,
        ["cv_fail_i2_as2_fail"] = NoVerdict,
        ["cv_fail_i2_as1_fail"] = NoVerdict,
    };

    [Fact]
    public async Task Chains_get_the_verdict_of_the_suite()
    {
        var (asExpected, decided, count) = (0, 0, 0);
        var wrong = new List<string>();
        foreach (var (name, test, _, zone) in Cases("arc/arc-draft-validation-tests.yml"))
        {
            count++;
            var result = await Verifier(zone, DkimVerifierSettings.Default).VerifyAsync(Message(test), CancellationToken.None);
            var expected = test["cv"]!.Text.Trim().ToLowerInvariant();
            if (DecidedAgainst.TryGetValue(name, out var reason))
            {
                decided++;
                output.WriteLine($"{name}: fail, where the suite says \"{expected}\": {reason}.");
                expected = "fail";
            }
            else if (result.Verdict.ToWord() == expected)
            {
                asExpected++;
            }

            if (result.Verdict.ToWord() != expected)
                wrong.Add($"{name}: {expected} expected; {result.Verdict.ToWord()}: {result.Reason}");
        }

        output.WriteLine($"ARC validation: {asExpected} of {count} as expected, {decided} decided otherwise");
        Assert.Empty(wrong);
        Assert.Equal(DecidedAgainst.Count, decided);
        Assert.Equal(174, count);
    }

    [Theory]
    [InlineData("ams_fields_a_sha1")]
    [InlineData("as_fields_a_sha1")]
    public async Task Chains_with_sha1_pass_where_it_is_allowed(string name)
    {
        var (_, test, _, zone) = Cases("arc/arc-draft-validation-tests.yml").Single(c => c.Name == name);
        var result = await Verifier(zone, new DkimVerifierSettings { AllowSha1 = true }).VerifyAsync(Message(test), CancellationToken.None);
        Assert.Equal((ArcVerdict.Pass, null), (result.Verdict, result.Reason));
    }

    /// <summary>Byte for byte: RSASSA-PKCS1-v1_5 is deterministic, so that equal signatures mean equal canonical fields.</summary>
    [Fact]
    public async Task Sets_are_sealed_as_in_the_suite()
    {
        var count = 0;
        var failed = new HashSet<string>(StringComparer.Ordinal);
        var wrong = new List<string>();
        foreach (var (name, test, scenario, zone) in Cases("arc/arc-draft-sign-tests.yml"))
        {
            count++;
            using var key = DkimSigningKey.FromPem(scenario["domain"]!.Text, scenario["sel"]!.Text, scenario["privatekey"]!.Text);
            var message = Message(test);
            var id = test["srv-id"]!.Text;
            var results = AuthenticationResultsReader.Results(message, id);
            var cv = ChainStatus().Match(results).Groups["word"].Value switch
            {
                "pass" => ArcVerdict.Pass,
                "fail" => ArcVerdict.Fail,
                _ => ArcVerdict.None,
            };
            var now = DateTimeOffset.FromUnixTimeSeconds(long.Parse(test["t"]!.Text, CultureInfo.InvariantCulture));
            var sealedFields = ArcSealer.Seal(message, key, id, results, cv, now, test["sig-headers"]!.Text.Split(':'));
            foreach (var (field, tag) in new[] { ("ARC-Seal", "AS"), ("ARC-Message-Signature", "AMS"), ("ARC-Authentication-Results", "AAR") })
            {
                var expected = Normal(test[tag]!.Text, isTagList: tag != "AAR");
                var actual = Normal(ValueOf(sealedFields, field), isTagList: tag != "AAR");
                if (expected != actual && failed.Add(name))
                    wrong.Add($"{name} {tag}\n expected {expected}\n actual   {actual}");
            }

            // The chains that the suite lets us add to were folded anew since they were sealed, and no longer pass.
            if (cv == ArcVerdict.None && sealedFields.Length > 0)
            {
                var verdict = await Verifier(zone, DkimVerifierSettings.Default).VerifyAsync((byte[])[.. sealedFields, .. message], CancellationToken.None);
                if (verdict.Verdict != ArcVerdict.Pass)
                    wrong.Add($"{name}: our verifier says {verdict.Verdict.ToWord()}: {verdict.Reason}");
            }
        }

        output.WriteLine($"ARC signing: {count - failed.Count} of {count} as expected");
        Assert.Empty(wrong);
        Assert.Equal(17, count);
    }


    private static IEnumerable<(string Name, YamlNode Test, YamlNode Scenario, ZoneResolver Zone)> Cases(string file)
    {
        // Four names are used twice in one mapping, where YAML would keep the last: the second gets a name of its own.
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var lines = File.ReadLines(Machine.Conformance(file))
            .Select(line => !TestName().IsMatch(line) || seen.Add(line.TrimEnd()) ? line : line.TrimEnd(' ', ':') + "_again:");
        foreach (var document in SuiteYaml.Read(string.Join('\n', lines)))
        {
            var zone = new ZoneResolver();
            foreach (var (name, record) in document["txt-records"]!.Map)
                zone.Txt(name, record.Text);
            foreach (var (name, test) in document["tests"]!.Map)
                yield return (name, test, document, zone);
        }
    }

    private static ArcVerifier Verifier(ZoneResolver zone, DkimVerifierSettings settings) =>
        new(zone, new ManualTimeProvider(new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero)), settings);

    private static byte[] Message(YamlNode test) => Encoding.UTF8.GetBytes(test["message"]!.Text.ReplaceLineEndings("\r\n"));

    private static string ValueOf(byte[] fields, string name)
    {
        var list = HeaderFieldList.Read(fields);
        for (var i = 0; i < list.Count; i++)
        {
            if (list.IsNamed(fields, i, name))
                return Encoding.UTF8.GetString(list.Value(fields, i));
        }

        return "";
    }

    /// <summary>Tags without white space, which means nothing in any of theirs; results with single spaces.</summary>
    private static string Normal(string value, bool isTagList) =>
        string.Join(isTagList ? "" : " ", value.Split((char[])[' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries)).TrimEnd(';');

    [GeneratedRegex(@"^  \w+: *$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TestName();

    [GeneratedRegex(@"\barc=(?<word>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ChainStatus();
}
