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

    [Theory]
    [InlineData("X Order")]
    [InlineData("X-Bestellung-für")]
    [InlineData("X:Order")]
    [InlineData("X-Order\n")]
    public async Task A_name_that_no_field_can_have_is_refused_and_named(string name)
    {
        var inbox = await Api.NewInboxAsync();
        var headers = new Dictionary<string, string>(StringComparer.Ordinal) { [name] = "1" };
        var answer = (await Api.PostAsync("/v1/messages/send", new { to = "user@" + Server.NewRemoteDomain(), subject = "s", text = "t", inbox_id = inbox.Id, headers })).Expect(400);
        Assert.Contains($"\"{name}\" is not the name of a header field", answer.Error, StringComparison.Ordinal);
    }
}

public sealed class SqliteReservedHeaderTests(SqliteEngine engine) : ReservedHeaderTests(engine);
