namespace Commune.Server.Tests.Running;

/// <summary>Waits for what another process does on its own. It asks again and again, since nothing would tell us.</summary>
public static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    public static async Task<T> GetAsync<T>(Func<Task<T>> read, Func<T, bool> isThere)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var value = await read();
            if (isThere(value))
                return value;
            if (TimeProvider.System.GetElapsedTime(start) > Limit)
                throw new TimeoutException($"It did not come within {Limit}. Last seen: {Describe(value)}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
    }

    private static string Describe<T>(T value) =>
        value is System.Collections.IEnumerable items and not string and not System.Text.Json.Nodes.JsonObject
            ? string.Join('\n', items.Cast<object?>()) : value?.ToString() ?? "nothing";
}
