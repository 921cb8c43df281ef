using System.Text;
using Commune.Mail.Smtp;
using Commune.Mail.Smtp.Server;

namespace Commune.Mail.Tests.Smtp.Server;

public sealed class SpoolTests : IDisposable
{
    private const string Opening = "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n";
    private static readonly string Large = string.Concat(Enumerable.Range(0, 40_000).Select(i => $"line {i}\r\n"));

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("commune-spool-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_beyond_the_threshold_lies_in_a_file_without_a_name_until_it_is_answered(bool chunked)
    {
        await using var peer = await SmtpPeer.GreetedAsync(Settings());
        var files = 0;
        var fromStream = "";
        peer.Handler.OnMessage = async body =>
        {
            files = OpenFiles();
            Assert.Empty(_directory.GetFiles());
            Assert.Throws<InvalidOperationException>(() => body.Memory);
            await using var stream = body.OpenRead();
            await using var other = body.OpenRead();
            Assert.Equal('l', other.ReadByte());
            fromStream = await new StreamReader(stream, Encoding.Latin1).ReadToEndAsync();
            return SmtpReply.Accepted;
        };
        await peer.SendAsync(Opening);
        peer.Heard();
        await peer.SendAsync(chunked ? $"BDAT {Large.Length} LAST\r\n{Large}QUIT\r\n" : $"DATA\r\n{Large}.\r\nQUIT\r\n");
        Assert.Equal((chunked ? "" : "354, ") + "250 2.0.0, 221 2.0.0", SmtpPeer.Codes(await peer.EndAsync()));
        var message = Assert.Single(peer.Handler.Messages);
        Assert.False(message.WasInMemory);
        Assert.Equal(Large, message.Content);
        Assert.Equal(Large, fromStream);
        Assert.Equal(1, files);
        Assert.Equal(0, OpenFiles());
    }

    [Fact]
    public async Task A_body_below_the_threshold_stays_in_memory()
    {
        await using var peer = await SmtpPeer.GreetedAsync(Settings());
        await peer.SendAsync(Opening + "DATA\r\n" + Large[..40_000] + "\r\n.\r\n");
        var message = Assert.Single(peer.Handler.Messages);
        Assert.True(message.WasInMemory);
        Assert.Equal(Large[..40_000] + "\r\n", message.Content);
        Assert.Empty(_directory.GetFiles());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(10_000)]
    public async Task A_body_in_memory_reads_behind_what_is_put_in_front_of_it(int octets)
    {
        await using var peer = await SmtpPeer.GreetedAsync(Settings());
        var front = new string('f', octets);
        var whole = "";
        peer.Handler.OnMessage = body =>
        {
            whole = Encoding.Latin1.GetString(body.Behind(Encoding.Latin1.GetBytes(front)).Span);
            return new(SmtpReply.Accepted);
        };
        await peer.SendAsync(Opening + "DATA\r\n" + Large[..40_000] + "\r\n.\r\n");
        Assert.Equal(front + Large[..40_000] + "\r\n", whole);
    }

    [Fact]
    public async Task The_memory_of_a_body_that_was_abandoned_goes_to_no_later_message()
    {
        await using var peer = await SmtpPeer.GreetedAsync(Settings());
        var abandoned = ReadOnlyMemory<byte>.Empty;
        peer.Handler.OnMessage = body =>
        {
            if (abandoned.IsEmpty)
            {
                abandoned = body.Memory;
                body.Abandon();
            }
            return new(SmtpReply.Accepted);
        };
        await peer.SendAsync($"{Opening}DATA\r\nfirst\r\n.\r\n{Opening}DATA\r\nother\r\n.\r\n");
        Assert.Equal(2, peer.Handler.Messages.Count);
        Assert.Equal("first\r\n", Encoding.Latin1.GetString(abandoned.Span));
    }

    [Theory]
    [InlineData("hang up")]
    [InlineData("RSET")]
    [InlineData("abort")]
    public async Task The_file_of_a_body_that_is_given_up_is_deleted(string end)
    {
        await using var peer = await SmtpPeer.GreetedAsync(Settings());
        await peer.SendAsync(Opening);
        peer.Heard();
        await peer.SendAsync($"BDAT {Large.Length}\r\n{Large}");
        Assert.Equal("250 2.0.0", SmtpPeer.Codes(await peer.HearAsync()));
        Assert.Equal(1, OpenFiles());
        if (end == "RSET")
        {
            await peer.SendAsync("RSET\r\n");
            await peer.HearAsync();
        }
        else if (end == "abort")
        {
            await peer.AbortAsync();
            await peer.EndAsync();
        }
        else
        {
            await peer.HangUpAsync();
        }

        Assert.Equal(0, OpenFiles());
        Assert.Empty(_directory.GetFiles());
    }

    [Fact]
    public async Task A_spool_directory_that_cannot_be_written_is_our_failure()
    {
        await using var peer = await SmtpPeer.GreetedAsync(Settings() with { SpoolDirectory = Path.Combine(_directory.FullName, "absent") });
        await peer.SendAsync(Opening);
        peer.Heard();
        await peer.SendAsync($"DATA\r\n{Large}.\r\nQUIT\r\n");
        Assert.Equal("354, 452 4.3.1, 221 2.0.0", SmtpPeer.Codes(await peer.EndAsync()));
        Assert.IsType<DirectoryNotFoundException>(Assert.Single(peer.Errors));
        Assert.Empty(peer.Handler.Messages);
    }

    /// <summary>Files of the directory that this process holds open, whether or not they still have a name.</summary>
    private int OpenFiles() => Directory.GetFiles("/proc/self/fd")
        .Count(fd => new FileInfo(fd).LinkTarget?.StartsWith(_directory.FullName, StringComparison.Ordinal) == true);

    private SmtpServerSettings Settings() =>
        SmtpPeer.Settings with { SpoolThreshold = 64 * 1024, SpoolDirectory = _directory.FullName };
}
