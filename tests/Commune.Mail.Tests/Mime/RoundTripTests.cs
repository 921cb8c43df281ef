using Commune.Mail.Addresses;
using Commune.Mail.Mime;

namespace Commune.Mail.Tests.Mime;

public sealed class RoundTripTests
{
    private static readonly string[] Pieces =
    [
        "a", "Z", " ", "  ", "é", "ß", "包", "😀", "=", "?", "=?", "?=", "_", "\"", "\\", "(", ")", "<", ">", "@", ",", ";", ":", ".",
        "--", "--=_", "From ", "%", "'", "*", "word", "\t", "[", "]", "\u202F", "\u00A0", "&", "longer piece of text",
    ];

    private static string RandomText(Random random, int most, params string[] more)
    {
        var all = Pieces.Concat(more).ToArray();
        return string.Concat(Enumerable.Range(0, random.Next(most)).Select(_ => all[random.Next(all.Length)]));
    }

    // What composing promises to keep of one line: everything but control characters and the blanks around it.
    private static string Line(string text) => text.Replace('\t', ' ').Trim();

    [Theory]
    [MemberData(nameof(Seeds))]
    public void What_is_composed_is_parsed_back(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 50; round++)
        {
            var message = new OutgoingMessage
            {
                From = new Mailbox(Line(RandomText(random, 12)), "kim", "example.com"),
                To = Enumerable.Range(0, random.Next(5)).Select(i => new Mailbox(Line(RandomText(random, 30)), $"to{i}", "example.org")).ToList(),
                MessageId = $"<{round}.{seed}@example.com>",
                Date = new DateTimeOffset(2026, 1, 1 + random.Next(28), random.Next(24), random.Next(60), random.Next(60), TimeSpan.FromMinutes(30 * random.Next(-20, 20))),
                Subject = Line(RandomText(random, 60)),
                Text = RandomText(random, 300, "\n", "\n\n", "\n.\n"),
                Html = random.Next(2) == 0 ? null : RandomText(random, 300, "\n", "<p>", "<b>"),
                Attachments = Enumerable.Range(0, random.Next(3)).Select(i => new OutgoingAttachment("f" + Line(RandomText(random, 20)).Replace("\\", "", StringComparison.Ordinal) + "f", "image/png", RandomBytes(random), $"id{i}@x")).ToList(),
                BoundarySeed = $"{seed}",
            };
            var read = MimeParser.Parse(MimeComposer.Compose(message));
            Assert.Empty(read.Defects);
            Assert.Equal(message.Subject, read.Subject);
            Assert.Equal(message.Date, read.Date);
            Assert.Equal(message.MessageId, read.MessageId);
            Assert.Equal(message.To.Select(to => to.Address), read.To.Select(to => to.Address), StringComparer.Ordinal);
            Assert.Equal(message.To.Select(to => NullIfEmpty(to.DisplayName)), read.To.Select(to => to.DisplayName), StringComparer.Ordinal);
            var content = MessageContent.From(read);
            if (!string.IsNullOrWhiteSpace(message.Text))
                Assert.Equal(message.Text.TrimEnd(), content.Text);
            Assert.Equal(message.Html?.TrimEnd('\n') is { Length: > 0 } html ? html : null, content.Html?.TrimEnd('\n') is { Length: > 0 } readHtml ? readHtml : null);
            Assert.Equal(message.Attachments.Select(file => file.FileName), content.Attachments.Select(file => file.FileName), StringComparer.Ordinal);
            Assert.Equal(message.Attachments.Select(file => file.Content.ToArray()), content.Attachments.Select(file => file.Part.DecodeBody()));
        }
    }

    public static TheoryData<int> Seeds => new(Enumerable.Range(1, 10));

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static byte[] RandomBytes(Random random)
    {
        var bytes = new byte[random.Next(500)];
        random.NextBytes(bytes);
        return bytes;
    }
}
