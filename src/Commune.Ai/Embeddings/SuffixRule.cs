namespace Commune.Ai.Embeddings;

/// <summary>One line of the stemmer's tables: what a word ends with, and what stands there after.</summary>
internal readonly record struct SuffixRule(string Suffix, string Replacement);
