using System.Collections.Frozen;

namespace Commune.Mail.Text;

/// <summary>"-----Original Message-----", as Outlook and others write it in their languages.</summary>
internal static class OriginalPhrases
{
    private static readonly string[] Phrases =
    [
        "original message", "original appointment", "reply message", "original mail", "original email", "ursprüngliche nachricht", "originalnachricht",
        "ursprüngliche mail", "ursprünglicher termin", "message d'origine", "message d’origine", "message original", "message initial", "mensaje original",
        "messaggio originale", "mensagem original", "oorspronkelijk bericht", "origineel bericht", "wiadomość oryginalna", "oryginalna wiadomość",
        "původní zpráva", "původní e-mail", "pôvodná správa", "originalmeddelande", "ursprungligt meddelande", "oprindelig meddelelse", "opprinnelig melding",
        "opprinnelig meddelelse", "alkuperäinen viesti", "eredeti üzenet", "mesaj original", "mesajul original", "исходное сообщение", "оригинальное сообщение",
        "исходное письмо", "вихідне повідомлення", "оригінальне повідомлення", "початкове повідомлення", "αρχικό μήνυμα", "özgün ileti", "orijinal mesaj",
        "原始邮件", "邮件原件", "原邮件", "原始郵件", "原始信件", "元のメッセージ", "元のメール", "원본 메시지", "원본 메일", "הודעה מקורית", "الرسالة الأصلية", "رسالة أصلية",
        "missatge original", "izvorna poruka", "izvirno sporočilo", "originali žinutė", "sākotnējais ziņojums", "algne kiri", "thư gốc", "pesan asli",
    ];

    // What ticket systems ask for.
    private static readonly string[] Above = ["reply above this line", "write above this line", "oberhalb dieser zeile", "au-dessus de cette ligne", "encima de esta línea"];

