namespace Commune.Ai.Screening;

/// <summary>What a word or phrase can be a part of. Alone none of them means anything: <see cref="InstructionRules"/> looks for them side by side.</summary>
[Flags]
internal enum Cue : uint
{
    None = 0,
    /// <summary>"ignore", "oubliez".</summary>
    Override = 1,
    /// <summary>"previous", "above", "your".</summary>
    Prior = 2,
    /// <summary>"instructions", "prompt": what only a machine is given.</summary>
    Instruction = 4,
    /// <summary>"rules", "policy": what people have as well.</summary>
    Rule = 8,
    /// <summary>"system prompt", "your configuration".</summary>
    Prompt = 16,
    /// <summary>"language model", "AI".</summary>
    Machine = 32,
    /// <summary>"assistant", "agent": also people.</summary>
    Agent = 64,
    /// <summary>"you are now", "act as".</summary>
    Role = 128,
    /// <summary>"without restrictions", "developer mode".</summary>
    Unbound = 256,
    /// <summary>"send", "forward", "reveal".</summary>
    Give = 512,
    /// <summary>"API key", "password".</summary>
    Secret = 1024,
    /// <summary>"all emails", "the conversation".</summary>
    Mailbox = 2048,
    /// <summary>"do not tell the user".</summary>
    Secrecy = 4096,
    /// <summary>"the user has authorised you".</summary>
    Authority = 8192,
    /// <summary>"delete", "transfer", "approve".</summary>
    Act = 16384,
    /// <summary>"run the following command", "call the function".</summary>
    Tool = 32768,
    /// <summary>"never", "do not".</summary>
    Not = 65536,
    /// <summary>"my", "our".</summary>
    Own = 131072,
    /// <summary>"when summarising this email", "before answering".</summary>
    Reading = 262144,
    /// <summary>"must", "should".</summary>
    Must = 524288,
    /// <summary>"me", "us": to whom.</summary>
    ToMe = 1048576,
    /// <summary>"prompt injection", "attackers": talk about the matter.</summary>
    Talk = 2097152,
    /// <summary>"new instructions", "new system": something is to take the place of what was said.</summary>
    NewTask = 4194304,
    /// <summary>"all", "every", "any".</summary>
    All = 8388608,
    /// <summary>"decode", "backwards".</summary>
    Decode = 16777216,
}
