using System.Buffers;

namespace Commune.Mail.Smtp.Client;

/// <summary>One mail transaction (RFC 5321 §3.3): MAIL, RCPT for each recipient, DATA; pipelined when the server
/// offers it (RFC 2920). Keeps an outcome for each recipient, whatever happens.</summary>
internal sealed class SmtpTransaction
{
    // RFC 2920 §3.1: the client must not wait for the server to read while the server waits for it. The replies to this
    // many commands fit into any TCP window.
    private const int GroupSize = 50;

    private const int BlockSize = 64 * 1024;

    private static readonly TimeSpan LateReplyTimeout = TimeSpan.FromSeconds(5);

    private readonly SmtpWire _wire;
    private readonly SmtpClientSettings _settings;
    private readonly SmtpCapabilities _capabilities;
    private readonly SmtpOutgoingEnvelope _envelope;
    private readonly ReadOnlyMemory<byte> _message;
    private readonly SmtpRecipientResult?[] _results;
    private readonly List<int> _accepted = [];
    private bool _isFinalDotSent;

    public SmtpTransaction(
        SmtpWire wire,
        SmtpClientSettings settings,
        SmtpCapabilities capabilities,
        SmtpOutgoingEnvelope envelope,
        ReadOnlyMemory<byte> message)
    {
        _wire = wire;
        _settings = settings;
        _capabilities = capabilities;
        _envelope = envelope;
        _message = message;
        _results = new SmtpRecipientResult?[envelope.Recipients.Count];
    }

    /// <summary>True when the server may still hold a sender or recipients: RSET before the next transaction.</summary>
    public bool IsLeftOpen { get; private set; }

    public bool IsConnectionLost { get; private set; }

    public IReadOnlyList<SmtpRecipientResult> Results() => _results!;

    /// <summary>Gives every recipient that has no outcome yet a temporary failure.</summary>
    public void Abandon(string reason) => Settle(SmtpOutcome.TemporaryFailure, null, null, reason);

    public async Task RunAsync(bool resetFirst, CancellationToken ct)
    {
        try
        {
            var plan = SmtpEnvelopePlan.Make(_envelope, DotStuffing.SizeOf(_message.Span), _capabilities, _results);
            if (plan is null)
            {
                IsLeftOpen = resetFirst;
                return;
            }

            if (resetFirst && await ResetAsync(ct) is { } refused)
            {
                // It says nothing about these recipients: they are for another connection.
                Settle(SmtpOutcome.TemporaryFailure, refused.Code, refused.EnhancedCode, refused.Text);
                return;
            }

            if (_capabilities.Pipelining)
                await PipelinedAsync(plan, ct);
            else
                await StepwiseAsync(plan, ct);
        }
        catch (SmtpWireException e)
        {
            IsConnectionLost = true;
            if (_isFinalDotSent)
                Settle(SmtpOutcome.Unknown, null, null, e.Message);
            else
                Abandon(e.Message);
        }
        catch (OperationCanceledException) when (_isFinalDotSent)
        {
            IsConnectionLost = true;
            Settle(SmtpOutcome.Unknown, null, null, "We stopped waiting for the reply to the final dot.");
        }
    }

    private async Task StepwiseAsync(SmtpEnvelopePlan plan, CancellationToken ct)
    {
        await _wire.WriteLinesAsync([plan.Mail], _settings.CommandTimeout, ct);
        if (!JudgeMail(await ReadAsync(_settings.CommandTimeout, ct)))
            return;
        foreach (var (index, line) in plan.Recipients)
        {
            await _wire.WriteLinesAsync([line], _settings.CommandTimeout, ct);
            if (!JudgeRecipient(index, await ReadAsync(_settings.CommandTimeout, ct)))
                return;
        }

        if (_accepted.Count == 0)
            return;
        await _wire.WriteLinesAsync(["DATA"], _settings.CommandTimeout, ct);
        await ContentAsync(await ReadAsync(_settings.DataInitiationTimeout, ct), ct);
    }

    private async Task PipelinedAsync(SmtpEnvelopePlan plan, CancellationToken ct)
    {
        var isMailAccepted = true;
        for (var first = 0; first < plan.Recipients.Count; first += GroupSize)
        {
            var group = plan.Recipients.Skip(first).Take(GroupSize).ToList();
            var isLast = first + group.Count == plan.Recipients.Count;
            var lines = group.ConvertAll(recipient => recipient.Line);
            if (first == 0)
                lines.Insert(0, plan.Mail);
            // §3.1: DATA may only be the last of a group, for its reply decides what follows.
            if (isLast)
                lines.Add("DATA");
            await _wire.WriteLinesAsync(lines, _settings.CommandTimeout, ct);

            if (first == 0)
            {
                isMailAccepted = JudgeMail(await ReadAsync(_settings.CommandTimeout, ct));
                if (IsConnectionLost)
                    return;
            }

            foreach (var (index, _) in group)
            {
                var reply = await ReadAsync(_settings.CommandTimeout, ct);
                if (isMailAccepted || reply.ClosesConnection)
                    JudgeRecipient(index, reply);
                if (IsConnectionLost)
                    return;
            }

            if (isLast)
                await ContentAsync(await ReadAsync(_settings.DataInitiationTimeout, ct), ct);
            else if (!isMailAccepted)
                return;
        }
    }

