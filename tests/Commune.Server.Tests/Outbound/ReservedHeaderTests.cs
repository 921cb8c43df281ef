using Commune.Server.Tests.Running;

namespace Commune.Server.Tests.Outbound;

/// <summary>What servers on the way and those who pass mail on write into a header, no sender may write.</summary>
public abstract class ReservedHeaderTests(Engine engine) : ServerTests(engine)
{
    [Theory]
    [InlineData("Resent-From")]
    [InlineData("resent-sender")]
    [InlineData("Resent-To")]
    [InlineData("Resent-Cc")]
    [InlineData("Resent-Bcc")]
    [InlineData("Resent-Date")]
    [InlineData("Resent-Message-ID")]
    [InlineData("ARC-Seal")]
    [InlineData("ARC-Message-Signature")]
    [InlineData("arc-authentication-results")]
    [InlineData("Authentication-Results")]
    [InlineData("Delivered-To")]
    [InlineData("Return-Path")]
    [InlineData("Received")]
    [InlineData("Sender")]
    [InlineData("Content-Transfer-Encoding")]
    public async Task A_send_cannot_set(string name)
    {
        var inbox = await Api.NewInboxAsync();
        var to = "user@" + Server.NewRemoteDomain();
        var headers = new Dictionary<string, string>(StringComparer.Ordinal) { [name] = "forged.example", ["X-Kept"] = "kept" };
        (await Api.PostAsync("/v1/messages/send", new { to, subject = "s", text = "t", inbox_id = inbox.Id, headers })).Expect(202);
        var text = (await Server.Sink.WaitForAsync(to)).Text;
        Assert.Equal("kept", Letter.HeaderOf(text, "X-Kept"));
        Assert.DoesNotContain("forged.example", text, StringComparison.Ordinal);
    }
}

public sealed class SqliteReservedHeaderTests(SqliteEngine engine) : ReservedHeaderTests(engine);
