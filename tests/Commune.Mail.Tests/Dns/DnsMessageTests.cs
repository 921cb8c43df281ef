using System.Net;
using System.Text;
using Commune.Mail.Dns;

namespace Commune.Mail.Tests.Dns;

public class DnsMessageTests
{
    [Fact]
    public void A_query_has_the_header_the_question_and_an_OPT_record()
    {
        var query = DnsMessageEncoder.Query(0xBEEF, "ab.example", DnsRecordType.Mx, 1232);
        Assert.Equal(
            "BEEF" + "0100" + "0001" + "0000" + "0000" + "0001" + "026162" + "076578616D706C65" + "00" + "000F" + "0001"
            + "00" + "0029" + "04D0" + "00000000" + "0000",
            Convert.ToHexString(query));
    }

    [Fact]
    public void A_query_without_EDNS_has_no_OPT_record()
    {
        var query = DnsMessageEncoder.Query(1, ".", DnsRecordType.Txt, null);
        Assert.Equal("0001" + "0100" + "0001" + "0000" + "0000" + "0000" + "00" + "0010" + "0001", Convert.ToHexString(query));
    }

    [Fact]
    public void Compressed_names_are_followed()
    {
        var message = Response(1, Name("mx.example"), 15,
            [.. Pointer(12), .. Fixed(15, 300, 9), 0, 5, 4, .. "mail"u8, .. Pointer(15)]);
        Assert.True(DnsMessageDecoder.TryDecode(message, out var decoded));
        var record = Assert.Single(decoded!.Answers);
        Assert.Equal("mx.example", record.Name);
        Assert.Equal(new MxRecord(5, "mail.example"), record.Value);
    }

    [Fact]
    public void A_null_MX_keeps_its_dot()
    {
        var message = Response(1, Name("example"), 15, [.. Pointer(12), .. Fixed(15, 300, 3), 0, 0, 0]);
        Assert.True(DnsMessageDecoder.TryDecode(message, out var decoded));
        var mx = Assert.IsType<MxRecord>(Assert.Single(decoded!.Answers).Value);
        Assert.Equal(".", mx.Exchange);
        Assert.True(mx.IsNull);
    }

    [Fact]
    public void The_strings_of_a_TXT_record_are_joined_before_they_are_decoded()
    {
        // "é" is two octets, one in each string.
        var message = Response(1, Name("example"), 16, [.. Pointer(12), .. Fixed(16, 300, 6), 2, (byte)'a', 0xC3, 2, 0xA9, (byte)'b']);
        Assert.True(DnsMessageDecoder.TryDecode(message, out var decoded));
        Assert.Equal("aéb", Assert.Single(decoded!.Answers).Value);
    }

    [Fact]
    public void A_dot_within_a_label_never_looks_like_a_separator()
    {
        var message = Response(1, Name("example"), 5, [.. Pointer(12), .. Fixed(5, 300, 7), 3, .. "a.b"u8, 1, (byte)'c', 0]);
        Assert.True(DnsMessageDecoder.TryDecode(message, out var decoded));
        Assert.Equal("a\\046b.c", Assert.Single(decoded!.Answers).Value);
    }

    [Fact]
    public void A_TTL_with_the_top_bit_set_is_zero()
    {
        var message = Response(1, Name("example"), 1, [.. Pointer(12), .. Fixed(1, 0x80000001, 4), 192, 0, 2, 1]);
        Assert.True(DnsMessageDecoder.TryDecode(message, out var decoded));
        Assert.Equal(0u, Assert.Single(decoded!.Answers).Ttl);
    }

    [Fact]
    public void Records_of_unknown_types_and_classes_are_left_out()
    {
        var message = Response(2, Name("example"), 1,
        [
            .. Pointer(12), .. Fixed(99, 300, 2), 1, 2,
            .. Pointer(12), 0, 1, 0, 3, 0, 0, 1, 0, 0, 4, 1, 2, 3, 4,
        ]);
        Assert.True(DnsMessageDecoder.TryDecode(message, out var decoded));
        Assert.Empty(decoded!.Answers);
    }

    [Fact]
    public void A_pointer_to_itself_is_refused() => AssertRefused([.. Header(1), 0xC0, 12, 0, 1, 0, 1]);

    [Fact]
    public void A_pointer_forwards_is_refused() => AssertRefused([.. Header(1), 0xC0, 14, 0, 0, 1, 0, 1]);

    [Fact]
    public void A_chain_of_very_many_pointers_is_refused()
    {
        var chain = new List<byte> { 0, 0 };
        for (var i = 0; i < 200; i++)
            chain.AddRange(Pointer(i == 0 ? 12 + 5 : 12 + 5 + (2 * i)));
        byte[] message = [.. Header(1), 0, 0, 1, 0, 1, .. chain, 0];
        var offset = message.Length - 3;
        Assert.False(DnsMessageDecoder.TryReadName(message, ref offset, out _));
        offset = 12 + 5 + 2 + (2 * 10);
        Assert.True(DnsMessageDecoder.TryReadName(message, ref offset, out _));
    }

