using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Commune.Server.Hosting;

/// <summary>
/// Gives a body (contract section 6) to the refusals that Kestrel writes before any of our code is asked: a path with <c>%00</c>, header fields that are too
/// long, a request line that is none. Kestrel has no place for that but the bytes that it writes.
/// </summary>
internal sealed class RefusalBody : PipeWriter
{
    private const int LongestRefusal = 512;
    private readonly PipeWriter inner;
    private Memory<byte> memory;

    private RefusalBody(PipeWriter inner) => this.inner = inner;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public static void Use(ListenOptions listen) => listen.Use(next => connection =>
    {
        connection.Transport = new Pipes(connection.Transport.Input, new RefusalBody(connection.Transport.Output));
        return next(connection);
    });

    public override Memory<byte> GetMemory(int sizeHint = 0) => memory = inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        inner.Advance(WithBody(memory.Span, bytes));
        // One piece of memory may be filled in several steps; a refusal is one step, and the last.
        memory = memory[bytes..];
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(source, cancellationToken);

    /// <summary>Puts a body behind a refusal without one; all other bytes stay as they are.</summary>
    /// <param name="room">What was written, and the room behind it.</param>
    /// <returns>How many bytes it has now.</returns>
    private static int WithBody(Span<byte> room, int written)
    {
        var head = room[..written];
        if (written > LongestRefusal || !head.StartsWith("HTTP/1.1 "u8) || !head.EndsWith("\r\n\r\n"u8)
            || head.IndexOf("\r\nContent-Length: 0\r\nConnection: close\r\n"u8) is not (> 0 and var fields)
            || !Utf8Parser.TryParse(head[9..], out int status, out _) || status is < 400 or > 599)
            return written;
        var body = JsonSerializer.SerializeToUtf8Bytes(new ErrorBody(status switch
        {
            StatusCodes.Status408RequestTimeout => "The request did not arrive in time",
            StatusCodes.Status413PayloadTooLarge => "The request body is larger than this server accepts",
            StatusCodes.Status414UriTooLong or StatusCodes.Status431RequestHeaderFieldsTooLarge => "The path or the header fields are longer than this server accepts",
            _ => "The request is not valid HTTP: look at its path (which cannot contain %00) and its header fields",
        }), ApiJson.Options);
        byte[] whole =
        [
            .. head[..fields], .. Encoding.ASCII.GetBytes($"\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {body.Length}"),
            .. head[(fields + "\r\nContent-Length: 0"u8.Length)..], .. body,
        ];
        if (whole.Length > room.Length)
            return written;
        whole.CopyTo(room);
        return whole.Length;
    }

    private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
