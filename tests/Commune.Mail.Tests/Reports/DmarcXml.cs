using System.IO.Compression;
using System.Text;

namespace Commune.Mail.Tests.Reports;

/// <summary>Reports typed in the manner of the reporters.</summary>
internal static class DmarcXml
{
    public const string Google = """
        <?xml version="1.0" encoding="UTF-8" ?>
        <feedback>
          <report_metadata>
            <org_name>google.com</org_name>
            <email>noreply-dmarc-support@google.com</email>
            <extra_contact_info>https://support.google.com/a/answer/2466580</extra_contact_info>
            <report_id>7101</report_id>
            <date_range><begin>1763596800</begin><end>1763683199</end></date_range>
          </report_metadata>
          <policy_published>
            <domain>Ours.example</domain><adkim>s</adkim><aspf>r</aspf><p>reject</p><sp>quarantine</sp><pct>50</pct><np>reject</np>
          </policy_published>
          <record>
            <row>
              <source_ip>192.0.2.1</source_ip><count>12</count>
              <policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>pass</spf></policy_evaluated>
            </row>
            <identifiers><header_from>ours.example</header_from></identifiers>
            <auth_results>
              <dkim><domain>relay.example</domain><result>pass</result><selector>r1</selector></dkim>
              <dkim><domain>ours.example</domain><result>pass</result><selector>s1</selector></dkim>
              <spf><domain>bounce.ours.example</domain><result>pass</result></spf>
            </auth_results>
          </record>
          <record>
            <row>
              <source_ip>2001:DB8:0:0::5</source_ip><count>3</count>
              <policy_evaluated><disposition>quarantine</disposition><dkim>fail</dkim><spf>fail</spf>
                <reason><type>mailing_list</type><comment>arc=pass</comment></reason>
                <reason><type>local_policy</type></reason>
              </policy_evaluated>
            </row>
            <identifiers><envelope_to>gmail.com</envelope_to><envelope_from>x.example</envelope_from><header_from>ours.example</header_from></identifiers>
            <auth_results><spf><domain>x.example</domain><scope>mfrom</scope><result>softfail</result></spf></auth_results>
          </record>
        </feedback>
        """;

    /// <summary>Attributes on the root, a version first, empty elements.</summary>
    public const string Microsoft = """
        <?xml version="1.0"?>
        <feedback xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
          <version>1.0</version>
          <report_metadata><org_name>Enterprise Outlook</org_name><email>dmarcreport@microsoft.com</email><report_id>0a1b2c</report_id><date_range><begin>1763596800</begin><end>1763683200</end></date_range></report_metadata>
          <policy_published><domain>ours.example</domain><adkim>r</adkim><aspf>r</aspf><p>none</p><sp>none</sp><pct>100</pct><fo>0</fo></policy_published>
          <record><row><source_ip>192.0.2.7</source_ip><count>1</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row>
          <identifiers><envelope_to>there.example</envelope_to><envelope_from /><header_from>ours.example</header_from></identifiers>
          <auth_results><dkim><domain>ours.example</domain><selector>s1</selector><result>pass</result></dkim><spf><domain></domain><scope>helo</scope><result>none</result></spf></auth_results></record>
        </feedback>
        """;

    /// <summary>A namespace with a prefix, the policy first, identities for identifiers, tags left out.</summary>
    public const string Yahoo = """
        <?xml version="1.0"?>
        <d:feedback xmlns:d="http://dmarc.org/dmarc-xml/0.1">
          <d:policy_published><d:domain>ours.example</d:domain><d:p>quarantine</d:p></d:policy_published>
          <d:record>
            <d:auth_results><d:dkim><d:domain>ours.example</d:domain><d:result>permerror</d:result></d:dkim></d:auth_results>
            <d:identities><d:header_from>ours.example</d:header_from></d:identities>
            <d:row><d:policy_evaluated><d:spf>PASS</d:spf><d:dkim>fail</d:dkim><d:disposition>none</d:disposition></d:policy_evaluated><d:count> 7 </d:count><d:source_ip>
              192.0.2.8
            </d:source_ip></d:row>
          </d:record>
          <d:report_metadata><d:date_range><d:end>1763683200</d:end><d:begin>1763596800</d:begin></d:date_range><d:report_id>1763.4</d:report_id><d:org_name>Yahoo</d:org_name><d:email>dmarchelp@yahooinc.com</d:email></d:report_metadata>
        </d:feedback>
        """;

