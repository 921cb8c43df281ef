using Microsoft.AspNetCore.StaticFiles;

namespace Commune.Server.Outbound;

/// <summary>The media type that a file name promises.</summary>
internal static class MediaTypes
{
    private static readonly FileExtensionContentTypeProvider Known = new();

    public static string OfFileName(string fileName) =>
        Known.TryGetContentType(fileName, out var type) ? type : "application/octet-stream";
}
