using System.Text;
using Commune.Mail.Arc;
using Commune.Mail.AuthenticationResults;
using Commune.Mail.Dkim;
using Commune.Mail.Tests.Dns;
using Commune.Peers;

namespace Commune.Mail.Tests.Dkim;

/// <summary>Nothing a sender or a zone writes makes a verifier throw. One seed is fixed; the other is printed.</summary>
public class DkimFuzzTests(ITestOutputHelper output)
{
    private const string Alphabet = "\r\n\t ;:=\"()\\@.,/+aAbBdhilnpqstvxz019\0\u0001\u00e4\u00ff";

    private static readonly DateTimeOffset Now = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<int> Seeds => [1, Environment.TickCount];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Mutated_signatures_and_chains_get_a_verdict(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var key = DkimSigningKey.FromEd25519Seed("example.org", "one", new byte[32]);
        var zone = new ZoneResolver().Txt("one._domainkey.example.org", key.PublicRecord);
        var message = Encoding.ASCII.GetBytes(SignedMail.Message);
        byte[] once = [.. DkimSigner.Sign(message, key, Now), .. ArcSealer.Seal(message, key, "mx.example.org", "arc=none", ArcVerdict.None, Now), .. message];
        byte[] sample = [.. ArcSealer.Seal(once, key, "mx.example.org", "arc=pass", ArcVerdict.Pass, Now), .. once];
        var dkim = new DkimVerifier(zone, new ManualTimeProvider(Now));
        var arc = new ArcVerifier(zone, new ManualTimeProvider(Now));
        Assert.Equal(ArcVerdict.Pass, (await arc.VerifyAsync(sample, CancellationToken.None)).Verdict);
        for (var i = 0; i < 3_000; i++)
        {
            var mutant = Mutate(sample, random);
            await dkim.VerifyAsync(mutant, CancellationToken.None);
            await arc.VerifyAsync(mutant, CancellationToken.None);
            AuthenticationResultsReader.RemoveForged(mutant, "mx.example.org");
            AuthenticationResultsReader.Results(mutant, "mx.example.org");
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Mutated_tag_lists_key_records_and_results_are_read_or_refused(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var record = Encoding.ASCII.GetBytes(SignedMail.Record + "; t=y:s; h=sha256; s=*; n=a");
        var results = Encoding.ASCII.GetBytes(" (a (b\\)) c) \"mx.exa\\mple.org\" 1; spf=pass reason=\"x\" smtp.mailfrom=a@b");
        for (var i = 0; i < 20_000; i++)
        {
            var key = DkimKeyRecord.Parse(Encoding.Latin1.GetString(Mutate(record, random)), out var defect);
            Assert.NotEqual(key is null, defect is null);
            AuthenticationResultsReader.AuthservId(Mutate(results, random));
        }
    }

    [Fact]
    public async Task A_megabyte_of_hostile_header_is_no_more_work_than_reading_it()
    {
        // Each of these made some verifier quadratic: names in h=, tags, instances of one field, comments.
        var names = string.Concat(Enumerable.Repeat("subject:", 60_000));
        var fields = string.Concat(Enumerable.Repeat("Subject: x\r\n", 60_000));
        var tags = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"t{i}=x;"));
        foreach (var message in new[]
                 {
                     $"DKIM-Signature: {SignedMail.Tags}:{names}from; bh=AAAA; b=AAAA\r\n{fields}\r\n",
                     $"DKIM-Signature: {tags}{SignedMail.Tags}; bh=AAAA; b=AAAA\r\n\r\n",
                     "From: a\r\n" + fields + "\r\n" + new string(' ', 500_000) + string.Concat(Enumerable.Repeat("\r\n", 250_000)),
                 })
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            await SignedMail.VerifyAllAsync(message, SignedMail.Zone(SignedMail.Record));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * (long)message.Length);
        }
    }

    private static byte[] Mutate(byte[] sample, Random random)
    {
        var mutant = sample.ToList();
        for (var n = random.Next(1, 6); n > 0 && mutant.Count > 0; n--)
        {
            var at = random.Next(mutant.Count);
            var length = Math.Min(random.Next(1, 40), mutant.Count - at);
            switch (random.Next(4))
            {
                case 0:
                    mutant[at] = (byte)Alphabet[random.Next(Alphabet.Length)];
                    break;
                case 1:
                    mutant.RemoveRange(at, length);
                    break;
                case 2:
                    mutant.InsertRange(random.Next(mutant.Count), mutant.GetRange(at, length));
                    break;
                default:
                    mutant.Insert(at, (byte)Alphabet[random.Next(Alphabet.Length)]);
                    break;
            }
        }

        return [.. mutant];
    }
}