    /// <summary>A default namespace, CDATA, comments, unknown elements with children of familiar names.</summary>
    public const string MailRu = """
        <?xml version='1.0' encoding='utf-8'?>
        <!-- made by hand -->
        <feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">
          <report_metadata><org_name><![CDATA[Mail.Ru]]></org_name><email>dmarc_support@corp.mail.ru</email><report_id>&lt;55@mail.ru&gt;</report_id><date_range><begin>1763596800</begin><end>1763683200</end></date_range><error>none</error></report_metadata>
          <policy_published><domain>ours.example.</domain><p>none</p><discovery_method>treewalk</discovery_method></policy_published>
          <extension><record><row><count>1000</count></row></record></extension>
          <record><row><source_ip>::ffff:192.0.2.9</source_ip><count>2</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>pass</spf><extra><dkim>fail</dkim></extra></policy_evaluated></row><identifiers><header_from>ours.example</header_from></identifiers></record>
        </feedback>
        """;

    /// <summary>All on one line, and a human result.</summary>
    public const string Fastmail = """<?xml version="1.0"?><feedback><version>1</version><report_metadata><org_name>Fastmail Pty Ltd</org_name><email>noreply@dmarc.fastmail.example</email><report_id>638.1</report_id><date_range><begin>1763596800</begin><end>1763683199</end></date_range></report_metadata><policy_published><domain>ours.example</domain><adkim>r</adkim><aspf>s</aspf><p>quarantine</p><sp>reject</sp><pct>100</pct><fo>1:d:s</fo></policy_published><record><row><source_ip>192.0.2.3</source_ip><count>4</count><policy_evaluated><disposition>reject</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row><identifiers><envelope_to>fastmail.example</envelope_to><envelope_from>x.example</envelope_from><header_from>ours.example</header_from></identifiers><auth_results><dkim><domain>ours.example</domain><selector>old</selector><result>fail</result><human_result>fail (body has been altered)</human_result></dkim><spf><domain>x.example</domain><scope>mfrom</scope><result>none</result></spf></auth_results></record></feedback>""";

    /// <summary>No declaration, auth_results before the row, an SPF result twice, a signature without selector.</summary>
    public const string AmazonSes = """
        <feedback xmlns:xs="http://www.w3.org/2001/XMLSchema">
          <version>1.0</version>
          <report_metadata><org_name>AMAZON-SES</org_name><email>postmaster@amazonses.com</email><report_id>5b2c-77</report_id><date_range><begin>1763596800</begin><end>1763683200</end></date_range></report_metadata>
          <policy_published><domain>ours.example</domain><adkim>r</adkim><aspf>r</aspf><p>none</p><sp/><pct/><fo/></policy_published>
          <record>
            <auth_results><spf><domain>a.example</domain><result>fail</result></spf><spf><domain>ours.example</domain><result>pass</result></spf><dkim><domain>ours.example</domain><result>pass</result></dkim></auth_results>
            <identifiers><header_from>OURS.example</header_from></identifiers>
            <row><source_ip>192.0.2.4</source_ip><count>9</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>pass</spf></policy_evaluated></row>
          </record>
        </feedback>
        """;

    public static byte[] Bytes(string xml) => Encoding.UTF8.GetBytes(xml);

    public static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    public static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        using var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }
        return packed.ToArray();
    }
}