    public static bool Announces(ReadOnlySpan<char> line)
    {
        if (DashedPhrase.Is(line, Phrases))
            return true;
        if (line.Length > 120 || !line.StartsWith('#') && !line.StartsWith('-') && !line.StartsWith('='))
            return false;
        foreach (var phrase in Above)
        {
            if (line.Contains(phrase, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}

/// <summary>"---------- Forwarded message ---------" and "Begin forwarded message:".</summary>
internal static class ForwardPhrases
{
    private static readonly string[] Dashed =
    [
        "forwarded message", "forwarded mail", "forwarded by", "weitergeleitete nachricht", "weitergeleitet von", "weitergeleitete mail",
        "message transféré", "message réexpédié", "courriel transféré", "mensaje reenviado", "mensaje enviado", "messaggio inoltrato", "mensagem encaminhada",
        "mensagem reencaminhada", "doorgestuurd bericht", "doorgestuurde bericht", "wiadomość przekazana dalej", "przekazana wiadomość",
        "treść przekazanej wiadomości", "přeposlaná zpráva", "přeposlaný e-mail", "preposlaná správa", "vidarebefordrat meddelande", "vidarebefordrat mejl",
        "vidarebefordrat brev", "videresendt meddelelse", "videresendt besked", "videresendt melding", "videresendt mail", "välitetty viesti",
        "edelleenlähetetty viesti", "továbbított üzenet", "továbbított levél", "mesaj redirecționat", "mesaj redirectionat", "пересылаемое сообщение",
        "перенаправленное сообщение", "пересланное сообщение", "переадресоване повідомлення", "переслане повідомлення", "προωθημένο μήνυμα",
        "yönlendirilen ileti", "iletilen mesaj", "iletilen ileti", "转发的邮件", "转发邮件", "转发消息", "轉寄郵件", "轉寄的郵件", "轉寄信件", "forwarded message",
        "転送メッセージ", "転送されたメッセージ", "転送メール", "전달된 메시지", "전달된 메일", "전달 메시지", "הודעה שהועברה", "הודעה מועברת", "رسالة معاد توجيهها",
        "رسالة مُعاد توجيهها", "الرسالة المعاد توجيهها", "missatge reenviat", "proslijeđena poruka", "posredovano sporočilo", "persiųstas laiškas",
    ];

    private static readonly string[] Beginnings =
    [
        "begin forwarded message", "anfang der weitergeleiteten nachricht", "anfang der weitergeleiteten e-mail", "début du message réexpédié",
        "début du message transféré", "inicio del mensaje reenviado", "inizio messaggio inoltrato", "início da mensagem encaminhada",
        "início da mensagem reencaminhada", "begin doorgestuurd bericht", "początek przekazywanej wiadomości", "začátek přeposílané zprávy",
        "začátek přeposlané zprávy", "vidarebefordrat brev", "start på videresendt besked", "start på videresendt e-mail", "begynnelse på videresendt melding",
        "videresendt melding", "välitetty viesti alkaa", "továbbított üzenet kezdete", "începutul mesajului redirecționat", "начало переадресованного сообщения",
        "початок листа, що пересилається", "αρχή προωθημένου μηνύματος", "iletilen iletinin başlangıcı", "开始转发的邮件", "开始转发的电子邮件", "開始轉寄郵件",
        "転送されたメッセージ", "전달된 메시지 시작", "תחילת ההודעה שהועברה", "بدء الرسالة المعاد توجيهها",
    ];

    public static bool Announces(ReadOnlySpan<char> line)
    {
        if (DashedPhrase.Is(line, Dashed))
            return true;
        var text = line.TrimEnd(" :：\u00A0");
        // The colon tells the announcement from a sentence.
        if (text.Length == line.Length || text.Length > 60)
            return false;
        foreach (var beginning in Beginnings)
        {
            if (text.Equals(beginning, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}

/// <summary>Words between two rules of dashes.</summary>
internal static class DashedPhrase
{
    private const int Longest = 200;

    public static bool Is(ReadOnlySpan<char> line, string[] phrases)
    {
        if (line.Length > Longest || line.IsEmpty || line[0] is not ('-' or '_' or '*' or '—' or '–' or '='))
            return false;
        var words = line.Trim("-_*—–= \t\u00A0:");
        // "- forwarded message" is an item of a list.
        if (line.Length - words.Length < 4)
            return false;
        foreach (var phrase in phrases)
        {
            if (words.StartsWith(phrase, StringComparison.OrdinalIgnoreCase)
                && (words.Length == phrase.Length || !char.IsLetter(words[phrase.Length])))
            {
                return true;
            }
        }
        return false;
    }
}

/// <summary>Which field of a mail header a label names.</summary>
[Flags]
internal enum HeaderLabel : byte
{
    None = 0,
    From = 1,
    Date = 2,
    To = 4,
    Subject = 8,
}

/// <summary>The labels of the header that mail programs repeat above earlier mail: "Von: … Gesendet: … An: … Betreff: …".</summary>
internal static class HeaderLabels
{
    private const int Longest = 30;

    private static readonly FrozenDictionary<string, HeaderLabel> Known = Labels().ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    private static readonly FrozenDictionary<string, HeaderLabel>.AlternateLookup<ReadOnlySpan<char>> Lookup = Known.GetAlternateLookup<ReadOnlySpan<char>>();

    public static HeaderLabel KindOf(ReadOnlySpan<char> line)
    {
        var colon = line[..Math.Min(line.Length, Longest)].IndexOfAny(':', '：');
        if (colon <= 0)
            return HeaderLabel.None;
        return Lookup.TryGetValue(line[..colon].Trim(" *_\t\u00A0|"), out var kind) ? kind : HeaderLabel.None;
    }

    private static Dictionary<string, HeaderLabel> Labels()
    {
        var labels = new Dictionary<string, HeaderLabel>(StringComparer.OrdinalIgnoreCase);
        Add(HeaderLabel.From, "From", "Von", "De", "Da", "Van", "Od", "Från", "Fra", "Frá", "Lähettäjä", "Feladó", "De la", "Expéditeur", "Mittente", "Remetente",
            "Absender", "От", "Від", "Από", "Kimden", "Gönderen", "发件人", "寄件者", "寄件人", "發件人", "差出人", "送信者", "보낸 사람", "보낸사람", "보낸이", "מאת", "من",
            "От кого", "Nuo", "No", "Saatja", "Từ", "Dari", "จาก", "Remitente", "Afzender");
        Add(HeaderLabel.Date, "Sent", "Date", "Sent at", "Sent on", "Gesendet", "Gesendet am", "Datum", "Envoyé", "Envoyé le", "Enviado", "Enviado el", "Enviada em",
            "Enviado em", "Enviada", "Fecha", "Inviato", "Data", "Verzonden", "Verzonden op", "Wysłano", "Wysłane", "Data wysłania", "Odesláno", "Odoslané", "Dátum",
            "Skickat", "Sendt", "Dato", "Sent date", "Lähetetty", "Päivämäärä", "Päiväys", "Küldve", "Elküldve", "Trimis", "Дата", "Отправлено", "Надіслано",
            "Дата отправки", "Στάλθηκε", "Ημερομηνία", "Εστάλη", "Gönderildi", "Gönderme Tarihi", "Tarih", "发送时间", "日期", "寄件日期", "傳送時間", "發送日期", "時間", "时间",
            "送信日時", "日付", "日時", "보낸 날짜", "날짜", "보낸날짜", "תאריך", "נשלח", "נשלח ב", "تاريخ", "التاريخ", "أرسلت", "تم الإرسال", "Poslano", "Ngày", "Đã gửi", "Ngày gửi", "تاريخ الإرسال", "Tanggal", "Dikirim");
        Add(HeaderLabel.To, "To", "An", "À", "A", "Para", "Aan", "Do", "Komu", "Till", "Til", "Vastaanottaja", "Címzett", "Către", "Pour", "Destinataire", "Empfänger",
            "Destinatario", "Destinatário", "Кому", "До", "Προς", "Kime", "Alıcı", "收件人", "收件者", "宛先", "받는 사람", "받는사람", "אל", "إلى", "Tới", "Đến", "Za", "Kam", "Cc", "Kopie",
            "Copie", "Copia", "Cópia", "DW", "UDW", "Kopia", "Kopi", "Kópia", "Másolat", "Копия", "Копія", "Κοιν", "Κοινοποίηση", "Bilgi", "抄送", "副本", "참조", "עותק", "نسخة");
        Add(HeaderLabel.Subject, "Subject", "Betreff", "Objet", "Asunto", "Oggetto", "Assunto", "Onderwerp", "Temat", "Předmět", "Predmet", "Ämne", "Emne", "Aihe",
            "Tárgy", "Subiect", "Тема", "Θέμα", "Konu", "主题", "主旨", "主題", "件名", "제목", "נושא", "الموضوع", "Assumpte", "Efni", "Teema", "Chủ đề", "Subjek", "Perihal");
        return labels;

        void Add(HeaderLabel kind, params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
                labels[name] = kind;
        }
    }
}
