namespace Commune.Peers;

/// <summary>One command as <see cref="FakeMx"/> got it, for a script to look at.</summary>
/// <param name="Verb">In upper case. <c>CONNECT</c> is the moment of the greeting, <c>CONTENT</c> the moment after the
/// final dot, <c>TLS</c> the moment before the handshake.</param>
/// <param name="Line">The whole line without CRLF.</param>
/// <param name="Connection">1 for the first connection.</param>
public sealed record FakeMxCommand(string Verb, string Line, int Connection, bool IsTls);

/// <summary>What a script makes <see cref="FakeMx"/> do in place of its own answer.</summary>
public sealed record FakeMxAction
{
    /// <summary>Waited for before anything else happens.</summary>
    internal Task? Wait { get; init; }

    internal string? Text { get; init; }

    internal bool Drops { get; init; }

    internal bool IsSilent { get; init; }

    internal bool RunsDefault { get; init; }

    /// <summary>Awaited before each octet.</summary>
    internal Func<Task>? Pace { get; init; }

    /// <summary>A reply, written as it is; CRLF is added. A 2xx or 354 has its usual effect on the transaction, any other
    /// code has none.</summary>
    public static FakeMxAction Reply(string text) => new() { Text = text + "\r\n" };

    /// <summary>These octets (Latin-1) and nothing else: garbage, half a reply.</summary>
    public static FakeMxAction Write(string text) => new() { Text = text };

    /// <summary>These octets one by one, each when the task that it is given is done.</summary>
    public static FakeMxAction Trickle(string text, Func<Task> pace) => new() { Text = text, Pace = pace };

    /// <summary>Closes the connection without a word.</summary>
    public static FakeMxAction Drop { get; } = new() { Drops = true };

    /// <summary>Says nothing, and goes on reading.</summary>
    public static FakeMxAction Silence { get; } = new() { IsSilent = true };

    /// <summary>Does what it would have done without a script.</summary>
    public static FakeMxAction Default { get; } = new() { RunsDefault = true };

    /// <summary>Closes the connection afterwards.</summary>
    public FakeMxAction ThenDrop() => this with { Drops = true };

    /// <summary>Does nothing until the task has ended.</summary>
    public FakeMxAction After(Task released) => this with { Wait = released };
}
