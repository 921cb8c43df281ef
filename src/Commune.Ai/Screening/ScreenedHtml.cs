using Commune.Mail.Text;

namespace Commune.Ai.Screening;

/// <summary>What both screens look at in the HTML of a mail, read once.</summary>
/// <param name="Hidden">What no reader sees (<see cref="HtmlText.HiddenText"/>).</param>
/// <param name="Links">As many as the survey has, in its order.</param>
internal sealed record ScreenedHtml(HtmlSurvey Survey, string Hidden, IReadOnlyList<JudgedLink> Links)
{
    public string Text => Survey.Text;

    public static ScreenedHtml Of(string html)
    {
        var survey = HtmlSurvey.Of(html, out var hidden);
        var links = new JudgedLink[survey.Links.Count];
        for (var i = 0; i < links.Length; i++)
            links[i] = i > 0 && survey.Links[i] == survey.Links[i - 1] ? links[i - 1] : LinkScreen.Judge(survey.Links[i]);
        return new ScreenedHtml(survey, hidden, links);
    }
}
