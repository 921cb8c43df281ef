using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Extraction;

/// <summary>Mail that is read by rules, as the program does when nothing is set.</summary>
public abstract class BuiltinArrivalTests(Engine engine)
{
    [Fact]
    public async Task A_labelled_value_is_found_with_its_place_and_without_any_model()
    {
        await using var program = await ReadingProgram.StartAsync(await engine.NewSettingsAsync(), extractor: null);
        var inbox = await program.Api.NewInboxAsync();
        (await program.Api.PutAsync($"/v1/domains/{inbox.DomainId}/inboxes/{inbox.Id}/extraction-schema", new
        {
            name = "order",
            schema = new { type = "object", properties = new { order_number = new { type = "string" } }, required = (string[])["order_number"] },
        })).Expect(200);
        await program.ReceiveAsync(inbox, "Parcel", "Hello,\nOrder number: A-10417\nThank you");
        var message = await Eventually.GetAsync(
            () => program.Api.OnlyMessageAsync(inbox), static message => message["metadata"]!["extraction"] is not null);
        Assert.Equal("A-10417", (string)message["extracted_data"]!["order_number"]!);
        var info = message["metadata"]!["extraction"]!;
        Assert.Equal(("ok", "builtin", null), ((string)info["status"]!, (string)info["method"]!, (string?)info["model"]));
        Assert.Contains("A-10417", (string)info["fields"]!["order_number"]!["quote"]!, StringComparison.Ordinal);
    }
}

public sealed class SqliteBuiltinArrivalTests(SqliteEngine engine) : BuiltinArrivalTests(engine);

public sealed class PostgresBuiltinArrivalTests(PostgresEngine engine) : BuiltinArrivalTests(engine);
