namespace Commune.Ai.Screening;

/// <summary>
/// Pieces of words of which each suspicious sentence holds at least one: of all other sentences no more is looked at.
/// </summary>
internal static class Anchors
{
    private static readonly string[] Latin =
    [
        "ignor", "disregard", "forget", "overrid", "bypass", "set aside", "no attention", "discard", "abandon", "do not follow", "stop following", "missacht", "vergiss",
        "vergessen sie", "oublie", "pas compte", "olvid", "caso omiso", "dimentic", "esque", "desconsider", "negeer", "vergeet", "zapomn", "pomin ", "nezohled",
        "yok say", "dikkate alma", "bortse", "glom ", "bo qua", "abaikan", "lupakan", "figyelmen", "felejtsd", "you are", "act as", "pretend", "in character",
        "sie sind jetzt", "du bist", "vous etes", "ahora", "agora", "bent nu", "jestes", "artik", "maintenant", "d'ora", "ora sei", "from now on", "developer mode",
        "admin mode", "unrestricted", "restrictions", "directive", "void", "untrusted", "inviami", "set your", "neglect", "erase", "comply", "obey", "backwards",
        "decode", "rot13", "base64", "hex string", "interpret", "snoitcur", "tpmorp", "vtaber", "vafgehpg", "qvfertneq", "cebzcg", "uita ", "nu tine", "prompt",
        "system]", "assistant", "language model", " ai ", " ai,", " ai:", " ai.", "ai agent", "ai model", "ai system", "(ai ", "(ai)", "[ai ", "[ai]", "chatbot", "agent", "api key",
        "api-key", "cle api", "clave", "chiave", "password", "credential", "secret", "token", "private key", "passwor", "mot de passe", "senha", "haslo", "heslo",
        "wachtwoord", "losenord", "mat khau", "kata sandi", "parola", "jelszo", "verification code", "all emails", "all mails", "all mail to ", "every mail to ", "every email", "every message",
        "all messages", "inbox", "mailbox", "conversation", "last message", "attachments", "todos los correos", "silently", "do not tell", "not mention",
        "without asking", "without inform", "never tell", "confirmation", "authoris", "authoriz", "your developer", "new instruction", "new task", "objective",
        "instruction", "[inst", "[/inst", "<<sys", "### ", "human:", "role: ", "tool_call", "function", "_email", "curl ", "wget ", "powershell", "</email", "</user",
        "<tool", "end of ", "begin ", "\\u00", "summar", "run this", "render", "forwarding rule", "claude", "session]", "system ov", "the model", " llm", "chatgpt",
        " gpt", " ais ",
    ];

    private static readonly string[] Others =
    [
        "игнор", "ігнор", "забуд", "внимания", "следуй", "теперь ты", "тепер ти", "отныне", "промпт", "парол", "перешли", "системн", "без огранич", "忽略", "无视", "無視",
        "忽視", "忘记", "忘掉", "忘記", "忘れ", "不要", "现在是", "現在是", "扮演", "提示", "密码", "密碼", "密钥", "プロンプト", "指示", "パスワード", "あなたは今", "今からあなた", "무시", "잊어", "프롬프트", "비밀번호", "너는 이제", "당신은 이제", "تجاهل",
        "انس ", "تعليمات", "كلمة المرور", "أنت الآن", "התעלמ", "התעלם", "הוראות", "סיסמ", "अनदेखा", "भूल", "निर्देश", "पासवर्ड", "प्रॉम्प्ट", "เพิกเฉย", "ละเว้น",
        "คำสั่ง", "รหัสผ่าน", "αγνο", "ξεχ", "κωδικ", "προτροπ",
    ];

    private static readonly AnchorTable LatinTable = new([.. Latin.Select(Folded), .. FakeTurns.Marks]);
    private static readonly AnchorTable OtherTable = new(Others.Select(Folded), areShort: true);

    /// <summary>Walks over the places where a sentence could be suspicious, or a turn begin.</summary>
    public static AnchorScan Scan(ReadOnlySpan<char> folded, bool isAscii) => new(folded, LatinTable, isAscii ? null : OtherTable);

    private static string Folded(string text)
    {
        using var folded = FoldedText.Of(text, 100);
        return folded.Text.ToString();
    }
}

/// <summary>The anchors of a text, in order.</summary>
internal ref struct AnchorScan
{
    private const int NotRead = -2;

    private readonly ReadOnlySpan<char> _text;
    private readonly AnchorTable _latin;
    private readonly AnchorTable? _other;
    private int _nextLatin;
    private int _nextOther;

    public AnchorScan(ReadOnlySpan<char> text, AnchorTable latin, AnchorTable? other)
    {
        _text = text;
        _latin = latin;
        _other = other;
        _nextLatin = NotRead;
        _nextOther = other is null ? -1 : NotRead;
    }

    /// <summary>The first anchor at or behind a place; -1 when there is none.</summary>
    public int Next(int from)
    {
        if (_nextLatin != -1 && _nextLatin < from)
            _nextLatin = _latin.Next(_text, from);
        if (_nextOther != -1 && _nextOther < from)
            _nextOther = _other!.Next(_text, from);
        return _nextLatin < 0 ? _nextOther : _nextOther < 0 ? _nextLatin : Math.Min(_nextLatin, _nextOther);
    }
}
