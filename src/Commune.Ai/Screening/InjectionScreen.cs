using System.Buffers;
using System.Text;
using Commune.Mail.Text;

namespace Commune.Ai.Screening;

/// <summary>
/// Finds attempts to give orders to a model that reads the mail. Pure; time grows with the length of the mail and is bounded; it never throws on what a
/// mail can hold. It is advice: what decides is that mail is data for whoever reads it.
/// </summary>
public static class InjectionScreen
{
    private const double ForHidden = 0.25;

    private static readonly SearchValues<char> ZeroWidth = SearchValues.Create("\u200B\u2060\uFEFF\u00AD\u200C\u200D");

    private static readonly HashSet<string> ToolElements = new(StringComparer.Ordinal)
    {
        "tool_call", "tool_use", "tool_result", "function_calls", "function_call", "function_results", "invoke", "system", "system_prompt", "user_input", "assistant", "untrusted",
    };

    public static InjectionVerdict Run(ScreenedMail mail)
    {
        ArgumentNullException.ThrowIfNull(mail);
        return Run(mail, mail.Html is { } html ? HtmlSurvey.Of(html) : null);
    }

    internal static InjectionVerdict Run(ScreenedMail mail, HtmlSurvey? html)
    {
        var signals = new SignalList();
        var passages = new PassageScreen(signals);
        passages.Screen(mail.Subject, "subject");
        passages.Screen(mail.SenderName, "sender_name");
        if (html is null || !mail.TextIsOfHtml)
            passages.Screen(mail.Text, "text");
        if (html is not null)
            Html(mail.Html!, html, passages, signals);
        foreach (var name in mail.AttachmentNames)
            passages.Screen(name.Replace('_', ' '), "attachment_name");

        var texts = html is null ? mail.Text : mail.TextIsOfHtml ? html.Text : mail.Text + "\n" + html.Text;
        if (!Ascii.IsValid(texts) || !Ascii.IsValid(mail.Subject) || !Ascii.IsValid(mail.SenderName))
            Invisible(texts, mail.Subject + "\n" + mail.SenderName, passages, signals);
        if (passages.MixedWords > 0)
            signals.Add("mixed_scripts", passages.MixedWords > 2 ? 0.45 : 0.2, "text", passages.MixedWord ?? "");
        Beacons(mail.Text, signals);
        return signals.Judge();
    }

    private static void Html(string source, HtmlSurvey html, PassageScreen passages, SignalList signals)
    {
        var before = signals.Count;
        passages.Screen(html.Text, "text");
        // Only now is it worth knowing what of it a reader would see.
        if (signals.Count > before)
            Hidden(source, passages, signals, before);
        Concealed(html.Comments, "comment");
        Concealed(html.Labels, "label");
        foreach (var element in html.UnknownElements)
        {
            if (ToolElements.Contains(element))
                signals.Add("fake_turn", 0.5, "text", "<" + element + ">");
        }
        foreach (var link in html.Links)
        {
            if (LinkScreen.Judge(link) is { Deceptive: true } deceptive)
                signals.Add("deceptive_link", WeightOf(deceptive), "link", FoldedText.QuoteOf($"{deceptive.ShownHost} → {deceptive.Host}"));
        }

        void Concealed(string text, string place)
        {
            if (text.Length == 0)
                return;
            var count = signals.Count;
            passages.Screen(text, place);
            if (signals.Found.Skip(count).Any(static signal => signal.Weight >= 0.2))
                signals.Add("hidden_text", ForHidden + 0.15, place, FoldedText.QuoteOf(text, 60));
        }
    }

    private static void Hidden(string source, PassageScreen passages, SignalList signals, int before)
    {
        var hidden = HtmlText.HiddenText(source);
        if (hidden.Length == 0)
            return;
        var apart = new SignalList();
        new PassageScreen(apart).Screen(hidden, "hidden_text");
        if (!apart.Found.Any(static signal => signal.Weight >= 0.15))
            return;
        foreach (var signal in apart.Found)
            signals.Add(signal.Kind, signal.Weight + ForHidden, "hidden_text", signal.Quote);
        signals.Add("hidden_text", ForHidden + 0.2, "hidden_text", FoldedText.QuoteOf(hidden, 60));
    }

    // Newsletters count clicks through a host of their own; a bank does not.
    private static double WeightOf(JudgedLink link) =>
        link.Host.Contains(link.ShownHost!.StartsWith("www.", StringComparison.Ordinal) ? link.ShownHost[4..] : link.ShownHost, StringComparison.Ordinal) ? 0.5
        : link.Url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || link.Text.Contains("://", StringComparison.Ordinal) ? 0.3 : 0.12;

    private static void Invisible(string text, string head, PassageScreen passages, SignalList signals)
    {
        var counts = InvisibleText.Read(text, out var spelled);
        counts += InvisibleText.Read(head, out var spelledInHead);
        spelled += spelledInHead;
        if (counts.Tags > 0)
        {
            signals.Add("tag_characters", counts.Tags > 8 ? 0.6 : 0.3, "invisible", $"{counts.Tags} characters" + (spelled.Length > 0 ? ": " + FoldedText.QuoteOf(spelled, 80) : ""));
            if (spelled.Length > 3)
                passages.Screen(spelled, "invisible");
        }
        if (counts.Bidirectional > 0)
        {
            signals.Add("bidi_characters", text.AsSpan().ContainsAny('\u202E', '\u202D') ? 0.35 : 0.08, "invisible", $"{counts.Bidirectional} characters");
        }
        // Trackers and templates leave some between words; inside words they serve to deceive.
        var inside = InsideWords(text);
        if (inside > 2)
            signals.Add("zero_width_characters", inside > 12 ? 0.4 : 0.15, "invisible", $"{inside} inside words");
    }

    private static int InsideWords(string text)
    {
        var count = 0;
        for (var at = text.AsSpan().IndexOfAny(ZeroWidth); at >= 0 && count < 1000;)
        {
            if (at > 0 && at + 1 < text.Length && char.IsAsciiLetter(text[at - 1]) && char.IsAsciiLetter(text[at + 1]))
                count++;
            var next = text.AsSpan(at + 1).IndexOfAny(ZeroWidth);
            at = next < 0 ? -1 : at + 1 + next;
        }
        return count;
    }

    /// <summary>A Markdown picture whose address has room for what the model knows: it is fetched when the answer is shown.</summary>
    private static void Beacons(string text, SignalList signals)
    {
        var at = 0;
        for (var seen = 0; seen < 50; seen++)
        {
            var found = text.IndexOf("![", at, StringComparison.Ordinal);
            if (found < 0)
                return;
            at = found + 2;
            var open = text.AsSpan(at, Math.Min(200, text.Length - at)).IndexOf("](");
            if (open < 0)
                continue;
            var rest = text.AsSpan(at + open + 2);
            var close = rest[..Math.Min(rest.Length, 1000)].IndexOf(')');
            if (close <= 0)
                continue;
            var url = rest[..close];
            var remote = url.StartsWith("http", StringComparison.OrdinalIgnoreCase);
            var query = url.IndexOf('?');
            if (remote)
                signals.Add("image_beacon", query >= 0 && url[query..].Contains('=') ? 0.4 : 0.03, "link", FoldedText.QuoteOf(url, 80));
        }
    }
}
