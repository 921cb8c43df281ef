using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Commune.Server.Api.Description;

/// <summary>The comments on our types and members, from the XML file that the compiler writes beside the program.</summary>
internal sealed partial class XmlComments
{
    private readonly Dictionary<string, XElement> members;

    private XmlComments(Dictionary<string, XElement> members) => this.members = members;

    /// <summary>Without the file there are no comments, and the description has fewer words.</summary>
    public static XmlComments Of(Assembly assembly)
    {
        var path = Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml");
        return new XmlComments(File.Exists(path)
            ? XDocument.Load(path).Descendants("member").ToDictionary(static member => (string)member.Attribute("name")!, StringComparer.Ordinal)
            : []);
    }

    public string? OfType(Type type) => Text(Member("T:" + NameOf(type))?.Element("summary"));

    /// <summary>The summary of a handler: its own, else that of the class which is made of it.</summary>
    public string? OfHandler(MethodInfo handler)
    {
        var name = $"M:{NameOf(handler.DeclaringType!)}.{handler.Name}";
        var own = members.FirstOrDefault(member => member.Key.StartsWith(name + "(", StringComparison.Ordinal) || member.Key == name).Value;
        return Text(own?.Element("summary")) ?? OfType(handler.DeclaringType!);
    }

    /// <summary>The summary of a property, or what the record says of the parameter it is made from.</summary>
    public string? OfProperty(PropertyInfo property)
    {
        var type = property.DeclaringType!;
        return Text(Member($"P:{NameOf(type)}.{property.Name}")?.Element("summary"))
            ?? Text(Member("T:" + NameOf(type))?.Elements("param").FirstOrDefault(parameter => (string?)parameter.Attribute("name") == property.Name));
    }

    private XElement? Member(string name) => members.GetValueOrDefault(name);

    private static string NameOf(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    private static string? Text(XElement? element)
    {
        if (element is null)
            return null;
        var text = string.Concat(element.Nodes().Select(static node => node switch
        {
            XText words => words.Value,
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement { Name.LocalName: "paramref" } parameter => $"`{JsonNamingPolicy.SnakeCaseLower.ConvertName((string)parameter.Attribute("name")!)}`",
            XElement { Name.LocalName: "see" } link => $"`{((string?)link.Attribute("cref") ?? "").Split('.')[^1]}`",
            XElement other => other.Value,
            _ => "",
        }));
        text = Spaces().Replace(OurPapers().Replace(text, ""), " ").Trim();
        return text.Length == 0 ? null : text;
    }

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Spaces();

    /// <summary>References to papers that readers of the description do not have.</summary>
    [GeneratedRegex(@"\s*(\((contract section|docs/)[^)]*\)|of contract section \d+(\.\d+)?)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OurPapers();
}
