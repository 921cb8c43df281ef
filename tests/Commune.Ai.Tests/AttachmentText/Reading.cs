using System.Text;
using Commune.Ai.AttachmentText;

namespace Commune.Ai.Tests.AttachmentText;

/// <summary>Short ways to read something and look at what came of it.</summary>
internal static class Reading
{
    public static AttachmentReading Of(byte[] content, string? fileName = null, string? mediaType = null, AttachmentLimits? limits = null) =>
        AttachmentReader.Read(content, fileName, mediaType, limits ?? AttachmentLimits.Default, CancellationToken.None);

    public static string TextOf(byte[] content, string? fileName = null, string? mediaType = null)
    {
        var text = Assert.IsType<AttachmentReading.Text>(Of(content, fileName, mediaType));
        Assert.False(text.IsCut);
        return text.Value;
    }

    public static string TextOf(string content, string fileName) => TextOf(Encoding.UTF8.GetBytes(content), fileName);

    public static UnreadableReason ReasonOf(byte[] content, string? fileName = null, string? mediaType = null, AttachmentLimits? limits = null) =>
        Assert.IsType<AttachmentReading.Unreadable>(Of(content, fileName, mediaType, limits)).Reason;
}
