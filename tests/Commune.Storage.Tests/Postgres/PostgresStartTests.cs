using System.Net.Sockets;
using System.Net;
using Commune.Storage.Postgres;
using Commune.Storage.Tests.Compliance;
using Commune.Storage.Tests.Testing;

namespace Commune.Storage.Tests.Postgres;

/// <summary>Where PostgreSQL alone can refuse to start.</summary>
public sealed class PostgresStartTests(PostgresEngine engine) : StoreCompliance(engine), IClassFixture<PostgresEngine>
{
    [Fact]
    public async Task A_server_that_is_not_there_is_named_and_the_password_is_not()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        var refusal = await LifecycleCompliance.AssertStartFailsAsync(
            () => new PostgresStore(new PostgresStoreSettings($"Host=127.0.0.1;Port={port};Username=u;Password=s3cret;Database=d"), Time));
        Assert.DoesNotContain("s3cret", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_string_that_is_none_is_refused() =>
        await LifecycleCompliance.AssertStartFailsAsync(() => new PostgresStore(new PostgresStoreSettings("Hotel=nowhere"), Time));
}
