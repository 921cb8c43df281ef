namespace Commune.Ai.Screening;

public sealed record ScreeningResult(SpamVerdict Spam, InjectionVerdict Injection);

/// <summary>Screens a mail for spam and for orders to the models that will read it, over one look at its HTML.</summary>
public static class MailScreen
{
    public static ScreeningResult Run(ScreenedMail mail, SenderEvidence sender)
    {
        ArgumentNullException.ThrowIfNull(mail);
        var html = mail.Html is { } source ? ScreenedHtml.Of(source) : null;
        return new ScreeningResult(SpamScreen.Run(mail, html, sender), InjectionScreen.Run(mail, html));
    }
}
