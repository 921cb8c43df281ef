using System.Globalization;

namespace Commune.Ai.Extraction;

/// <summary>Writes the keys of <see cref="ExtractionResult.Fields"/>: a JSON Pointer (RFC 6901) without its first slash.</summary>
public static class FieldPath
{
    /// <param name="parent">"" for the whole object.</param>
    public static string Of(string parent, string property)
    {
        ArgumentNullException.ThrowIfNull(property);
        var token = property.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
        return string.IsNullOrEmpty(parent) ? token : parent + "/" + token;
    }

    /// <param name="index">Of an element, from 0.</param>
    public static string Of(string parent, int index) => Of(parent, index.ToString(CultureInfo.InvariantCulture));
}