    [Fact]
    public void A_name_beyond_255_octets_is_refused()
    {
        byte[] label = [63, .. Encoding.ASCII.GetBytes(new string('a', 63))];
        byte[] message = [.. label, .. label, .. label, .. label, 0];
        var offset = 0;
        Assert.False(DnsMessageDecoder.TryReadName(message, ref offset, out _));
        byte[] shorter = [.. label, .. label, .. label, 0];
        Assert.True(DnsMessageDecoder.TryReadName(shorter, ref offset, out _));
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(1, 5)]
    [InlineData(28, 4)]
    [InlineData(15, 2)]
    public void A_record_whose_data_has_the_wrong_length_is_refused(int type, int length) =>
        AssertRefused(Response(1, Name("example"), type, [.. Pointer(12), .. Fixed(type, 300, length), .. new byte[length]]));

    [Fact]
    public void A_truncated_response_is_known_by_its_flag_and_its_records_are_not_read()
    {
        var message = Response(9, Name("example"), 1, [1, 2, 3]);
        message[2] |= 0x02;
        Assert.True(DnsMessageDecoder.TryDecode(message, out var decoded));
        Assert.True(decoded!.IsTruncated);
        Assert.Empty(decoded.Answers);
    }

    [Fact]
    public void Every_prefix_of_a_response_is_read_or_refused_without_an_exception()
    {
        var message = Response(1, Name("mx.example"), 15,
            [.. Pointer(12), .. Fixed(15, 300, 9), 0, 5, 4, .. "mail"u8, .. Pointer(15)]);
        for (var length = 0; length < message.Length; length++)
            Assert.False(DnsMessageDecoder.TryDecode(message.AsSpan(0, length), out _));
    }

    [Fact]
    public void Random_damage_never_makes_the_decoder_throw()
    {
        var random = new Random(20260101);
        byte[][] seeds =
        [
            Response(1, Name("mx.example"), 15, [.. Pointer(12), .. Fixed(15, 300, 9), 0, 5, 4, .. "mail"u8, .. Pointer(15)]),
            Response(1, Name("example"), 16, [.. Pointer(12), .. Fixed(16, 300, 6), 2, 65, 66, 2, 67, 68]),
            Response(2, Name("a.example"), 1, [.. Pointer(12), .. Fixed(5, 300, 2), .. Pointer(14), .. Pointer(14), .. Fixed(1, 1, 4), 1, 2, 3, 4]),
            new byte[64],
        ];
        var decodedAny = 0;
        for (var i = 0; i < 200_000; i++)
        {
            var message = seeds[i % seeds.Length].ToArray();
            for (var damage = random.Next(1, 6); damage > 0; damage--)
                message[random.Next(message.Length)] = (byte)random.Next(256);
            var length = random.Next(4) == 0 ? random.Next(message.Length + 1) : message.Length;
            if (!DnsMessageDecoder.TryDecode(message.AsSpan(0, length), out var decoded))
                continue;
            decodedAny++;
            _ = DnsAnswerReader.Read(decoded!, new DnsQuestion("example", DnsRecordType.A));
        }

        Assert.True(decodedAny > 1000);
    }

    [Fact]
    public void Random_octets_never_make_the_decoder_throw()
    {
        var random = new Random(7);
        var message = new byte[512];
        for (var i = 0; i < 50_000; i++)
        {
            random.NextBytes(message);
            message[4] = 0;
            message[5] = (byte)(i & 1);
            message[6] = message[8] = 0;
            _ = DnsMessageDecoder.TryDecode(message.AsSpan(0, random.Next(message.Length)), out _);
        }
    }

    [Fact]
    public void A_message_that_is_all_pointers_costs_little()
    {
        // 64 KB of records whose names are the longest chains allowed: bounded by the pointer limit.
        var message = new byte[65_535];
        Header(0).CopyTo(message, 0);
        message[6] = message[7] = 0xFF;
        for (var i = 12; i < message.Length - 1; i += 2)
            (message[i], message[i + 1]) = ((byte)(0xC0 | (((i - 2) >> 8) & 0x3F)), (byte)(i - 2));
        Assert.False(DnsMessageDecoder.TryDecode(message, out _));
    }

    [Fact]
    public void Records_that_belong_to_another_name_are_not_the_answer()
    {
        var message = new DnsMessage(1, true, false, DnsResponseCode.NoError, "example", DnsRecordType.A,
            [new DnsRecord("other.example", DnsRecordType.A, 60, IPAddress.Loopback)], []);
        Assert.Equal(DnsStatus.NoData, DnsAnswerReader.Read(message, new DnsQuestion("example", DnsRecordType.A)).Status);
    }

    private static void AssertRefused(byte[] message) => Assert.False(DnsMessageDecoder.TryDecode(message, out _));

    private static byte[] Header(int questions, int answers = 0) =>
        [0x12, 0x34, 0x81, 0x80, 0, (byte)questions, 0, (byte)answers, 0, 0, 0, 0];

    private static byte[] Response(int answers, byte[] name, int type, byte[] records) =>
        [.. Header(1, answers), .. name, 0, (byte)type, 0, 1, .. records];

    private static byte[] Name(string name) =>
        [.. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];

    private static byte[] Pointer(int offset) => [(byte)(0xC0 | (offset >> 8)), (byte)offset];

    /// <summary>Type, class IN, TTL and data length.</summary>
    private static byte[] Fixed(int type, uint ttl, int length) =>
        [0, (byte)type, 0, 1, (byte)(ttl >> 24), (byte)(ttl >> 16), (byte)(ttl >> 8), (byte)ttl, 0, (byte)length];
}
