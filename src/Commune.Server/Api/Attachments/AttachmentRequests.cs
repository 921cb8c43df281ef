using Commune.Server.Api.Description;

namespace Commune.Server.Api.Attachments;

/// <param name="Content">The file as base64; 10 MB decoded at most.</param>
/// <param name="MimeType">Standard is by the file name.</param>
[Example("""{ "filename": "hello.txt", "content": "SGVsbG8sIHdvcmxkIQ==", "mime_type": "text/plain" }""")]
internal sealed record UploadRequest(string Filename, string Content, string? MimeType);
