using System.Text.RegularExpressions;

namespace Commune.Mail.Text;

#pragma warning disable MA0009 // They read one line of bounded length, and no repetition is nested in another: there is nothing to backtrack into.

/// <summary>What links that confirm, sign in or reset are called, and what the others in the same mails are called.</summary>
internal static partial class LinkPhrases
{
    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace;

    /// <summary>In the text of a link, or beside an address.</summary>
    [GeneratedRegex(
        """
        \b(?:verify|verification|confirm|activate|validate|reset|unlock)|\b(?:sign|log)[\s-]?in\b|complete\s(?:your\s)?(?:registration|sign-?\s?up)|set\s(?:a\s|your\s)?(?:new\s)?password|(?:accept|join)\s(?:the\s|this\s|your\s)?invit
        |bestätig|verifizier|aktivier|freischalt|\banmelden|\beinloggen|zurücksetzen|confirme[rz]|vérifie[rz]|active[rz]|valide[rz]|réinitialise|se\sconnecter|connectez
        |confirma|verifi[ck]a|\bactiv[ae]|\bvalida|restablece|inici[ae]\ssesión|\bativ[ae]|redefin|\bentrar\b|conferma|\battiva|reimposta|\baccedi|bevestig|verifieer|activeer|\binloggen
        |bekräfta|verifiera|aktivera|bekræft|bekreft|logga\sin|potwierd|zweryfikuj|aktywuj|zaloguj|vahvista|ověř|potvrď|megerősít|doğrula|onayla|etkinleştir|confirmați
        |подтверд|активир|\bвойти|сброс|підтверд|確認|認証|有効化|ログイン|再設定|验证|驗證|确认|激活|登录|登入|重置|인증|확인|로그인|재설정|تأكيد|تفعيل|אימות|אשר
        """,
        Options)]
    public static partial Regex Text { get; }

    /// <summary>In the path or query of an address: made for this.</summary>
    [GeneratedRegex(@"verif|confirm|activat|validat|magic|reset|opt-?in|one-?time|onetime|bestaetig|passwordless|recover|set-?password", Options)]
    public static partial Regex Address { get; }

    /// <summary>In the path or query of an address: perhaps made for this.</summary>
    [GeneratedRegex(@"token|log-?in|sign-?in|auth|invit|accept|\bcode=|\bkey=|ticket=|\bsso\b|welcome|register|signup", Options)]
    public static partial Regex LikelyAddress { get; }

    [GeneratedRegex(
        """
        unsubscri|opt-?out|abbestell|\babmelden|austragen|désabonn|désinscri|darse\sde\sbaja|suscripci|disiscri|uitschrijv|afmelden|avregistrer|wypis|отпис|配信停止|退订|수신\s?거부
        |preferenc|einstellungen|privacy|datenschutz|impressum|\bterms|\bpolicy|\bhelp\b|help-?cent|\bsupport\b|contact|\bfaq|facebook|twitter|instagram|linkedin|youtube|tiktok|app\s?store|play\.google|view\s(?:it\s)?in\s(?:your\s)?browser|im\sbrowser|view-?online
        |didn.?t\s(?:request|make|sign)|not\syou|wasn.?t\s(?:you|me)|\breport\b|secure\s(?:your|my)\saccount|\.(?:png|jpe?g|gif|css|ico)$
        """,
        Options)]
    public static partial Regex Other { get; }

    [GeneratedRegex(@"reset|recover|passwor|passwort|kennwort|mot\sde\spasse|contraseña|senha|wachtwoord|hasł|парол|パスワード|密码|비밀번호", Options)]
    public static partial Regex Reset { get; }

    [GeneratedRegex(@"magic|passwordless|one-?time|\b(?:sign|log)[\s-]?in\b|signin|login|anmelden|einloggen|connecter|iniciar|accedi|inloggen|logga\sin|zaloguj|войти|ログイン|登录|로그인", Options)]
    public static partial Regex SignIn { get; }

    [GeneratedRegex(@"https?://[^\s<>""'\[\]()]+", Options)]
    public static partial Regex Url { get; }

    [GeneratedRegex(@"[A-Za-z0-9_.~-]{16,}", Options)]
    public static partial Regex LongToken { get; }
}
