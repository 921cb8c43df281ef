using System.Buffers;
using System.Net;
using System.Text;
using Commune.Mail.ProxyProtocol;

namespace Commune.Mail.Tests.ProxyProtocol;

public sealed class ProxyHeaderTests
{
    private static readonly byte[] Version2 =
        [0x0D, 0x0A, 0x0D, 0x0A, 0, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0, 12, 192, 0, 2, 7, 198, 51, 100, 1, 0xC0, 0x01, 0, 25];

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 49153 25\r\n", "192.0.2.7:49153")]
    [InlineData("PROXY TCP6 2001:db8::7 2001:db8::1 49153 25\r\n", "[2001:db8::7]:49153")]
    [InlineData("PROXY UNKNOWN\r\n", null)]
    [InlineData("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", null)]
    public void A_text_header_states_the_client(string text, string? client)
    {
        var input = Encoding.ASCII.GetBytes(text + "EHLO x\r\n");
        Assert.Equal(OperationStatus.Done, ProxyHeader.Read(input, out var header, out var length));
        Assert.Equal(client is null ? null : IPEndPoint.Parse(client), header.Source);
        Assert.Equal(text.Length, length);
    }

    [Theory]
    [InlineData("EHLO example.com\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 49153\r\n")]
    [InlineData("PROXY TCP4 1 2 3 4\r\n")]
    [InlineData("PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 65536 25\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 -1 25\r\n")]
    [InlineData("PROXY UDP4 192.0.2.7 198.51.100.1 1 25\r\n")]
    [InlineData("PRIXY ")]
    public void What_is_no_header_is_refused(string text) =>
        Assert.Equal(OperationStatus.InvalidData, ProxyHeader.Read(Encoding.ASCII.GetBytes(text), out _, out _));

    [Fact]
    public void A_text_header_that_does_not_end_is_refused_at_its_longest_length()
    {
        var endless = Encoding.ASCII.GetBytes("PROXY UNKNOWN " + new string('x', 200));
        Assert.Equal(OperationStatus.NeedMoreData, ProxyHeader.Read(endless.AsSpan(0, 106), out _, out _));
        Assert.Equal(OperationStatus.InvalidData, ProxyHeader.Read(endless.AsSpan(0, 107), out _, out _));
    }

    [Fact]
    public void A_binary_header_states_the_client()
    {
        Assert.Equal(OperationStatus.Done, ProxyHeader.Read([.. Version2, .. "EHLO"u8], out var header, out var length));
        Assert.Equal(IPEndPoint.Parse("192.0.2.7:49153"), header.Source);
        Assert.Equal(IPEndPoint.Parse("198.51.100.1:25"), header.Destination);
        Assert.Equal(Version2.Length, length);
    }

    [Fact]
    public void Every_prefix_of_a_header_asks_for_more()
    {
        for (var i = 0; i < Version2.Length; i++)
            Assert.Equal(OperationStatus.NeedMoreData, ProxyHeader.Read(Version2.AsSpan(0, i), out _, out _));
        var text = "PROXY TCP4 192.0.2.7 198.51.100.1 49153 25\r\n"u8.ToArray();
        for (var i = 0; i < text.Length; i++)
            Assert.Equal(OperationStatus.NeedMoreData, ProxyHeader.Read(text.AsSpan(0, i), out _, out _));
    }

    [Fact]
    public void A_proxy_that_speaks_for_itself_states_no_client()
    {
        byte[] local = [.. Version2];
        local[12] = 0x20;
        Assert.Equal(OperationStatus.Done, ProxyHeader.Read(local, out var header, out _));
        Assert.Null(header.Source);
    }

    [Theory]
    [InlineData(12, 0x11)]
    [InlineData(12, 0x22)]
    [InlineData(14, 0xFF)]
    [InlineData(15, 4)]
    [InlineData(0, 0x0C)]
    public void A_binary_header_with_a_wrong_octet_is_refused(int index, byte value)
    {
        byte[] wrong = [.. Version2];
        wrong[index] = value;
        Assert.Equal(OperationStatus.InvalidData, ProxyHeader.Read(wrong, out _, out _));
    }
}
