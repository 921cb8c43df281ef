namespace Commune.Ai.Screening;

/// <summary>
/// What separates the turns of a conversation in the formats that models are trained with. In a mail it serves to pretend that the mail has ended and
/// that somebody else speaks. Talk about such formats mentions them inside sentences: where lines begin with them they count in full.
/// </summary>
internal static class FakeTurns
{
    /// <summary>What the agent view writes about a mail and around its parts (docs/agent-view.md).</summary>
    private static readonly string[] OurOwn =
    [
        "begin header", "begin new_text", "begin quoted", "begin forwarded", "begin signature", "begin attachment_names", "begin links",
        "end header", "end new_text", "end quoted", "end forwarded", "end signature", "end attachment_names", "end links",
        "sender trust:", "the fenced sections",
    ];

    public static readonly string[] Marks =
    [
        "[inst]", "[/inst]", "<<sys>>", "system:", "[system", "<system", "</system", "### instruction", "### system", "### response", "# system prompt", "<tool_call",
        "<tool_use", "<function_call", "<function_result", "<tool_result", "<invoke", "</user_input", "</email>", "</message>", "</document>", "</context>",
        "</untrusted", "\"role\"", "role: system", "\"tool_calls\"", "assistant:", "end of email", "end of message", "end of conversation", "end of user",
        "end of document", "new system instruction", "new session]", "admin mode enabled", "system override", "override protocol", "<|im_", "<|start", "<|end",
        "<|system", "<|user", "<|assistant", "<|eot", "<|begin", "\"arguments\"", .. OurOwn,
    ];

    private static readonly AnchorTable Table = new(Marks);

    private const int MostSeen = 200;

    /// <param name="sentences">All that the anchors of the text led to: each mark is an anchor, so that it stands behind one of them.</param>
    public static void Find(FoldedText folded, string place, SignalList signals, ReadOnlySpan<JudgedSentence> sentences)
    {
        var text = folded.Text;
        var at = 0;
        var closed = -1;
        for (var seen = 0; seen < MostSeen; seen++)
        {
            at = Next(text, at, ref sentences);
            if (at < 0)
                return;
            var weight = Weigh(text, at, ref closed);
            if (weight > 0)
                signals.Add("fake_turn", weight, place, folded.Quote(at, Math.Min(text.Length, at + 80), 80));
            at += 2;
        }
        // So many have one purpose: that nobody looks at the last.
        signals.Add("fake_turn", 0.4, place, $"{MostSeen} and more");
    }

    private static int Next(ReadOnlySpan<char> text, int from, ref ReadOnlySpan<JudgedSentence> sentences)
    {
        for (; sentences is [var sentence, .. var rest]; sentences = rest)
        {
            // So many sentences that what follows was not looked at.
            var end = sentence.At < 0 ? -1 : rest.IsEmpty ? text.Length : sentence.End;
            if (end <= from)
                continue;
            var at = Table.Next(text[..Math.Min(text.Length, end + AnchorTable.Longest)], Math.Max(from, sentence.At));
            if (at >= 0 && at < end)
                return at;
        }
        return -1;
    }

