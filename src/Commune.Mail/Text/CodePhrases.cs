using System.Text.RegularExpressions;

namespace Commune.Mail.Text;

#pragma warning disable MA0009 // They read one line of bounded length, and no repetition is nested in another: there is nothing to backtrack into.

/// <summary>The words that stand near a one-time code, in the languages that sign-up mails come in, and those that stand near other numbers.</summary>
internal static partial class CodePhrases
{
    /// <summary>Words that are said of one-time codes only.</summary>
    [GeneratedRegex(
        """
        \b(?:verification|verify|security|confirmation|confirm|access|log-?\s?in|sign-?\s?in|sign-?\s?up|auth(?:entication|orization)?|activation|2fa|two-factor|temporary|temp|one[-\s]time|single[-\s]use|pin|device|validation)[\s-](?:pass)?codes?\b
        |\bone[-\s]time\s(?:password|pin|passcode)\b|\botps?\b|\bpasscode\b|\bpin\b(?!\s?(?:board|it\b))
        |\b(?:your|this|the|following|enter|use)\s(?:[\w'’.-]+\s){0,2}code\b|\bcode\sbelow\b
        |bestätigungscode|verifizierungscode|sicherheitscode|einmal(?:code|passwort|kennwort)|zugangscode|anmeldecode|freischaltcode|aktivierungscode|\b(?:ihr|dein|folgenden?)\scode\b
        |\bcode\s(?:de\s(?:vérification|verification|confirmation|sécurité|securite|connexion|validation|sûreté)|d['’](?:accès|activation|authentification)|à\susage\sunique|secret)|\b(?:votre|ton)\scode\b|mot\sde\spasse\sà\susage\sunique
        |c[óo]digo\sde\s(?:verifica[\w]+|confirma[\w]+|seguridad|seguran[\w]+|acceso|acesso|activa[\w]+|ativa[\w]+|un\ssolo\suso|uso\súnico)|\b(?:su|tu|seu|teu)\sc[óo]digo\b
        |codice\s(?:di\s(?:verifica|conferma|sicurezza|accesso|attivazione)|temporaneo|monouso|otp)|\b(?:tuo|suo)\scodice\b
        |verificatiecode|bevestigingscode|beveiligingscode|inlogcode|toegangscode|\b(?:je|uw)\scode\b
        |kod\s(?:weryfikacyjny|potwierdzający|bezpieczeństwa|jednorazowy|aktywacyjny)|twój\skod
        |verifieringskod|bekräftelsekod|engångskod|säkerhetskod|inloggningskod|bekræftelseskode|bekreftelseskode|engangskode|verifiseringskode|sikkerhedskode|sikkerhetskode
        |vahvistuskoodi|ověřovací\skód|overovací\skód|ellenőrző\skód|cod\sde\s(?:verificare|confirmare)|κωδικός\s(?:επαλήθευσης|επιβεβαίωσης)|doğrulama\skodu|onay\skodu
        |код\s(?:подтверждения|доступа|безопасности|для\sвхода|підтвердження|активации)|проверочный\sкод|одноразовый|ваш\sкод|ваш\sпароль
        |認証コード|確認コード|検証コード|セキュリティコード|ワンタイムパスワード|認証番号|暗証番号|验证码|驗證碼|校验码|确认码|確認碼|动态码|인증\s?번호|인증\s?코드|확인\s?코드|보안\s?코드
        |رمز\s(?:التحقق|التأكيد|الدخول)|קוד\s(?:אימות|האימות)|सत्यापन\sकोड|ओटीपी|mã\s(?:xác\s(?:minh|nhận|thực)|otp)|kode\s(?:verifikasi|otp)|รหัสยืนยัน
        """,
        Options)]
    public static partial Regex Strong { get; }

    /// <summary>Words that are said of other codes too.</summary>
    [GeneratedRegex(@"\bcodes?\b|c[óo]digo|codice|\bkodu?\b|k[óo]d\b|koodi|\bkode[nt]?\b|\bкод\b|コード|코드|\btan\b|\bpasswor[dt]\b|κωδικός|代码", Options)]
    public static partial Regex Weak { get; }

    /// <summary>Codes that nobody types to prove who they are.</summary>
    [GeneratedRegex(
        """
        \b(?:promo(?:tion(?:al)?)?|discount|coupon|voucher|gift(?:\scard)?|referral|zip|postal|post|area|country|diall?ing|qr|source|error|status|dress|tracking|product|item|article|booking|reservation|bar|colou?r|tax|swift|sort|bank|sale|offer|student)[\s-]?codes?\b|\bcode\sof\s(?:conduct|ethics|practice)
        |postleitzahl|\bplz\b|gutscheincode|rabattcode|aktionscode|fehlercode|buchungscode|\bcode\s(?:promo\w*|postal|barres|erreur|de\sréduction|article|avantage)
        |c[óo]digo\s(?:postal|promocional|de\s(?:descuento|desconto|error|erro|barras|producto|reserva|cupón))|codice\s(?:postale|sconto|promozionale|fiscale|prodotto|prenotazione)
        |kortingscode|rabattkod|rabatkode|rabattkode|kod\s(?:rabatowy|pocztowy)|промокод|код\s(?:скидки|ошибки)|クーポンコード|プロモーションコード|优惠码|折扣码|할인\s?코드
        """,
        Options)]
    public static partial Regex OtherCode { get; }

    /// <summary>At the end of what stands before a number: the number is something else.</summary>
    [GeneratedRegex(
        """
        (?:\border|\bordernumber|bestell\w*|auftrag\w*|commande|pedido|ordine|bestelling|zamówienie|заказ\w*|\binvoice|rechnung\w*|facture|factura|fatura|fattura|factuur|\bticket|\bcase|\breference|\bref\b|\btracking|sendungs\w*
        |\bcustomer|kunden\w*|konto\w*|\baccount|\bcuenta|\bcompte|\biban|\bphone|\btel|telefon\w*|téléphone|\bfax|\bmobile|\bcall|\bsince|©|\(c\)|copyright|\bending\sin|\bends\sin|endet\sauf|endend\sauf|\bcard|karte
        |\bsuite|\bbox|postfach|\btotal|\bamount|betrag|summe|importe|montant|importo|\bversion|\bbuild|\broom|\bflight|flug|\bgate|\bhrb|\bvat|注文番号|订单号|訂單|주문번호)
        [\s#:.°]*(?:(?:number|nummer|numéro|número|numero|no|nr|id|\#|n°|№|is|ist|est|es|of|:)[\s#:.°]*){0,3}$
        |[№]\s*$|\bn[ro°]\.?\s*$
        """,
        Options)]
    public static partial Regex OtherNumber { get; }

    /// <summary>At the start of what stands behind a number: it is an amount, a time or a place.</summary>
    [GeneratedRegex(
        @"^\s*(?:minutes?|mins?\b|hours?|hrs?\b|seconds?|secs?\b|days?|minuten|stunden|sekunden|tage|minutos|horas|segundos|heures|jours|secondes|minuti|ore\b|secondi|uur\b|minut|часов|минут|секунд|分|時間|小时|秒|분"
        + @"|km\b|kg\b|[gmk]b\b|users|people|customers|points|steps|euros?\b|eur\b|usd\b|gbp\b|chf\b|dollars?|€|%|\$|£|¥|円|元|원|(?:\w+\s){0,2}(?:street|st\.|avenue|ave\b|road|rd\b|blvd|boulevard|lane|drive)\b)",
        Options)]
    public static partial Regex Amount { get; }

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace;
}
