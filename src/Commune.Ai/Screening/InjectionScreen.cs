using Commune.Mail.Text;

namespace Commune.Ai.Screening;

/// <summary>
/// Finds attempts to give orders to a model that reads the mail. Pure; time grows with the length of the mail and is bounded; it never throws on what a
/// mail can hold. It is advice: what decides is that mail is data for whoever reads it.
/// </summary>
public static class InjectionScreen
{
    private const double ForHidden = 0.25;

    /// <summary>A newsletter's preheader and title are no longer than this.</summary>
    private const int LongestPreheader = 200;
    private const int LongestRepeated = 600;
    private const int MostLines = 10;

    private static readonly HashSet<string> ToolElements = new(StringComparer.Ordinal)
    {
        "tool_call", "tool_use", "tool_result", "function_calls", "function_call", "function_results", "invoke", "system", "system_prompt", "user_input", "assistant", "untrusted",
    };

    public static InjectionVerdict Run(ScreenedMail mail)
    {
        ArgumentNullException.ThrowIfNull(mail);
        return Run(mail, mail.Html is { } html ? ScreenedHtml.Of(html) : null);
    }

    internal static InjectionVerdict Run(ScreenedMail mail, ScreenedHtml? html)
    {
        var signals = new SignalList();
        var passages = new PassageScreen(signals);
        passages.Screen(mail.Subject, "subject");
        passages.Screen(mail.SenderName, "sender_name");
        passages.Screen(WordsIn(mail.Sender), "sender_name");
        if (html is null || !mail.TextIsOfHtml)
            passages.Screen(mail.Text, "text");
        if (html is not null)
            Html(mail, html, passages, signals);
        foreach (var name in mail.AttachmentNames)
            passages.Screen(name.Replace('_', ' '), "attachment_name");
        foreach (var type in mail.AttachmentTypes)
            passages.Screen(WordsIn(type), "attachment_name");

        var (plain, shown) = (html is null || !mail.TextIsOfHtml ? mail.Text : "", html?.Text ?? "");
        if (InvisibleText.MayHold(plain) || InvisibleText.MayHold(shown) || InvisibleText.MayHold(mail.Subject) || InvisibleText.MayHold(mail.SenderName) || mail.DisguisedNames.Count > 0)
            InvisibleScreen.Find(html is null ? plain : mail.TextIsOfHtml ? shown : plain + "\n" + shown, string.Join('\n', [mail.Subject, mail.SenderName, .. mail.DisguisedNames]), passages, signals);
        if (html is not null && !mail.TextIsOfHtml)
            OtherAlternative.Find(mail.Text, html.Text, signals);
        if (passages.MixedWords > 0)
            signals.Add("mixed_scripts", passages.MixedWords > 2 ? 0.45 : 0.2, "text", passages.MixedWord ?? "");
        Beacons(mail.Text, signals);
        return signals.Judge();
    }

    /// <summary>An address or a media type as the words that it may be made of.</summary>
    private static string WordsIn(string text) =>
        text.AsSpan().ContainsAny(" -_.+/") ? string.Create(text.Length, text, static (words, from) =>
        {
            for (var i = 0; i < words.Length; i++)
                words[i] = from[i] is '-' or '_' or '.' or '+' or '/' or '"' ? ' ' : from[i];
        }) : text;

    private static void Html(ScreenedMail mail, ScreenedHtml html, PassageScreen passages, SignalList signals)
    {
        var survey = html.Survey;
        var before = signals.Count;
        passages.Screen(html.Text, "text");
        // Hidden text may stand before all that is read of it.
        if (html.Text.Length > PassageScreen.Longest)
            passages.Screen(HtmlText.ToText(mail.Html!), "text");
        Hidden(mail, html, signals, screens: signals.Count > before);
        if (survey.Turned > 0)
            signals.Add("bidi_characters", 0.3, "invisible", $"{survey.Turned} elements that turn their text");
        Concealed(survey.Comments, "comment");
        Concealed(survey.Labels, "label");
        foreach (var element in survey.UnknownElements)
        {
            if (ToolElements.Contains(element))
                signals.Add("fake_turn", 0.5, "text", "<" + element + ">");
        }
        passages.Screen(string.Join("\n\n", html.Links.Select(static link => LinkScreen.WordsOf(link.Url)).OfType<string>()), "link");
        foreach (var link in html.Links)
        {
            if (link.Deceptive)
                signals.Add("deceptive_link", WeightOf(link), "link", FoldedText.QuoteOf($"{link.ShownHost} → {link.Host}"));
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

    /// <param name="screens">There is something to be found in the whole; whether a reader would see it is to be told.</param>
    private static void Hidden(ScreenedMail mail, ScreenedHtml html, SignalList signals, bool screens)
    {
        var hidden = Unsaid(html.Hidden, mail);
        if (hidden.Length == 0)
            return;
        if (screens || html.Text.Length > PassageScreen.Longest)
        {
            var apart = new SignalList();
            new PassageScreen(apart).Screen(hidden, "hidden_text");
            if (apart.Found.Any(static signal => signal.Weight >= 0.15))
            {
                foreach (var signal in apart.Found)
                    signals.Add(signal.Kind, signal.Weight + ForHidden, "hidden_text", signal.Quote);
                signals.Add("hidden_text", ForHidden + 0.2, "hidden_text", FoldedText.QuoteOf(hidden, 60));
                return;
            }
        }
        if (hidden.Length > LongestPreheader)
            signals.Add("hidden_text", 0.05, "hidden_text", FoldedText.QuoteOf(hidden, 60));
    }

    /// <summary>Without the lines that the mail says openly as well: titles and preheaders repeat the subject and the first words.</summary>
    private static string Unsaid(string hidden, ScreenedMail mail)
    {
        if (hidden.Length is 0 or > LongestRepeated || hidden.AsSpan().Count('\n') > MostLines)
            return hidden;
        return string.Join('\n', hidden.Split('\n').Where(line => line.Trim() is var words && words.Length > 0
            && !mail.Subject.Contains(words, StringComparison.OrdinalIgnoreCase) && !mail.Text.Contains(words, StringComparison.OrdinalIgnoreCase)));
    }

    // Newsletters count clicks through a host of their own; a bank does not.
    private static double WeightOf(JudgedLink link) =>
        link.Host.Contains(link.ShownHost!.StartsWith("www.", StringComparison.Ordinal) ? link.ShownHost[4..] : link.ShownHost, StringComparison.Ordinal) ? 0.5
        : link.Url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || link.Text.Contains("://", StringComparison.Ordinal) ? 0.3 : 0.12;

    /// <summary>A Markdown picture whose address has room for what the model knows: it is fetched when the answer is shown.</summary>
    private static void Beacons(string text, SignalList signals)
    {
        var at = 0;
        for (var seen = 0; seen < 1000; seen++)
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
