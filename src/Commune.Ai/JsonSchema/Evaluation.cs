using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Commune.Ai.JsonSchema;

/// <summary>One validation under way: its errors, its dynamic scope, and what it may still cost.</summary>
internal sealed class Evaluation
{
    private readonly List<SchemaResource> scope = [];
    private List<SchemaError> errors = [];
    private int work = SchemaLimits.Work;
    private TimeSpan matching;
    private int depth;

    public bool LimitReached { get; private set; }

    /// <summary>From the outermost: what <c>$dynamicRef</c> looks through.</summary>
    public IReadOnlyList<SchemaResource> Scope => scope;

    public IReadOnlyList<SchemaError> Errors => errors;

    public bool Enter(SchemaNode node)
    {
        if (!Spend(1) || depth >= SchemaLimits.EvaluationDepth)
            return GiveUp();
        depth++;
        scope.Add(node.Resource);
        return true;
    }

    public void Leave(SchemaNode node)
    {
        Debug.Assert(ReferenceEquals(scope[^1], node.Resource));
        scope.RemoveAt(scope.Count - 1);
        depth--;
    }

    /// <summary>Counts work; false when there has been too much.</summary>
    public bool Spend(int steps)
    {
        if (LimitReached)
            return false;
        work -= steps;
        return work >= 0 || GiveUp();
    }

    /// <summary>Notes an error; always false, to be returned.</summary>
    public bool Fail(string instancePath, string schemaPath, string message)
    {
        if (errors.Count < SchemaLimits.Errors)
            errors.Add(new SchemaError(instancePath, schemaPath, message));
        return false;
    }

    /// <summary>Applies a subschema whose errors are no errors of the whole, and gives them to the caller.</summary>
    public (bool Valid, IReadOnlyList<SchemaError> Errors) Try(Func<bool> evaluate)
    {
        var outer = errors;
        errors = [];
        var valid = evaluate();
        var found = errors;
        errors = outer;
        return (valid, found);
    }

    /// <summary>Whether the text matches; a pattern that takes too long ends the validation.</summary>
    public bool Matches(Regex pattern, string text)
    {
        if (!Spend(1 + (text.Length / 16)))
            return false;
        var began = Stopwatch.GetTimestamp();
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return GiveUp();
        }
        finally
        {
            matching += Stopwatch.GetElapsedTime(began);
            if (matching > SchemaLimits.AllMatches)
                GiveUp();
        }
    }

    private bool GiveUp()
    {
        LimitReached = true;
        return false;
    }
}
