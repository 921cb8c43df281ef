using Commune.Ai.Models;
using Commune.Peers;

namespace Commune.Ai.Tests.Models;

/// <summary>A fake server, a clock that a test moves, and clients of each provider.</summary>
public abstract class ModelFixture : IAsyncDisposable
{
    public const string Key = "sk-secret-4711";

    protected FakeModel Server { get; } = new();

    protected ManualTimeProvider Time { get; } = new();

    protected FakeBudget Budget { get; } = new();

    private readonly List<ModelClient> clients = [];

    public async ValueTask DisposeAsync()
    {
        clients.ForEach(static client => client.Dispose());
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected ModelSettings Settings(ModelProvider provider) => new()
    {
        Provider = provider,
        Endpoint = provider == ModelProvider.OpenAi ? Server.OpenAiEndpoint : Server.Root,
        Model = "fake-1",
        ApiKey = Key,
    };

    protected HttpEmbeddingModel Embedding(ModelProvider provider, Func<ModelSettings, ModelSettings>? change = null) => new(Client(provider, change));

    protected HttpChatModel Chat(ModelProvider provider, Func<ModelSettings, ModelSettings>? change = null) => new(Client(provider, change));

    private ModelClient Client(ModelProvider provider, Func<ModelSettings, ModelSettings>? change)
    {
        var settings = Settings(provider);
        var client = new ModelClient(change is null ? settings : change(settings), Budget, Time);
        clients.Add(client);
        return client;
    }

    /// <summary>Moves the clock through the pauses as they come, until the call has ended.</summary>
    protected async Task<T> ThroughPausesAsync<T>(Task<T> call, params TimeSpan[] pauses)
    {
        foreach (var pause in pauses)
        {
            await Time.TimerArmedAsync(pause).WaitAsync(TimeSpan.FromSeconds(20));
            Time.Advance(pause);
        }
        return await call.WaitAsync(TimeSpan.FromSeconds(20));
    }

    public sealed class FakeBudget : IModelBudget
    {
        public bool IsOpen { get; set; } = true;

        public List<(string Org, int Tokens)> Taken { get; } = [];

        public List<(int Estimated, ModelUsage Usage)> Told { get; } = [];

        public ValueTask<bool> TryTakeAsync(string orgId, int estimatedTokens, CancellationToken ct)
        {
            Taken.Add((orgId, estimatedTokens));
            return ValueTask.FromResult(IsOpen);
        }

        public ValueTask SpentAsync(string orgId, int estimatedTokens, ModelUsage usage, CancellationToken ct)
        {
            Told.Add((estimatedTokens, usage));
            return ValueTask.CompletedTask;
        }
    }
}
