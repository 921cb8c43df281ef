using System.Runtime.CompilerServices;
using System.Text;
using Commune.Mail.Addresses;
using Commune.Mail.Mime;
using Commune.Mail.Text;

namespace Commune.Mail.Tests.Mime;

/// <summary>Tests that look at the heap of the whole process run while no other does.</summary>
[CollectionDefinition(nameof(Heap), DisableParallelization = true)]
public sealed class Heap;

/// <summary>What hostile mail may cost, in bytes allocated by the thread that reads it: the same on every machine, unlike its time.</summary>
[Collection(nameof(Heap))]
public sealed class MemoryBoundTests(ITestOutputHelper output)
{
    private const int Megabyte = 1024 * 1024;
    private const int Largest = 25 * Megabyte;

    private static string Repeat(string text, int size) =>
        new StringBuilder(size + text.Length).Insert(0, text, Math.Max(1, size / text.Length)).ToString();

    private static byte[] Fill(string head, string piece, int size, string tail = "")
    {
        var start = Eml.Bytes(head);
        var repeated = Eml.Bytes(piece);
        var end = Eml.Bytes(tail);
        var bytes = new byte[start.Length + (Math.Max(1, size / repeated.Length) * repeated.Length) + end.Length];
        start.CopyTo(bytes, 0);
        for (var at = start.Length; at < bytes.Length - end.Length; at += repeated.Length)
            repeated.CopyTo(bytes, at);
        end.CopyTo(bytes, bytes.Length - end.Length);
        return bytes;
    }

    private static byte[] NestedMultiparts(int size)
    {
        var text = new StringBuilder();
        for (var level = 0; level < 200; level++)
            text.Append("Content-Type: multipart/mixed; boundary=b").Append(level).Append("\n\n--b").Append(level).Append('\n');
        return Fill(text.ToString(), "Content-Type: text/plain\n\nsome text of a part\n--b199\n", size);
    }

    /// <summary>All that the server asks of a message it stores.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long ReadAll(byte[] bytes)
    {
        var message = MimeParser.Parse(bytes);
        var content = MessageContent.From(message);
        return message.Subject.Length + message.From.Count + message.To.Count + message.Cc.Count + message.References.Count + message.InReplyTo.Count
            + (message.Date?.Year ?? 0) + (message.MessageId?.Length ?? 0) + message.Headers.GetAll("Received").Count()
            + content.Text.Length + (content.Html?.Length ?? 0) + content.Attachments.Sum(file => file.Size) + Snippet.Of(content).Length;
    }

    private static long Allocated(Action read)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        read();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    public static TheoryData<string, int> LargeMessages() => new()
    {
        // The most it may allocate, in times its size. A text is UTF-16, so that one of ASCII is twice its size already.
        { "nested multiparts", 2 },
        { "nested multiparts of one boundary", 2 },
        { "multiparts that never close", 2 },
        { "many small parts", 2 },
        { "delimiters alone", 2 },
        { "messages in messages", 3 },
        { "header fields", 2 },
        { "one header field", 2 },
        { "a base64 file", 2 },
        { "a plain text", 6 },
        { "an HTML text", 6 },
        { "quoted-printable", 6 },
        { "a uuencoded file", 6 },
        { "quoted lines", 6 },
    };

    private static byte[] LargeMessage(string shape) => shape switch
    {
        "nested multiparts" => NestedMultiparts(Largest),
        "nested multiparts of one boundary" => Fill("", "Content-Type: multipart/mixed; boundary=b\n\n--b\n", Largest),
        "multiparts that never close" => Fill("Content-Type: multipart/mixed; boundary=a\n\n", "--a\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nx\n", Largest),
        "many small parts" => Fill("Content-Type: multipart/mixed; boundary=b\n\n", "--b\nContent-Type: text/plain; name=a.txt\n\nx\n", Largest, "--b--\n"),
        "delimiters alone" => Fill("Content-Type: multipart/mixed; boundary=b\n\n", "--b\n", Largest),
        "messages in messages" => Fill("", "Content-Type: message/rfc822\n\n", Largest),
        "header fields" => Fill("", "X-Field: some value of a field\n", Largest, "\nbody"),
        "one header field" => Fill("Subject: x\n", " and on and on\n", Largest, "\nbody"),
        "a base64 file" => Fill("Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n", "TWFuIGlzIGRpc3Rpbmd1aXNoZWQsIG5vdCBvbmx5IGJ5IGhpcyByZWFzb24s\n", Largest),
        "a plain text" => Fill("Content-Type: text/plain\n\n", "The parcel with the number A-17 is still missing.\n", Largest),
        "an HTML text" => Fill("Content-Type: text/html\n\n", "<div><p>The parcel with the number A-17 is still missing.\n", Largest),
        "quoted-printable" => Fill("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n", "caf=C3=A9 au lait =\n", Largest),
        "a uuencoded file" => Fill("Subject: x\n\nbegin 644 cat.txt\n", "#0V%T\n", Largest, "`\nend\n"),
        "quoted lines" => Fill("Subject: x\n\nmine\n", "> theirs\n", Largest),
        _ => throw new ArgumentOutOfRangeException(nameof(shape), shape, "no such shape"),
    };

    [Theory]
    [MemberData(nameof(LargeMessages))]
    public void A_message_of_25_MB_costs_a_few_times_its_size(string shape, int times)
    {
        var bytes = LargeMessage(shape);
        var allocated = Allocated(() => ReadAll(bytes));
        output.WriteLine($"{shape}: {(double)allocated / bytes.Length:0.00} times its size");
        Assert.True(allocated <= (long)times * bytes.Length, $"{shape}: {(double)allocated / bytes.Length:0.0} times its size");
    }

