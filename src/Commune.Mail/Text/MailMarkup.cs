using System.Collections.Frozen;

namespace Commune.Mail.Text;

/// <summary>The classes and ids by which mail programs mark quotations and signatures in HTML.</summary>
internal static class MailMarkup
{
    private static readonly FrozenDictionary<string, LineMarks>.AlternateLookup<ReadOnlySpan<char>> Known = new Dictionary<string, LineMarks>(StringComparer.OrdinalIgnoreCase)
    {
        // Gmail; its containers hold the announcement, the quotation and, where one answers between, the answers.
        ["gmail_attr"] = LineMarks.Attribution, ["gmail_quote"] = LineMarks.Attribution, ["gmail_quote_container"] = LineMarks.Attribution,
        ["gmail_signature"] = LineMarks.Signature, ["gmail_signature_prefix"] = LineMarks.Signature,
        // Outlook: desktop, web, phones, Mac.
        ["divRplyFwdMsg"] = LineMarks.Divider, ["appendonsend"] = LineMarks.Divider, ["OutlookMessageHeader"] = LineMarks.Divider,
        ["OLK_SRC_BODY_SECTION"] = LineMarks.Quoted, ["mail-editor-reference-message-container"] = LineMarks.Quoted,
        ["ms-outlook-mobile-reference-message"] = LineMarks.Quoted, ["mail-editor-reference-message"] = LineMarks.Quoted,
        ["Signature"] = LineMarks.Signature, ["ms-outlook-mobile-signature"] = LineMarks.Signature,
        // Apple Mail
        ["AppleMailSignature"] = LineMarks.Signature, ["lineBreakAtBeginningOfSignature"] = LineMarks.Signature,
        // Yahoo
        ["yahoo_quoted"] = LineMarks.Quoted, ["yahoo-signature"] = LineMarks.Signature, ["ymail_android_signature"] = LineMarks.Signature,
        ["yahoo_mail_signature"] = LineMarks.Signature,
        // Thunderbird
        ["moz-cite-prefix"] = LineMarks.Attribution, ["moz-signature"] = LineMarks.Signature, ["moz-forward-container"] = LineMarks.Forward,
        // Proton, Tuta, Zoho, Spark, Front, BlackBerry, Lotus and its heirs
        ["protonmail_quote"] = LineMarks.Attribution, ["protonmail_signature_block"] = LineMarks.Signature, ["tutanota_quote"] = LineMarks.Attribution,
        ["zmail_extra"] = LineMarks.Quoted, ["zmail_signature"] = LineMarks.Signature, ["messageReplySection"] = LineMarks.Quoted,
        ["messageSignatureSection"] = LineMarks.Signature, ["front-signature"] = LineMarks.Signature, ["bloop_sign"] = LineMarks.Signature,
        ["signaturebox"] = LineMarks.Signature, ["_originalContent"] = LineMarks.Quoted, ["replySplit"] = LineMarks.Divider, ["BB10_response_div"] = LineMarks.None,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    public static LineMarks Of(string name, HtmlAttributes attributes, in HtmlStyle style)
    {
        var marks = LineMarks.None;
        var cited = false;
        foreach (var attribute in attributes)
        {
            if (attribute.Name.Equals("class", StringComparison.OrdinalIgnoreCase) || attribute.Name.Equals("id", StringComparison.OrdinalIgnoreCase)
                || attribute.Name.Equals("name", StringComparison.OrdinalIgnoreCase))
            {
                foreach (var range in attribute.Value.Split(' '))
                    marks |= Named(attribute.Value[range]);
            }
            else if (attribute.Name.Equals("type", StringComparison.OrdinalIgnoreCase))
            {
                cited |= attribute.Value.Equals("cite", StringComparison.OrdinalIgnoreCase);
            }
        }
        if (name == "blockquote")
        {
            // Its lines are marked by ">"; only one without any sign of a quotation is the author's own.
            return !cited && marks == LineMarks.None && style.IsPlainIndent ? LineMarks.OwnQuotation : LineMarks.None;
        }
        if (style.HasTopBorder && name is "div")
            marks |= LineMarks.Border;
        return marks;
    }

    private static LineMarks Named(ReadOnlySpan<char> name)
    {
        // Outlook puts "x_" before the names of what it quotes or received.
        while (name.StartsWith("x_", StringComparison.OrdinalIgnoreCase))
            name = name[2..];
        if (Known.TryGetValue(name, out var marks))
            return marks;
        // Yahoo numbers them.
        return name.StartsWith("yahoo_quoted", StringComparison.OrdinalIgnoreCase) ? LineMarks.Quoted : LineMarks.None;
    }
}
