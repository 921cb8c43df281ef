namespace Commune.Mail.Addresses;

/// <summary>Reads the address lists that mail really carries (RFC 5322 §3.4 and §4.4): what cannot be read is skipped.</summary>
public static class AddressList
{
    /// <summary>
    /// The mailboxes of a From, To, Cc… value, in order. Groups are flattened, comments and source routes dropped;
    /// a comment after a bare address is its name. Encoded words in names are decoded, never those in addresses.
    /// </summary>
    public static IReadOnlyList<Mailbox> Parse(string? headerValue)
    {
        if (string.IsNullOrWhiteSpace(headerValue))
            return [];
        var found = new List<Mailbox>();
        new AddressReader(headerValue, found).Read();
        return found;
    }
}
