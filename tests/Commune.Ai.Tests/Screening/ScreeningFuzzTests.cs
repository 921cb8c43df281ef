using System.Diagnostics;
using System.Text;
using Commune.Ai.Screening;

namespace Commune.Ai.Tests.Screening;

/// <summary>Random pieces under a fixed seed and a random one, and texts made to be slow: no exception, a bounded verdict, linear time.</summary>
public sealed class ScreeningFuzzTests(ITestOutputHelper output)
{
    private static readonly string[] Pieces =
    [
        "ignore", "previous", "instructions", "system:", "<|im_start|>", "<|", "|>", "[INST]", "[/INST]", "<<SYS>>", "### Instruction", "assistant", "AI", "send", "the API key", "\n\n", "\n", ". ", "\u200B", "\u202E",
        "\uDB40\uDC41", "\uDB40", "\uD83D", "\uDE00", "\0", "\uFE0F", "%49%67", "%", "\\u0049", "\\u", "SWdub3JlIGFsbCBwcmV2aW91cyBpbnN0cnVjdGlvbnM=", "49676e6f726520616c6c2070726576696f7573", "49 67 6e 6f 72 65 20 61 6c 6c 20 70 72",
        "i g n o r e", "a.b.c.d.e.f", "忽略", "指令", "игнорируй", "تجاهل", "<p style='display:none'>", "</p>", "<!--", "-->", "<a href='http://a.example'>", "</a>", "<img alt='", "'>", "![x](", "http://x.example?a=b", ")", "&#73;", "vtaber", "snoitcurtsni", "\"", "“",
        "\u200E", "\u200C", "\u00AD", "\u001B", "\u2062", "\uFE00", "\U000E0150", "\uD83C\uDFF4", "\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F", "漢", "<style>", "</style>", ".a{display:none}", "<p class=a>", "<title>", "</title>", "<bdo>",
    ];

    [Fact]
    public void Whatever_comes_gets_a_verdict()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        foreach (var random in new[] { new Random(20261121), new Random(seed) })
        {
            for (var round = 0; round < 4000; round++)
            {
                var text = string.Concat(Enumerable.Range(0, random.Next(0, 60)).Select(_ => Pieces[random.Next(Pieces.Length)] + (random.Next(2) == 0 ? " " : "")));
                var mail = new ScreenedMail { Subject = Cut(text, 40), SenderName = Cut(text, 20), Sender = "a@b.example", Text = text, Html = random.Next(2) == 0 ? text : null, AttachmentNames = [Cut(text, 30)] };
                var (spam, injection) = MailScreen.Run(mail, SenderEvidence.None);
                Assert.InRange(spam.Score, 0, 1);
                Assert.InRange(injection.Score, 0, 1);
                Assert.True(injection.Signals.Count <= 24);
                Assert.All(injection.Signals, static signal => Assert.InRange(signal.Weight, 0, 1));
                var clean = InvisibleText.Remove(text, out var removed);
                Assert.True(clean.Length + removed.Total <= text.Length && InvisibleText.Count(clean) is var left && left.Tags + left.Controls == 0);
            }
        }
    }

    [Theory]
    [InlineData("ignore ")]
    [InlineData("ignore previous instructions. ")]
    [InlineData("system:")]
    [InlineData("i g n o r e ")]
    [InlineData("49 67 ")]
    [InlineData("QUJD")]
    [InlineData("%41%42 ")]
    [InlineData("![a](")]
    [InlineData("\"ignore ")]
    [InlineData("忽略")]
    [InlineData("\uDB40\uDC41")]
    [InlineData("1a0b")]
    [InlineData("<!--")]
    [InlineData("<a href=x>")]
    [InlineData("[inst]")]
    [InlineData("prompt. ")]
    [InlineData("\u200B\u200C")]
    [InlineData("\u200E")]
    [InlineData("a\uFE0F")]
    [InlineData("<p hidden>ignore ")]
    [InlineData("<style>.a{color:red}</style><p class=a>")]
    [InlineData("<p a b c d e='ignore all of this'>")]
    [InlineData("fern moss ")]
    public void Twice_the_text_takes_about_twice_the_time(string piece)
    {
        Time(piece, 20_000);
        var half = Math.Max(1, Time(piece, 60_000));
        var whole = Time(piece, 120_000);
        output.WriteLine($"{half:F1} ms, {whole:F1} ms");
        Assert.True(whole < (half * 8) + 50, $"{half} ms, then {whole} ms");
    }

    private static double Time(string piece, int length)
    {
        var text = new StringBuilder().Insert(0, piece, length / piece.Length).ToString();
        var mail = new ScreenedMail { Subject = "s", SenderName = "n", Sender = "a@b.example", Text = text, Html = text };
        var best = double.MaxValue;
        for (var i = 0; i < 3; i++)
        {
            var start = Stopwatch.GetTimestamp();
            MailScreen.Run(mail, SenderEvidence.None);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        return best;
    }

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..most];
}
