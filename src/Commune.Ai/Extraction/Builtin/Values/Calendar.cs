using System.Collections.Frozen;

namespace Commune.Ai.Extraction.Builtin.Values;

/// <summary>Names of months, weekdays and days near today, folded.</summary>
internal static class Calendar
{
    private static readonly FrozenDictionary<string, int> Months = Numbered(
        """
        january jan januar janner janvier janv enero ene gennaio gen januari janeiro
        february feb februar fevrier fevr fev febrero febbraio februari fevereiro
        march mar marz maerz mrz mars marzo maart mrt marco
        april apr avril avr abril abr aprile
        may mai mayo maggio mag mei maio
        june jun juni juin junio giugno giu junho
        july jul juli juillet juil julio luglio lug julho
        august aug aout agosto ago augustus
        september sep sept septembre septiembre settembre set setembro
        october oct oktober okt octobre octubre ottobre ott outubro out
        november nov novembre noviembre novembro
        december dec dezember dez decembre diciembre dic dicembre dezembro
        """);

    private static readonly FrozenDictionary<string, int> Weekdays = Numbered(
        """
        monday mon montag lundi lunes lunedi maandag segunda
        tuesday tue tues dienstag mardi martes martedi dinsdag terca
        wednesday wed mittwoch mercredi miercoles mercoledi woensdag quarta
        thursday thu thurs thur donnerstag jeudi jueves giovedi donderdag quinta
        friday fri freitag vendredi viernes venerdi vrijdag sexta
        saturday sat samstag sonnabend samedi sabado sabato zaterdag
        sunday sun sonntag dimanche domingo domenica zondag
        """);

    private static readonly FrozenDictionary<string, int> NearDays = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["today"] = 0, ["tonight"] = 0, ["heute"] = 0, ["aujourd'hui"] = 0, ["hoy"] = 0, ["oggi"] = 0, ["vandaag"] = 0, ["hoje"] = 0,
        ["tomorrow"] = 1, ["morgen"] = 1, ["demain"] = 1, ["domani"] = 1, ["amanha"] = 1,
        ["ubermorgen"] = 2, ["apres-demain"] = 2, ["dopodomani"] = 2, ["overmorgen"] = 2,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>A date that names no year is in the year that brings it nearest to the mail; what is behind it counts as farther.</summary>
    private const double PastWeight = 2.5;

    public static int MonthOf(string folded) => Months.GetValueOrDefault(folded);

    /// <summary>1 for Monday to 7, or 0.</summary>
    public static int WeekdayOf(string folded) => Weekdays.GetValueOrDefault(folded);

    public static bool TryNearDay(string folded, out int days) => NearDays.TryGetValue(folded, out days);

    public static DateOnly? Of(int year, int month, int day) =>
        year is >= 1 and <= 9999 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month) ? new DateOnly(year, month, day) : null;

    public static DateOnly? WithoutYear(int month, int day, DateOnly? mail)
    {
        if (mail is not { } today)
            return null;
        DateOnly? best = null;
        var distance = double.MaxValue;
        for (var year = today.Year - 1; year <= today.Year + 1; year++)
        {
            if (Of(year, month, day) is not { } date)
                continue;
            var days = date.DayNumber - today.DayNumber;
            var far = days < 0 ? -days * PastWeight : days;
            if (far < distance)
                (best, distance) = (date, far);
        }
        return best;
    }

    /// <summary>"26" is 2026, "85" is 1985.</summary>
    public static int FullYear(int year, DateOnly? mail) =>
        year >= 100 ? year : year + (year <= ((mail?.Year ?? 2026) % 100) + 10 ? 2000 : 1900);

    private static FrozenDictionary<string, int> Numbered(string lines)
    {
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in lines.Split('\n'))
        {
            number++;
            foreach (var name in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                names.TryAdd(name, number);
        }
        return names.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
