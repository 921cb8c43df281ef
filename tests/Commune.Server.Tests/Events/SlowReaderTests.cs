using System.IO.Pipelines;
using System.Text;
using Commune.Peers;
using Commune.Server.Events;
using Commune.Storage;

namespace Commune.Server.Tests.Events;

/// <summary>A reader that takes nothing is cut off, and told so when it reads again.</summary>
public sealed class SlowReaderTests
{
    private readonly ManualTimeProvider time = new();
    private readonly Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 1000, resumeWriterThreshold: 500));

    private static LogEvent Event(long sequence) => new(new MailEvent("org_a", sequence, "message.received", 0, null, null, null, "{\"subject\":\"" + new string('x', 400) + "\"}"));

    private EventReader NewReader() => new("org_a", null!, null, EventFilter.TryRead(null, null, out _)!, 0, time);

    [Fact]
    public async Task It_hears_what_it_missed_the_connection_for()
    {
        var output = new ServerSentEvents(pipe.Writer, time);
        var reader = NewReader();
        Assert.True(await output.BeginAsync(reader, CancellationToken.None));
        var writing = output.WriteAsync(reader, [Event(1), Event(2), Event(3)], CancellationToken.None);
        Assert.False(writing.IsCompleted);
        await time.TimerArmedAsync(EventSending.Patience);
        time.Advance(EventSending.Patience);
        Assert.False(await writing);

        Assert.True(await output.TryCloseAsync(StreamEnd.SlowReader));
        await pipe.Writer.CompleteAsync();
        var text = Encoding.UTF8.GetString(await ReadAllAsync());
        Assert.EndsWith("\"code\":\"slow_reader\"}\n\n", text, StringComparison.Ordinal);
        Assert.Equal(4, text.Split("event: ").Length - 1);
    }

    [Fact]
    public async Task One_that_takes_in_time_what_it_is_given_goes_on()
    {
        var output = new ServerSentEvents(pipe.Writer, time);
        var reader = NewReader();
        var writing = output.WriteAsync(reader, [Event(1), Event(2), Event(3)], CancellationToken.None);
        var read = await pipe.Reader.ReadAsync();
        pipe.Reader.AdvanceTo(read.Buffer.End);
        Assert.True(await writing);
    }

    [Fact]
    public async Task A_reader_that_hung_up_ends_the_stream()
    {
        var output = new ServerSentEvents(pipe.Writer, time);
        await pipe.Reader.CompleteAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => output.WriteAsync(NewReader(), [Event(1)], CancellationToken.None));
    }

    private async Task<byte[]> ReadAllAsync()
    {
        using var all = new MemoryStream();
        await pipe.Reader.CopyToAsync(all);
        return all.ToArray();
    }
}