    [Fact]
    public void A_message_of_25_MB_that_is_kept_holds_little_beside_its_bytes()
    {
        var bytes = NestedMultiparts(Largest);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var message = MimeParser.Parse(bytes);
        var content = MessageContent.From(message);
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(content);
        GC.KeepAlive(message);
        output.WriteLine($"{held} bytes held");
        Assert.True(held < bytes.Length / 4, $"{held} bytes");
    }

    [Theory]
    [InlineData("header fields", "X: y\n")]
    [InlineData("subjects", "Subject: =?utf-8?Q?caf=C3=A9?=\n")]
    [InlineData("folded lines", "Subject: a\n b\n\tc\n")]
    [InlineData("address fields", "To: \"Kim, Lee\" <kim@example.com>, lee@example.com\n")]
    [InlineData("references", "References: <a@b> <c@d>\n")]
    [InlineData("content types", "Content-Type: multipart/mixed; boundary=b\n")]
    [InlineData("boundaries", "--b\n\nx\n")]
    [InlineData("closing boundaries", "--b--\n")]
    public void Twice_the_header_or_parts_cost_at_most_twice_as_much(string name, string piece) =>
        AssertLinear(name, size => ReadAll(Fill("Content-Type: multipart/mixed; boundary=b\n", piece, size)));

    [Theory]
    [InlineData("parameters", "a=b; ")]
    [InlineData("sections", "name*0*=utf-8''%C3%A9; ")]
    [InlineData("sections in turn", "a*1=x; b*1=y; ")]
    [InlineData("quotes", "a=\"\\\"; ")]
    [InlineData("signs", "=;")]
    public void Twice_the_parameters_cost_at_most_twice_as_much(string name, string piece) =>
        AssertLinear(name, size => HeaderParameters.Parse("text/plain; " + Repeat(piece, size)).Parameters.Count);

    [Theory]
    [InlineData("addresses", "Kim <kim@example.com>, ")]
    [InlineData("bare addresses", "kim@example.com ")]
    [InlineData("half names", "Doe, ")]
    [InlineData("words", "Kim ")]
    [InlineData("open comments", "(")]
    [InlineData("nested comments", "(())")]
    [InlineData("open quotes", "\"a")]
    [InlineData("open brackets", "<a@b ")]
    [InlineData("groups", "A:b@c;")]
    [InlineData("literals", "a@[")]
    [InlineData("colons in literals", "a@[:")]
    [InlineData("dots", "a . ")]
    [InlineData("signs", "@ ")]
    [InlineData("words with encoded names", "=?utf-8?Q?Zo=C3=AB?= <zoe@example.com>, ")]
    public void Twice_the_addresses_cost_at_most_twice_as_much(string name, string piece) =>
        AssertLinear(name, size => AddressList.Parse(Repeat(piece, size)).Count);

    [Theory]
    [InlineData("words", "=?utf-8?Q?caf=C3=A9?= ")]
    [InlineData("cut words", "=?utf-8?B?w6k?= ")]
    [InlineData("words of two charsets", "=?utf-8?Q?a?= =?koi8-r?Q?b?= ")]
    [InlineData("beginnings", "=?utf-8?Q?")]
    [InlineData("signs", "=?")]
    public void Twice_the_encoded_words_cost_at_most_twice_as_much(string name, string piece) =>
        AssertLinear(name, size => EncodedWords.Decode(Repeat(piece, size)).Length);

    [Theory]
    [InlineData("open elements", "<div>")]
    [InlineData("quotations", "<blockquote>x")]
    [InlineData("tables", "<table><tr><td>x")]
    [InlineData("lists", "<ul><li>x")]
    [InlineData("marked elements", "<div class=gmail_quote>x")]
    [InlineData("hidden elements", "<p style='display:none'>")]
    [InlineData("attributes", "<a href=x title=y ")]
    [InlineData("references", "&amp;&#x1F600;")]
    [InlineData("comments", "<!-- ")]
    public void Twice_the_HTML_costs_at_most_twice_as_much(string name, string piece) =>
        AssertLinear(name, size => ReplyText.OfHtml(Repeat(piece, size)).Reply.Length + MarkdownView.OfHtml(Repeat(piece, size)).Length + HtmlText.HiddenText(Repeat(piece, size)).Length);

    [Theory]
    [InlineData("quoted lines", "> x\n")]
    [InlineData("answers between", "> x\ny\n")]
    [InlineData("announcements", "On 5 Jan 2026 Kim <kim@example.com> wrote:\n")]
    [InlineData("halves of announcements", "On 5 Jan 2026 Kim\n")]
    [InlineData("announcements that go on", "On 5 Jan 2026 Kim <kim@example.com> wrote:   x ")]
    [InlineData("headers", "From: a\nSent: b\n")]
    [InlineData("valedictions", "Regards,\nKim\n\n")]
    [InlineData("delimiters", "-- \n")]
    [InlineData("rules", "---\n\n")]
    public void Twice_the_text_costs_at_most_twice_as_much(string name, string piece) =>
        AssertLinear(name, size => ReplyText.Of("x\n" + Repeat(piece, size)).Reply.Length);

    private void AssertLinear(string name, Func<int, long> read)
    {
        // Once to fill the pools, whose arrays are kept.
        read(200_000);
        var once = Allocated(() => read(100_000));
        var twice = Allocated(() => read(200_000));
        output.WriteLine($"{name}: {once} bytes, {twice} bytes");
        Assert.True(twice <= (2.3 * once) + 200_000, $"{name}: {once} bytes, then {twice}");
        // And no byte of input costs more than this.
        Assert.True(twice <= 400L * 200_000, $"{name}: {twice} bytes");
    }
}
