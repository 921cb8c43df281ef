namespace Commune.Ai.Screening;

/// <summary>The signals found so far. Of one kind the heaviest counts in full, the others little: saying a thing ten times does not make it ten things.</summary>
internal sealed class SignalList
{
    private const int MostKept = 64;
    private const int MostShown = 24;
    private const double Repeated = 0.15;

    private readonly List<InjectionSignal> _signals = [];

    public int Count => _signals.Count;

    public IReadOnlyList<InjectionSignal> Found => _signals;

    public void Add(string kind, double weight, string place, string quote)
    {
        weight = Math.Round(Math.Clamp(weight, 0, 0.97), 2);
        if (weight <= 0)
            return;
        var same = -1;
        for (var i = 0; i < _signals.Count && same < 0; i++)
            same = _signals[i].Kind == kind && _signals[i].Quote == quote ? i : -1;
        if (same >= 0)
        {
            if (_signals[same].Weight < weight)
                _signals[same] = new InjectionSignal(kind, weight, place, quote);
        }
        else if (_signals.Count < MostKept)
        {
            _signals.Add(new InjectionSignal(kind, weight, place, quote));
        }
        else if (_signals.FindIndex(signal => signal.Kind == kind && signal.Weight < weight) is >= 0 and var weaker)
        {
            _signals[weaker] = new InjectionSignal(kind, weight, place, quote);
        }
    }

    public InjectionVerdict Judge()
    {
        if (_signals.Count == 0)
            return new InjectionVerdict(0, "none", []);
        var innocent = 1.0;
        foreach (var kind in _signals.GroupBy(static signal => signal.Kind, StringComparer.Ordinal))
        {
            var first = true;
            foreach (var signal in kind.OrderByDescending(static signal => signal.Weight).Take(4))
            {
                innocent *= 1 - (first ? signal.Weight : signal.Weight * Repeated);
                first = false;
            }
        }
        var score = Math.Round(1 - innocent, 2);
        // One of each kind before a second of any.
        var shown = _signals.GroupBy(static signal => signal.Kind, StringComparer.Ordinal)
            .SelectMany(static kind => kind.OrderByDescending(static signal => signal.Weight).Select(static (signal, rank) => (signal, rank)))
            .OrderBy(static one => one.rank > 0).ThenByDescending(static one => one.signal.Weight)
            .Take(MostShown).Select(static one => one.signal);
        return new InjectionVerdict(score, InjectionVerdict.RiskOf(score), [.. shown.OrderByDescending(static signal => signal.Weight)]);
    }
}
