using System.Text;
using Commune.Mail.Dkim;
using Commune.Mail.Tests.Dns;
using Commune.Peers;

namespace Commune.Mail.Tests.Dkim;

/// <summary>The corpus under <c>conformance/dkim</c>: real and made mails from 2005 on, with their keys. Much of it was
/// signed by drafts of the standard.</summary>
public class DkimCorpusTests(ITestOutputHelper output)
{
    private const string NoBodyHash = "RFC 6376 §3.5: bh= is required; the first draft had none";
    private const string Granularity = "RFC 6376 appendix C.2: g= of RFC 4871 is gone, and tags not known are ignored";

    /// <summary>What we decide otherwise, and why.</summary>
    private static readonly Dictionary<string, (string Ours, string Reason)> DecidedAgainst = new(StringComparer.Ordinal)
    {
        ["good_ietf00_1.txt"] = ("invalid", NoBodyHash),
        ["good_ietf00_2.txt"] = ("invalid", NoBodyHash),
        ["good_ietf00_3.txt"] = ("invalid", NoBodyHash),
        ["good_ietf00_4.txt"] = ("invalid", NoBodyHash),
        ["good_ietf00_5.txt"] = ("invalid", NoBodyHash),
        ["badkey_8.txt"] = ("pass", Granularity),
        ["badkey_9.txt"] = ("pass", Granularity),
        ["badkey_12.txt"] = ("pass", Granularity),
        ["badkey_13.txt"] = ("pass", Granularity),
    };

    [Fact]
    public async Task Mails_get_the_verdict_of_the_corpus_when_what_is_obsolete_is_allowed()
    {
        var settings = new DkimVerifierSettings { AllowSha1 = true, AllowDrafts = true, MinimumRsaBits = 384 };
        var asExpected = 0;
        var wrong = new List<string>();
        var mails = Mails().ToList();
        foreach (var (name, expected, message) in mails)
        {
            var (result, detail) = await VerifyAsync(message, settings);
            if (DecidedAgainst.TryGetValue(name, out var decision))
                output.WriteLine($"{name}: {result}, where the corpus says {expected}. {decision.Reason}.");
            else if (result == expected)
                asExpected++;
            if (result != (decision.Ours ?? expected))
                wrong.Add($"{name}: {expected} expected; {result}: {detail}");
        }

        output.WriteLine($"DKIM corpus: {asExpected} of {mails.Count} as expected, {DecidedAgainst.Count} decided otherwise");
        Assert.Empty(wrong);
        Assert.Equal(62, mails.Count);
    }

    [Fact]
    public async Task No_mail_signed_with_sha1_or_a_short_key_passes_by_default()
    {
        var passed = new List<string>();
        foreach (var (name, _, message) in Mails())
        {
            if ((await VerifyAsync(message, DkimVerifierSettings.Default)).Result == "pass")
                passed.Add(name);
        }

        output.WriteLine($"DKIM corpus by today's rules: {passed.Count} pass");
        Assert.Equal(["goodkey_ed25519.txt"], passed);
    }

    private static IEnumerable<(string Name, string Expected, byte[] Message)> Mails()
    {
        var folder = Machine.Conformance("dkim");
        foreach (var line in File.ReadLines(Path.Combine(folder, "expected.tsv")))
        {
            var parts = line.Split('\t');
            var text = Encoding.Latin1.GetString(File.ReadAllBytes(Path.Combine(folder, "mails", parts[0])));
            yield return (parts[0], parts[1], Encoding.Latin1.GetBytes(text.Contains('\r', StringComparison.Ordinal) ? text : text.ReplaceLineEndings("\r\n")));
        }
    }

    /// <summary>The verdict on a mail, in the corpus' words: the best of its signatures.</summary>
    private static async Task<(string Result, string Detail)> VerifyAsync(byte[] message, DkimVerifierSettings settings)
    {
        var time = new ManualTimeProvider(new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero));
        var results = await new DkimVerifier(Zone(), time, settings).VerifyAsync(message, CancellationToken.None);
        var result = results.Any(r => r.Verdict == DkimVerdict.Pass) ? "pass"
            : results.Any(r => r.Verdict == DkimVerdict.Fail) ? "fail" : "invalid";
        return (result, string.Join(", ", results.Select(r => $"{r.Verdict.ToWord()} ({r.Reason})")));
    }

    private static ZoneResolver Zone()
    {
        var zone = new ZoneResolver();
        foreach (var line in File.ReadLines(Path.Combine(Machine.Conformance("dkim"), "dns.dat")))
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            var parts = line.Split(' ', 2);
            var value = parts[1].Trim();
            if (value is "~~Query timed out~~" or "~~SERVFAIL~~")
                zone.Timeout(parts[0]);
            else if (value != "NXDOMAIN")
                zone.Txt(parts[0], value == "\"\"" ? "" : value);
        }

        return zone;
    }
}
