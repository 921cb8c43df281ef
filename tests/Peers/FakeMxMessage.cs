using System.Text;

namespace Commune.Peers;

/// <summary>One message that <see cref="FakeMx"/> took.</summary>
/// <param name="MailParameters">What stood behind the reverse-path: <c>SIZE=123 BODY=8BITMIME</c>.</param>
/// <param name="Recipients">Those that were accepted.</param>
/// <param name="Data">The content, dots unstuffed, with its last CRLF.</param>
/// <param name="Wire">The content as it came, without the final dot line.</param>
/// <param name="Connection">1 for the first connection.</param>
public sealed record FakeMxMessage(
    string HeloName,
    string ReversePath,
    string MailParameters,
    IReadOnlyList<string> Recipients,
    byte[] Data,
    byte[] Wire,
    bool IsTls,
    string? User,
    int Connection)
{
    /// <summary><see cref="Data"/> as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Data);
}
