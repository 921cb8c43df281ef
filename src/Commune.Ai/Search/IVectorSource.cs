namespace Commune.Ai.Search;

/// <summary>Makes the vectors by which mail is found by meaning. Vectors of two models are never compared.</summary>
public interface IVectorSource
{
    /// <summary>Names the model and its version.</summary>
    string Model { get; }

    int Dimensions { get; }

    /// <summary>The vector of a message, one signed byte for each dimension; empty when the text says nothing that the model knows.</summary>
    /// <param name="words">What was added with its meaning: the subject, and what the mail adds; no quoted history, no signature.</param>
    sbyte[] OfMessage(DocumentTermsBuilder words);

    /// <summary>The vector of a query; null when the model abstains: too few of its words are known.</summary>
    sbyte[]? OfQuery(string text);
}
