using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Commune.Peers;

/// <summary>
/// A server for vectors and chat on a loopback port that speaks as OpenAI, Azure OpenAI and Ollama do. It answers well unless a test tells it
/// otherwise, and remembers every question.
/// </summary>
/// <example><code>
/// await using var model = new FakeModel();
/// model.Chat = _ => """{"order_id":"40-118832"}""";
/// model.Next(FakeModelAnswer.TooManyRequests(2));
/// </code></example>
public sealed class FakeModel : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<FakeModelRequest> requests = [];
    private readonly ConcurrentQueue<FakeModelAnswer> next = [];
    private readonly ConcurrentDictionary<int, Task> sessions = [];
    private readonly Task loop;
    private Func<FakeModelRequest, FakeModelAnswer> script = static _ => new FakeModelAnswer.Good();
    private int connections;

    public FakeModel()
    {
        listener.Start();
        Root = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        OpenAiEndpoint = new Uri(Root, "/v1");
        loop = AcceptAsync();
    }

    /// <summary>The endpoint for Azure and Ollama.</summary>
    public Uri Root { get; }

    public Uri OpenAiEndpoint { get; }

    /// <summary>Numbers of a vector.</summary>
    public int Dimensions { get; init; } = 256;

    /// <summary>The words of a good chat answer, from the question's JSON.</summary>
    public Func<JsonElement, string> Chat { get; set; } = static _ => "{}";

    public IReadOnlyList<FakeModelRequest> Requests => [.. requests];

    /// <summary>The answer to the next question that has none yet; later ones are by the script again.</summary>
    public void Next(params FakeModelAnswer[] answers)
    {
        foreach (var answer in answers)
            next.Enqueue(answer);
    }

    /// <summary>The answer to every question.</summary>
    public void On(FakeModelAnswer answer) => script = _ => answer;

    /// <summary>The answer by the question.</summary>
    public void On(Func<FakeModelRequest, FakeModelAnswer> answer) => script = answer;

    /// <summary>The vector of a text: its words, hashed, so that texts with words in common are near each other. Always the same, of length 1.</summary>
    public static float[] Embed(string text, int dimensions)
    {
        var vector = new float[dimensions];
        foreach (var word in text.ToLower(CultureInfo.InvariantCulture).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            // FNV-1a
            var hash = 2166136261u;
            foreach (var c in word.Trim('.', ',', '!', '?', ';', ':', '"', '(', ')'))
                hash = (hash ^ c) * 16777619u;
            vector[hash % (uint)dimensions] += 1;
        }
        if (vector.All(static number => number == 0))
            vector[0] = 1;
        var length = MathF.Sqrt(vector.Sum(static number => number * number));
        return Array.ConvertAll(vector, number => number / length);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await loop;
        await Task.WhenAll(sessions.Values);
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptSocketAsync(stop.Token);
                sessions[++connections] = ServeAsync(socket);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The port was closed.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await Task.Yield();
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            var input = new BufferedStream(stream, 16 * 1024);
            while (await FakeHttp.ReadAsync(input, stop.Token) is { } read)
            {
                var request = new FakeModelRequest(read.Path, read.Headers, Encoding.UTF8.GetString(read.Body));
                requests.Enqueue(request);
                if (!await AnswerAsync(stream, socket, request, next.TryDequeue(out var once) ? once : script(request)))
                    return;
            }
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The caller went away.
        }
    }

    private async Task<bool> AnswerAsync(Stream stream, Socket socket, FakeModelRequest request, FakeModelAnswer answer)
    {
        switch (answer)
        {
            case FakeModelAnswer.Raw raw:
                await ReplyAsync(stream, raw.Status, raw.Body, raw.Headers);
                return true;
            case FakeModelAnswer.Hang:
                await FakeHttp.UntilLeftAsync(stream, stop.Token);
                return false;
            case FakeModelAnswer.Drip:
                await FakeHttp.WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{", stop.Token);
                await FakeHttp.UntilLeftAsync(stream, stop.Token);
                return false;
            case FakeModelAnswer.Reset:
                socket.LingerState = new LingerOption(true, 0);
                return false;
            case FakeModelAnswer.Huge:
                await FakeHttp.WriteAsync(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", stop.Token);
                var blanks = Encoding.ASCII.GetBytes(new string(' ', 8192));
                while (true)
                    await stream.WriteAsync(blanks, stop.Token);
            default:
                using (var question = JsonDocument.Parse(request.Body))
                {
                    var words = request.IsEmbedding ? FakeModelWords.Vectors(request, question.RootElement, answer, Dimensions)
                        : FakeModelWords.Chat(request, answer, answer is FakeModelAnswer.Good ? Chat(question.RootElement) : "");
                    await ReplyAsync(stream, 200, words, "");
                }
                return true;
        }
    }

    private Task ReplyAsync(Stream stream, int status, string body, string headers) =>
        FakeHttp.WriteAsync(stream, $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{headers}\r\n{body}", stop.Token);
}