    private async Task<SmtpReply?> ResetAsync(CancellationToken ct)
    {
        await _wire.WriteLinesAsync(["RSET"], _settings.CommandTimeout, ct);
        var reply = await ReadAsync(_settings.CommandTimeout, ct);
        // RFC 5321 §4.1.1.5 knows no other answer than 250: a server that refuses RSET is beyond use.
        IsConnectionLost |= !reply.IsPositive;
        return reply.IsPositive ? null : reply;
    }

    /// <summary>What follows the reply to DATA.</summary>
    private async Task ContentAsync(SmtpReply reply, CancellationToken ct)
    {
        if (reply.Code != 354)
        {
            // RFC 5321 §4.3.2 has no other positive reply to DATA: whoever gives one is out of step with us.
            IsConnectionLost |= reply.Code < 400;
            Settle(reply);
            return;
        }

        if (_accepted.Count == 0)
        {
            // RFC 2920 §3.1: DATA was taken although there is nobody to deliver to: end it with nothing in it.
            await _wire.WriteLinesAsync(["."], _settings.DataBlockTimeout, ct);
            await ReadAsync(_settings.DataTerminationTimeout, ct);
            return;
        }

        try
        {
            await WriteContentAsync(ct);
        }
        catch (SmtpWireException)
        {
            // A server may refuse a message before it has ended (too big, say) and close: its reply tells more than the
            // broken connection does.
            IsConnectionLost = true;
            var late = await _wire.ReadReplyAsync(LateReplyTimeout, ct);
            if (late.Code >= 400)
            {
                Settle(late);
                return;
            }

            throw;
        }

        var final = await ReadAsync(_settings.DataTerminationTimeout, ct);
        if (final.IsPositive)
        {
            foreach (var index in _accepted)
                Set(index, SmtpOutcome.Accepted, final);
            IsLeftOpen = false;
        }
        else if (final.Code >= 400)
        {
            Settle(final);
        }
        else
        {
            IsConnectionLost = true;
            Settle(SmtpOutcome.Unknown, final.Code, final.EnhancedCode, final.Text);
        }
    }

    private async Task WriteContentAsync(CancellationToken ct)
    {
        var content = new DotStuffing(_message);
        var block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            while (!content.IsFinished)
            {
                var length = content.Fill(block);
                // From here on the server may get the final dot, even if we never learn that it did.
                _isFinalDotSent = content.IsFinished;
                await _wire.WriteAsync(block.AsMemory(0, length), _settings.DataBlockTimeout, ct);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        _wire.Note($"({_message.Length} octets of message, final dot)", isFromServer: false);
    }

    private async ValueTask<SmtpReply> ReadAsync(TimeSpan timeout, CancellationToken ct)
    {
        var reply = await _wire.ReadReplyAsync(timeout, ct);
        IsConnectionLost |= reply.ClosesConnection;
        return reply;
    }

    private bool JudgeMail(SmtpReply reply)
    {
        IsLeftOpen = reply.IsPositive;
        if (!reply.IsPositive)
            Settle(reply);
        return reply.IsPositive;
    }

    /// <returns>False when no further recipient can be asked for.</returns>
    private bool JudgeRecipient(int index, SmtpReply reply)
    {
        if (reply.IsPositive)
            _accepted.Add(index);
        else if (!reply.ClosesConnection)
        {
            Set(index, IsTooManyRecipients(reply) ? SmtpOutcome.TemporaryFailure : Outcome(reply), reply);
            _results[index] = _results[index]! with { IsAboutRecipient = true };
        }
        else
            Settle(reply);
        return !reply.ClosesConnection;
    }

    /// <summary>RFC 5321 §4.5.3.1.10: some servers say 552 where 452 is meant, and take the recipient the next time.
    /// Told from "mailbox full" by its enhanced code, or by there being none.</summary>
    private bool IsTooManyRecipients(SmtpReply reply) =>
        reply.Code == 552 && _accepted.Count > 0 && reply.EnhancedCode is (null or "5.5.3");

    private void Settle(SmtpReply reply)
    {
        var outcome = Outcome(reply);
        for (var i = 0; i < _results.Length; i++)
        {
            if (_results[i] is null)
                Set(i, outcome, reply);
        }
    }

    private void Settle(SmtpOutcome outcome, int? code, string? enhancedCode, string text)
    {
        for (var i = 0; i < _results.Length; i++)
            _results[i] ??= new SmtpRecipientResult(_envelope.Recipients[i], outcome, code, enhancedCode, text);
    }

    private void Set(int index, SmtpOutcome outcome, SmtpReply reply) => _results[index] =
        new SmtpRecipientResult(_envelope.Recipients[index], outcome, reply.Code, reply.EnhancedCode, reply.Text);

    // A reply that is neither what was asked for nor a refusal (a 354 to RCPT) is a fault that may pass.
    private static SmtpOutcome Outcome(SmtpReply reply) =>
        reply.IsPermanent ? SmtpOutcome.PermanentFailure : SmtpOutcome.TemporaryFailure;
}
