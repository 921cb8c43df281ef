using Commune.Mail.AutoReply;
using Commune.Mail.Tests.Mime;

namespace Commune.Mail.Tests.AutoReply;

public sealed class MailLoopTests
{
    [Theory]
    [InlineData(100, false)]
    [InlineData(101, true)]
    public void Too_many_hosts_are_a_loop(int hops, bool loop)
    {
        var message = Eml.Parse(string.Concat(Enumerable.Repeat("Received: from a by b\n", hops)) + "\nHi\n");
        var verdict = MailLoop.Check(message.Headers, ["mx.ours.example"]);
        Assert.Equal((loop, hops), (verdict.IsLoop, verdict.Hops));
    }

    [Theory]
    [InlineData("X-Loop: MX.ours.example", true)]
    [InlineData("X-Loop: <agent@ours.example>", true)]
    [InlineData("Delivered-To: agent@ours.example", true)]
    [InlineData("Delivered-To: other@ours.example", false)]
    [InlineData("X-Loop: mx.there.example", false)]
    [InlineData("Subject: mx.ours.example", false)]
    public void Our_own_trace_is_a_loop(string field, bool loop) =>
        Assert.Equal(loop, MailLoop.Check(Eml.Parse(field + "\n\nHi\n").Headers, ["mx.ours.example", "agent@ours.example"]).IsLoop);

    [Fact]
    public void A_second_delivery_to_the_same_address_is_a_loop() =>
        Assert.True(MailLoop.Check(Eml.Parse("Delivered-To: Agent@ours.example\n\nHi\n").Headers, [], "agent@ours.example").IsLoop);
}
