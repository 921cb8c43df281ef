using System.Text;
using Commune.Ai.AttachmentText;

namespace Commune.Ai.Tests.AttachmentText;

public class PlainFormatTests
{
    [Fact]
    public void The_charset_of_the_media_type_is_used() =>
        Assert.Equal("Straße", Reading.TextOf([0x53, 0x74, 0x72, 0x61, 0xDF, 0x65], "a.txt", "text/plain; charset=\"iso-8859-1\""));

    [Fact]
    public void Without_a_charset_the_bytes_tell()
    {
        Assert.Equal("Grüße aus Köln", Reading.TextOf(Encoding.UTF8.GetBytes("Grüße aus Köln"), "a.txt"));
        Assert.Equal("Grüße aus Köln", Reading.TextOf(Encoding.Latin1.GetBytes("Grüße aus Köln"), "a.txt"));
    }

    [Fact]
    public void A_byte_order_mark_beats_the_media_type()
    {
        foreach (var encoding in new[] { Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode })
            Assert.Equal("Ünder", Reading.TextOf([.. encoding.GetPreamble(), .. encoding.GetBytes("Ünder")], "a.txt", "text/plain; charset=us-ascii"));
    }

    [Fact]
    public void Line_ends_are_one_kind_and_blanks_are_few() =>
        Assert.Equal("a b\n\nc\nd", Reading.TextOf("\r\n\r\na    b \r\n\r\n\r\n\r\nc\rd\r\n", "a.txt"));

    [Fact]
    public void Html_is_what_a_reader_sees()
    {
        var text = Reading.TextOf("<html><head><title>x</title><style>p{}</style></head><body><p>Dear <b>Kim</b></p><script>alert(1)</script><p>Order 7</p></body></html>", "a.html");
        Assert.Contains("Dear Kim", text, StringComparison.Ordinal);
        Assert.DoesNotContain("alert", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Html_may_name_its_charset_itself() =>
        Assert.Equal("Grüße", Reading.TextOf(Encoding.Latin1.GetBytes("<meta charset=iso-8859-1><p>Grüße</p>"), "a.html"));

    [Theory]
    [InlineData("name,amount\n\"Finch, Deborah\",\"say \"\"hi\"\"\"\n")]
    [InlineData("name;amount\r\nFinch, Deborah;\"say \"\"hi\"\"\"\r\n")]
    [InlineData("name\tamount\nFinch, Deborah\tsay \"hi\"")]
    public void Csv_is_a_line_for_each_record(string csv) =>
        Assert.Equal("name\tamount\nFinch, Deborah\tsay \"hi\"", Reading.TextOf(csv, "a.csv"));

    [Fact]
    public void A_line_end_inside_a_field_ends_no_record() =>
        Assert.Equal("a\tb\n1 2\t3", Reading.TextOf("a,b\n\"1\n2\",3", "a.csv"));

    [Fact]
    public void Json_is_its_names_and_values() =>
        Assert.Equal("customer:\nname: Jürgen\npaid: true\nitems: 7\nx", Reading.TextOf("""{"customer":{"name":"J\u00fcrgen","paid":true},"items":[7,"x",null]}""", "a.json"));

    [Fact]
    public void What_is_no_json_after_all_is_plain() =>
        Assert.Equal("{\"name\": \"Kim\", oops", Reading.TextOf("{\"name\": \"Kim\", oops", "a.json"));

    [Fact]
    public void A_calendar_tells_what_where_when_and_who()
    {
        var text = Reading.TextOf(
            """
            BEGIN:VCALENDAR
            BEGIN:VTIMEZONE
            TZID:Europe/Oslo
            DTSTART:19700101T000000
            COMMENT:not this
            END:VTIMEZONE
            BEGIN:VEVENT
            UID:123
            SUMMARY:Viewing\, second
              floor
            DTSTART;TZID=Europe/Oslo:20261204T081500
            DTEND:20261204T081500Z
            LOCATION:Cedar Street 4\nSide door
            ORGANIZER;CN="Voss: Lena":mailto:lena@northgate.example
            BEGIN:VALARM
            DESCRIPTION:Reminder
            END:VALARM
            END:VEVENT
            END:VCALENDAR
            """, "invite.ics");
        Assert.Equal(
            """
            Summary: Viewing, second floor
            Dtstart: 2026-12-04 08:15
            Dtend: 2026-12-04 08:15 UTC
            Location: Cedar Street 4
            Side door
            Organizer: Voss: Lena lena@northgate.example
            """, text);
    }

    [Fact]
    public void Text_of_unknown_type_is_read_and_binary_is_not()
    {
        Assert.Equal("just words", Reading.TextOf(Encoding.UTF8.GetBytes("just words"), null, "application/octet-stream"));
        Assert.Equal(UnreadableReason.UnsupportedType, Reading.ReasonOf([0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10, 0, 0], "a.png", "image/png"));
    }

    [Fact]
    public void Nothing_in_it_is_no_text() => Assert.Equal(UnreadableReason.NoText, Reading.ReasonOf([32, 10, 9], "a.txt"));

    [Fact]
    public void Too_many_bytes_are_not_looked_at() =>
        Assert.Equal(UnreadableReason.TooLarge, Reading.ReasonOf(new byte[101], "a.txt", limits: AttachmentLimits.Default with { MaxBytes = 100 }));

    [Fact]
    public void Text_beyond_the_limit_is_cut_and_said_so()
    {
        var text = Assert.IsType<AttachmentReading.Text>(Reading.Of(Encoding.UTF8.GetBytes("abc😀def"), "a.txt", limits: AttachmentLimits.Default with { MaxText = 4 }));
        Assert.Equal(new AttachmentReading.Text("abc", IsCut: true), text);
    }

    [Fact]
    public void Typesetters_ligatures_are_letters() => Assert.Equal("final office", Reading.TextOf("ﬁnal oﬃce", "a.txt"));

    [Fact]
    public void Cancellation_is_thrown()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => AttachmentReader.Read(Encoding.ASCII.GetBytes(new string('a', 100_000)), "a.txt", null, AttachmentLimits.Default, cancelled.Token));
    }
}
