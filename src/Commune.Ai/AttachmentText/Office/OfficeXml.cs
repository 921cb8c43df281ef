using System.Xml;

namespace Commune.Ai.AttachmentText.Office;

/// <summary>What the XML of all Office documents has in common.</summary>
internal static class OfficeXml
{
    /// <summary>The id of the relationship that an element names (<c>r:id</c>), in the transitional or the strict namespace.</summary>
    public static string? Reference(XmlReader reader)
    {
        for (var i = 0; i < reader.AttributeCount; i++)
        {
            reader.MoveToAttribute(i);
            if (reader.LocalName == "id" && reader.NamespaceURI.EndsWith("/relationships", StringComparison.Ordinal))
            {
                var id = reader.Value;
                reader.MoveToElement();
                return id;
            }
        }
        reader.MoveToElement();
        return null;
    }
}
