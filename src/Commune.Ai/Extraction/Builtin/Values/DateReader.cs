using System.Globalization;
using System.Text.RegularExpressions;
using Commune.Ai.Extraction.Builtin.Words;

namespace Commune.Ai.Extraction.Builtin.Values;

#pragma warning disable MA0009, MA0023 // Their groups are read by number, in the order of the date. They read one line of bounded length, and no repetition is nested in another: there is nothing to backtrack into.

/// <summary>Reads dates: "2026-11-21", "21.11.26", "11/21/2026", "21st of November", "Nov 21, 2026", "12.–15. Dezember", "next Friday".</summary>
/// <param name="mail">The day of the mail.</param>
/// <param name="dayFirst">What "03/04/2026" means in this mail; null when it can't be told.</param>
internal sealed partial class DateReader(DateOnly? mail, bool? dayFirst)
{
    /// <param name="line">A line; what is read is blanked out.</param>
    /// <param name="offset">Where the line begins in the text.</param>
    public void Read(Span<char> line, int offset, List<TypedValue> values)
    {
        if (line.ContainsAnyInRange('0', '9'))
        {
            Each(Iso, line, offset, values, OfIso);
            Each(Numeric, line, offset, values, OfNumeric);
            Each(DayMonth, line, offset, values, OfDayMonth);
            Each(MonthDay, line, offset, values, OfMonthDay);
            Each(DayAndMonth, line, offset, values, OfDayAndMonth);
        }
        Each(Near, line, offset, values, OfNear);
    }

    private static void Each(Regex regex, Span<char> line, int offset, List<TypedValue> values, Action<string, int, List<TypedValue>> read)
    {
        foreach (var match in regex.EnumerateMatches(line))
        {
            var before = values.Count;
            read(line.Slice(match.Index, match.Length).ToString(), offset + match.Index, values);
            if (values.Count > before)
                line.Slice(match.Index, match.Length).Fill('\u0001');
        }
    }

    private void OfIso(string text, int at, List<TypedValue> values)
    {
        var match = Iso.Match(text);
        var day = Calendar.Of(Number(match, 1), Number(match, 2), Number(match, 3));
        if (day is null)
            return;
        TimeOnly? clock = null;
        TimeSpan? offset = null;
        if (match.Groups[4].Success && Number(match, 4) < 24 && Number(match, 5) < 60)
        {
            clock = new TimeOnly(Number(match, 4), Number(match, 5), Math.Min(Number(match, 6), 59));
            if (match.Groups[7].Success)
                offset = OffsetOf(match.Groups[7].ValueSpan);
        }
        values.Add(new TypedValue(ValueKind.Date, at, at + text.Length) { Day = day, Clock = clock, Offset = offset });
    }

    private static TimeSpan? OffsetOf(ReadOnlySpan<char> zone)
    {
        if (zone is "Z" or "z")
            return TimeSpan.Zero;
        var hours = int.Parse(zone.Slice(1, 2), CultureInfo.InvariantCulture);
        var minutes = int.Parse(zone[^2..], CultureInfo.InvariantCulture);
        return hours > 14 || minutes > 59 ? null : new TimeSpan(hours, minutes, 0) * (zone[0] == '-' ? -1 : 1);
    }

    private void OfNumeric(string text, int at, List<TypedValue> values)
    {
        var match = Numeric.Match(text);
        var (first, second) = (Number(match, 2), Number(match, 4));
        var year = Calendar.FullYear(Number(match, 5), mail);
        var byDay = first > 12 || match.Groups[3].ValueSpan is "." ? true : second > 12 ? false : first == second ? true : dayFirst;
        var day = byDay is null ? null : byDay.Value ? Calendar.Of(year, second, first) : Calendar.Of(year, first, second);
        if (day is null && byDay is not null)
            return;
        var start = at + match.Groups[2].Index;
        if (match.Groups[1].Success && day is { } last && byDay == true && Calendar.Of(last.Year, last.Month, Number(match, 1)) is { } from && from < last)
        {
            values.Add(new TypedValue(ValueKind.Date, at, start) { Day = from, RangeSide = -1 });
            values.Add(new TypedValue(ValueKind.Date, start, at + text.Length) { Day = day, RangeSide = 1 });
            return;
        }
        values.Add(new TypedValue(ValueKind.Date, start, at + text.Length) { Day = day });
    }

    private void OfDayMonth(string text, int at, List<TypedValue> values)
    {
        var match = DayMonth.Match(text);
        var month = Calendar.MonthOf(Folded.Of(match.Groups[3].ValueSpan));
        AddNamed(text, at, match.Groups[1], match.Groups[2], month, match.Groups[4], values);
    }

    private void OfMonthDay(string text, int at, List<TypedValue> values)
    {
        var match = MonthDay.Match(text);
        var month = Calendar.MonthOf(Folded.Of(match.Groups[1].ValueSpan));
        if (match.Groups[3].Success)
            AddNamed(text, at, match.Groups[2], match.Groups[3], month, match.Groups[4], values);
        else
            AddNamed(text, at, match.Groups[3], match.Groups[2], month, match.Groups[4], values);
    }