    private static double Weigh(ReadOnlySpan<char> text, int at, ref int closed)
    {
        var mark = text[at..];
        var startsLine = StartsLine(text, at);
        if (mark.StartsWith("<|"))
            return Template(mark, text[..at]);
        if (mark.StartsWith("[/inst]"))
        {
            closed = at;
            // A turn that is closed before any was opened ends ours.
            return text[..at].IndexOf("[inst]") < 0 ? 0.5 : 0.2;
        }
        if (mark.StartsWith("[inst]"))
            return closed >= 0 ? 0.5 : 0.2;
        if (mark.StartsWith("<<sys>>"))
            return mark.IndexOf("<</sys>>") is > 25 ? 0.5 : 0.15;
        if (mark.StartsWith("<tool_") || mark.StartsWith("<function_") || mark.StartsWith("<invoke"))
            return startsLine || text[..at].EndsWith(">") ? 0.6 : 0.3;
        if (mark.StartsWith("</"))
            return startsLine || text[..at].EndsWith(">") ? 0.45 : 0.2;
        if (mark.StartsWith("<system") || mark.StartsWith("[system"))
            return 0.4;
        if (mark.StartsWith("\"tool_calls\""))
            return 0.5;
        if (mark.StartsWith("\"role\""))
            return mark[..Math.Min(mark.Length, 24)].Contains("system", StringComparison.Ordinal) ? 0.15 : 0;
        if (mark.StartsWith("role: system"))
            return startsLine ? 0.4 : 0.1;
        if (mark.StartsWith("#"))
            return !startsLine ? 0.1 : mark.StartsWith("### response") || mark.StartsWith("### instructions") ? 0.15 : 0.45;
        if (mark.StartsWith("system:"))
            return startsLine ? 0.12 : 0;
        if (mark.StartsWith("assistant:"))
            return startsLine && text.IndexOf("\nhuman:") >= 0 | text.StartsWith("human:") | text.IndexOf("\nuser:") >= 0 ? 0.5 : 0;
        if (mark.StartsWith("\"arguments\""))
            return Call(text, at);
        if (mark.StartsWith("sender trust:") || mark.StartsWith("the fenced sections"))
            return startsLine ? 0.45 : 0.2;
        if (mark.StartsWith("begin ") || (mark.StartsWith("end ") && !mark.StartsWith("end of ")))
            return IsFence(text, at) ? 0.5 : 0;
        // "--- END OF EMAIL ---"
        return IsFramed(text, at) ? 0.45 : mark.StartsWith("system override") || mark.StartsWith("override protocol") ? 0.4 : mark.StartsWith("new system") ? 0.3 : 0.05;
    }

    private static double Template(ReadOnlySpan<char> mark, ReadOnlySpan<char> before)
    {
        var end = mark.IndexOf("|>");
        if (end is < 0 or > 30)
            return 0;
        var name = mark[2..end];
        if (!(name.StartsWith("im_") || name.StartsWith("start") || name.StartsWith("end") || name is "system" or "user" or "assistant" or "eot_id" or "begin_of_text"))
            return 0;
        var behind = mark[(end + 2)..];
        // "<|im_start|>system" and a line of its own.
        var role = behind.StartsWith("system") ? behind[6..] : behind.StartsWith("user") ? behind[4..] : behind.StartsWith("assistant") ? behind[9..] : default;
        if (!role.IsEmpty && (role[0] is '\n' or '\r') && (before.IsEmpty || before[^1] is '\n' or '>'))
            return 0.75;
        return name is "im_start" or "start_header_id" or "system" && behind.StartsWith("system") ? 0.5 : 0.15;
    }

    /// <summary>{"name": "send_email", "arguments": {…}}: developers mail such things to each other, so that it is labelled and no risk by itself.</summary>
    private static double Call(ReadOnlySpan<char> text, int at)
    {
        var value = text[(at + "\"arguments\"".Length)..].TrimStart();
        if (!value.StartsWith(":") || value[1..].TrimStart() is not ['{' or '"', ..])
            return 0;
        var before = text[Math.Max(0, at - 200)..at];
        var open = before.LastIndexOf('{');
        if (open < 0)
            return 0;
        var call = before[open..];
        return call.IndexOf("\"name\"") < 0 && call.IndexOf("\"tool\"") < 0 && call.IndexOf("\"function") < 0 ? 0
            : StartsLine(text, at - before.Length + open) ? 0.25 : 0.15;
    }

    /// <summary>"=== 9b1f0c66d2a94e77 END new_text"; it may lack the number, or have one that was made up.</summary>
    private static bool IsFence(ReadOnlySpan<char> text, int at)
    {
        var line = text[(text[..at].LastIndexOf('\n') + 1)..at].Trim();
        return line.Length < 80 && line.StartsWith("===") && !line.TrimStart('=').Trim().Contains(' ');
    }

    private static bool StartsLine(ReadOnlySpan<char> text, int at)
    {
        for (var i = at - 1; i >= 0; i--)
        {
            if (text[i] == '\n')
                return true;
            if (text[i] is not (' ' or '\t' or '>' or '*' or '#' or '"' or '\r'))
                return false;
        }
        return true;
    }

    private static bool IsFramed(ReadOnlySpan<char> text, int at)
    {
        var before = text[..at].TrimEnd();
        return !before.IsEmpty && before[^1] is '-' or '=' or '[' or '*' or '<';
    }
}
