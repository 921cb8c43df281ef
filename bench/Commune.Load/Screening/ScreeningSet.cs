using System.Text;
using Commune.Ai.Screening;
using Commune.Mail.Mime;

namespace Commune.Load;

/// <summary>One sample mail, parsed as a received one.</summary>
/// <param name="HeldOut">Every third: not looked at while the rules are tuned.</param>
internal sealed record ScreeningSample(string Name, bool HeldOut, ScreenedMail Mail);

/// <summary>Our own sample mails: <c>%%% name</c>, fields, a blank line, the body.</summary>
internal static class ScreeningSet
{
    public static IReadOnlyList<ScreeningSample> Read(string file)
    {
        using var stream = typeof(ScreeningSet).Assembly.GetManifestResourceStream($"Commune.Load.Screening.{file}.txt")
            ?? throw new LoadException($"The sample mails {file} are not in this program");
        var text = new StreamReader(stream, Encoding.UTF8).ReadToEnd();
        var samples = text.Split("%%% ", StringSplitOptions.RemoveEmptyEntries);
        return [.. samples.Select(static (sample, index) => Parse(sample, index % 3 == 2))];
    }

    private static ScreeningSample Parse(string sample, bool heldOut)
    {
        var nameEnd = sample.IndexOf('\n', StringComparison.Ordinal);
        var bodyStart = sample.IndexOf("\n\n", StringComparison.Ordinal);
        var html = false;
        string? attachment = null;
        var mail = new StringBuilder("Date: Fri, 20 Nov 2026 10:00:00 +0000\r\nMessage-ID: <sample@mailbox.example>\r\nTo: agent@commune.example\r\nMIME-Version: 1.0\r\n");
        foreach (var line in sample[(nameEnd + 1)..bodyStart].Split('\n'))
        {
            if (line.StartsWith("Html:", StringComparison.Ordinal))
                html = true;
            else if (line.StartsWith("Attachment:", StringComparison.Ordinal))
                attachment = line[11..].Trim();
            else
                mail.Append(DisguiseMacros.Expand(line)).Append("\r\n");
        }
        var part = $"Content-Type: {(html ? "text/html" : "text/plain")}; charset=utf-8\r\n\r\n{DisguiseMacros.Expand(sample[(bodyStart + 2)..]).ReplaceLineEndings("\r\n")}";
        if (attachment is null)
            mail.Append(part);
        else
            mail.Append("Content-Type: multipart/mixed; boundary=part\r\n\r\n--part\r\n").Append(part)
                .Append("\r\n--part\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"").Append(attachment).Append("\"\r\n\r\n%PDF\r\n--part--\r\n");
        var message = MimeParser.Parse(Encoding.UTF8.GetBytes(mail.ToString()));
        return new ScreeningSample(sample[..nameEnd].Trim(), heldOut, ScreenedMail.Of(message, MessageContent.From(message)));
    }
}
