using Commune.Mail.Smtp.Server;

namespace Commune.Mail.Tests.Smtp.Server;

public sealed class LineScannerTests
{
    [Fact]
    public void The_vectorised_scan_agrees_with_a_walk_octet_by_octet()
    {
        var random = new Random(64);
        for (var round = 0; round < 20_000; round++)
        {
            var text = new byte[random.Next(300)];
            var rare = random.Next(2) == 0;
            for (var i = 0; i < text.Length; i++)
                text[i] = rare && random.Next(20) != 0 ? (byte)'x' : "x.\r\n"u8[random.Next(4)];
            for (var crlf = random.Next(20); crlf > 0 && text.Length > 2; crlf--)
                "\r\n"u8.CopyTo(text.AsSpan(random.Next(text.Length - 1)));

            var scanner = LineScanner.AtBodyStart;
            var cut = random.Next(text.Length + 1);
            Assert.Equal(LeadingDots(text), [.. Dots(ref scanner, text, 0, cut), .. Dots(ref scanner, text, cut, text.Length)]);
            Assert.Equal(HasBareLineEnd(text), scanner.SawBareLineEnd || scanner.EndsInCr);
        }
    }

    private static List<int> Dots(ref LineScanner scanner, byte[] text, int from, int to)
    {
        var dots = new List<int>();
        while (from < to)
        {
            from += scanner.ScanToLeadingDot(text.AsSpan(from, to - from));
            if (from < to)
                dots.Add(from++);
        }

        return dots;
    }

    private static List<int> LeadingDots(byte[] text) =>
        [.. Enumerable.Range(0, text.Length).Where(i => text[i] == '.' && (i == 0 || (i > 1 && text[i - 2] == '\r' && text[i - 1] == '\n')))];

    private static bool HasBareLineEnd(byte[] text) => Enumerable.Range(0, text.Length).Any(i =>
        (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')));
}
