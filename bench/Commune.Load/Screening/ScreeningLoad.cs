using System.Diagnostics;
using System.Text;
using Commune.Ai.Screening;

namespace Commune.Load;

/// <summary>How well screening tells our sample mails apart, and what it costs.</summary>
internal static class ScreeningLoad
{
    private static readonly string[] Risks = ["low", "medium", "high", "critical"];
    private static readonly SenderEvidence Known = new("pass", true, "pass", "pass");

    /// <param name="args"><c>--misses</c> names the mails that were judged wrongly, those held out only with <c>--held-out</c>.</param>
    public static int Run(string[] args)
    {
        var benign = Judge("benign");
        var hostile = Judge("hostile");
        Print("Tuned on", benign.Where(static s => !s.Sample.HeldOut), hostile.Where(static s => !s.Sample.HeldOut));
        Print("Held out", benign.Where(static s => s.Sample.HeldOut), hostile.Where(static s => s.Sample.HeldOut));
        if (args.Contains("--misses"))
        {
            var heldOut = args.Contains("--held-out");
            Misses("benign", benign.Where(s => s.Sample.HeldOut == heldOut && s.Verdict.Score >= 0.4));
            Misses("hostile", hostile.Where(s => s.Sample.HeldOut == heldOut && s.Verdict.Score < 0.4));
        }
        Cost();
        return 0;
    }

    private static List<(ScreeningSample Sample, InjectionVerdict Verdict, SpamVerdict Spam)> Judge(string file) =>
        [.. ScreeningSet.Read(file).Select(static sample =>
        {
            var result = MailScreen.Run(sample.Mail, Known);
            return (sample, result.Injection, result.Spam);
        })];

    private static void Print(
        string title, IEnumerable<(ScreeningSample, InjectionVerdict Verdict, SpamVerdict Spam)> benign,
        IEnumerable<(ScreeningSample, InjectionVerdict Verdict, SpamVerdict)> hostile)
    {
        var (good, bad) = (benign.ToList(), hostile.ToList());
        Console.WriteLine($"{title}: {good.Count} benign, {bad.Count} hostile");
        Console.WriteLine("  risk at least   precision   recall   benign taken for hostile");
        for (var i = 0; i < Risks.Length; i++)
        {
            var wrong = good.Count(one => Array.IndexOf(Risks, one.Verdict.Risk) >= i);
            var right = bad.Count(one => Array.IndexOf(Risks, one.Verdict.Risk) >= i);
            var precision = right + wrong == 0 ? 1 : right / (double)(right + wrong);
            Console.WriteLine($"  {Risks[i],-15} {precision,9:P1} {right / (double)bad.Count,8:P1}   {wrong}");
        }
        Console.WriteLine($"  benign flagged as spam: {good.Count(static one => one.Spam.Flagged)}");
    }

    private static void Misses(string what, IEnumerable<(ScreeningSample Sample, InjectionVerdict Verdict, SpamVerdict)> judged)
    {
        foreach (var (sample, verdict, _) in judged)
        {
            Console.WriteLine($"{what}: {sample.Name}: {verdict.Score} {verdict.Risk}");
            foreach (var signal in verdict.Signals)
                Console.WriteLine($"    {signal.Kind} {signal.Weight} {signal.Place}: {signal.Quote}");
        }
    }

    private static void Cost()
    {
        var texts = ScreeningSet.Read("benign").Where(static sample => sample.Mail.Html is null && sample.Mail.Text.All(char.IsAscii))
            .Select(static sample => sample.Mail.Text).ToList();
        var plain = Long(texts, "\n\n");
        var german = Long([.. texts.Take(20).Select(static text => text.Replace("ee", "ü", StringComparison.Ordinal))], "\n\n");
        var html = "<html><body>" + Long([.. texts.Select(static text => "<p style=\"margin:0;color:#333\">" + text.Replace("\n", "<br>", StringComparison.Ordinal) + "</p>")], "\n") + "</body></html>";
        var quiet = string.Concat(Enumerable.Repeat("The boat leaves at nine, and the soup is warm. Bring a coat, for it rains in the hills.\n", 240))[..20_000];
        Console.WriteLine("Cost of a mail of 20 KB, both screens:");
        Time("plain text without a suspicious word", new ScreenedMail { Subject = "Hello", SenderName = "Kim", Sender = "kim@mailbox.example", Text = quiet, Html = null });
        Time("plain text, our benign mails in a row", new ScreenedMail { Subject = "Hello", SenderName = "Kim", Sender = "kim@mailbox.example", Text = plain, Html = null });
        Time("the same with umlauts", new ScreenedMail { Subject = "Hello", SenderName = "Kim", Sender = "kim@mailbox.example", Text = german, Html = null });
        Time("HTML, our benign mails in a row", new ScreenedMail { Subject = "Hello", SenderName = "Kim", Sender = "kim@mailbox.example", Text = plain, Html = html, TextIsOfHtml = true });
    }

    private static string Long(IReadOnlyList<string> texts, string between)
    {
        var text = new StringBuilder();
        for (var i = 0; text.Length < 20_000; i++)
            text.Append(texts[i % texts.Count]).Append(between);
        return text.ToString(0, 20_000);
    }

    /// <summary>The twentieth fastest of many single runs: what the work costs, without what else the machine does meanwhile.</summary>
    private static void Time(string what, ScreenedMail mail)
    {
        var times = new List<double>();
        for (var i = 0; i < 4000; i++)
        {
            var start = Stopwatch.GetTimestamp();
            MailScreen.Run(mail, Known);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }
        times.Sort();
        Console.WriteLine($"  {times[20],7:F1} µs  {what}");
    }
}