    /// <param name="from">The first day of a range; no match without one.</param>
    private void AddNamed(string text, int at, Group from, Group day, int month, Group year, List<TypedValue> values)
    {
        if (month == 0)
            return;
        DateOnly? Day(Group number) => year.Success
            ? Calendar.Of(Calendar.FullYear(int.Parse(year.ValueSpan, CultureInfo.InvariantCulture), mail), month, int.Parse(number.ValueSpan, CultureInfo.InvariantCulture))
            : Calendar.WithoutYear(month, int.Parse(number.ValueSpan, CultureInfo.InvariantCulture), mail);
        var last = Day(day);
        if (last is null && (year.Success || mail is not null))
            return;
        var end = at + text.AsSpan().TrimEnd(" ,").Length;
        if (from.Success && Day(from) is { } first && first < last)
        {
            values.Add(new TypedValue(ValueKind.Date, at, at + day.Index) { Day = first, RangeSide = -1, IsRelative = !year.Success });
            values.Add(new TypedValue(ValueKind.Date, at + day.Index, end) { Day = last, RangeSide = 1, IsRelative = !year.Success });
            return;
        }
        values.Add(new TypedValue(ValueKind.Date, at, end) { Day = last, IsRelative = !year.Success });
    }

    // "am 3.12." of German.
    private void OfDayAndMonth(string text, int at, List<TypedValue> values)
    {
        var match = DayAndMonth.Match(text);
        if (Calendar.WithoutYear(Number(match, 2), Number(match, 1), mail) is { } day)
            values.Add(new TypedValue(ValueKind.Date, at, at + text.Length) { Day = day, IsRelative = true });
    }

    private void OfNear(string text, int at, List<TypedValue> values)
    {
        if (mail is not { } today)
            return;
        var match = Near.Match(text);
        var word = Folded.Of(match.Groups[2].ValueSpan);
        // "Guten Morgen" is no day.
        if (match.Groups[2].ValueSpan is "Morgen" || (word == "morgen" && match.Groups[1].Success))
            return;
        if (!match.Groups[1].Success && Calendar.TryNearDay(word, out var days))
        {
            values.Add(new TypedValue(ValueKind.Date, at, at + text.Length) { Day = today.AddDays(days), IsRelative = true });
            return;
        }
        var weekday = Calendar.WeekdayOf(word);
        if (weekday == 0 || !match.Groups[1].Success)
            return;
        var ahead = (weekday - (today.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)today.DayOfWeek) + 7) % 7;
        var start = at + match.Groups[2].Index;
        values.Add(new TypedValue(ValueKind.Date, start, at + text.Length) { Day = today.AddDays(ahead == 0 ? 7 : ahead), IsRelative = true, IsWeekday = true });
    }

    private static int Number(Match match, int group) =>
        int.TryParse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private const string Month =
        @"(jan(?:uary|uar|uari|eiro|vier|v)?|j[äa]nner|enero|ene|gennaio|feb(?:ruary|ruar|ruari|rero|braio)?|f[ée]v(?:rier|r|ereiro)?|mar(?:ch|s|zo|ço|co)?|m[äa]e?rz|mrz|maart|mrt|ap(?:ril|rile|r)|avr(?:il)?|abr(?:il)?|ma[iy]o?|maio|maggio|mei|june?|juni|juin|junio|junho|giugno|giu|july?|juli|juillet|juil|julio|julho|luglio|lug|aug(?:ust|ustus)?|ao[ûu]t|agosto|sep(?:t|tember|tembre|tiembre)?|set(?:tembre|embro)|o[ck]t(?:ober|obre|ubre)?|ott(?:obre)?|outubro|nov(?:ember|embre|iembre|embro)?|de[czç](?:ember|embre|iembre|embro)?|d[ée]c(?:embre)?|dic(?:iembre|embre)?)";

    [GeneratedRegex(@"(?<![\d.-])(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:(?:T|\s)(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?\s?(Z|[+-]\d{2}:?\d{2})?)?(?![\d-])", Options)]
    private static partial Regex Iso { get; }

    [GeneratedRegex(@"(?<![\w.,/-])(?:(\d{1,2})\.?\s?(?:-|–|—|bis|to|au|al|tot|até)\s?)?(\d{1,2})([./-])(\d{1,2})\3(\d{4}|\d{2})(?![\d-])", Options)]
    private static partial Regex Numeric { get; }

    [GeneratedRegex(@"(?<![\w.,/-])(?:(\d{1,2})(?:st|nd|rd|th|er|\.|º)?\s?(?:-|–|—|to|and|bis|au|al|a|tot|até|until|till|through|und|et|y)\s?(?:el\s|zum\s|the\s|le\s)?)?(\d{1,2})(?:st|nd|rd|th|er|\.|º)?\s?-?(?:of\s|de\s|d'|d’)?" + Month + @"(?!\p{L})\.?(?:,?\s?(?:de\s|del\s|-|/)?\s?(\d{4}))?(?!\d)", Options)]
    private static partial Regex DayMonth { get; }

    [GeneratedRegex(@"(?<!\p{L})" + Month + @"\.?\s(\d{1,2})(?:st|nd|rd|th)?(?!\d|:|\.\d)(?:\s?(?:-|–|—|to|through|until|and)\s?(\d{1,2})(?:st|nd|rd|th)?(?!\d|:|\s?[ap]\.?m))?(?:,?\s(\d{4}))?(?!\d)", Options)]
    private static partial Regex MonthDay { get; }

    [GeneratedRegex(@"(?<![\w.,/-])(\d{1,2})\.\s?(\d{1,2})\.(?!\d|\s\d{2,4}\b)", Options)]
    private static partial Regex DayAndMonth { get; }

    [GeneratedRegex(
        @"(?<![\w-])(?:(next|this|on|by|coming|until|before|nächsten|nächste|kommenden|am|diesen|bis|ce|prochain|el|este|próximo|il|questo|prossimo|aanstaande|op|komende|na|nesta|próxima|jeudi)\s(?:coming\s)?)?(today|tonight|tomorrow|heute|übermorgen|morgen|aujourd['’]hui|après-demain|demain|hoy|oggi|dopodomani|domani|vandaag|overmorgen|hoje|amanhã"
        + @"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag)(?![\w-])",
        Options)]
    private static partial Regex Near { get; }

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;
}
