using Commune.Mail.Text;

namespace Commune.Mail.Tests.Text;

public sealed class OneTimeCodeTests
{
    [Theory]
    [InlineData("Your verification code", "Hi Ada,\n\nYour verification code is 482913. It expires in 10 minutes.\n\nAcme Inc., 548 Market Street, San Francisco, CA 94104\n© 2026 Acme", "482913")]
    [InlineData("Verify your email", "Enter this code to continue:\n\n  482 913\n\nThe code is valid for 600 seconds.", "482913")]
    [InlineData("482913 is your Acme code", "Use it to sign in.", "482913")]
    [InlineData("G-482913 is your Google verification code", "Don't share it.", "G-482913")]
    [InlineData("Sign in to Slack", "Your confirmation code is below — enter it in your open browser window.\n\nAB-123-456\n\nQuestions? Call +1 415 555 0132.", "AB-123-456")]
    [InlineData("Steam Guard", "Here is the Steam Guard code you need to login to account ada1984:\n\nX7K9Q\n\nThis email was generated because of a login attempt.", "X7K9Q")]
    [InlineData("Ihr Bestätigungscode", "Guten Tag Frau Lovelace,\n\nIhr Bestätigungscode lautet: 7391\n\nEr ist 15 Minuten gültig. Kundennummer 88412077.\nTel. 030 1234567", "7391")]
    [InlineData("Anmeldung bei der Musterbank", "Ihr Einmalpasswort (TAN) für die Anmeldung: 04718263\nKonto endet auf 4477", "04718263")]
    [InlineData("Code de vérification", "Bonjour,\n\nVotre code de vérification est le 550 218.\nIl expire dans 5 minutes.", "550218")]
    [InlineData("Votre connexion", "Code à usage unique :\n\n118 204\n\nNe le communiquez à personne.", "118204")]
    [InlineData("Tu código de verificación", "Hola Ada:\n\nTu código es 90412. Caduca en 30 minutos.\nPedido nº 5512098", "90412")]
    [InlineData("Seu código de acesso", "Olá! Seu código de acesso: 663 901", "663901")]
    [InlineData("Codice di verifica", "Il tuo codice di verifica è 204817. Scade tra 10 minuti.", "204817")]
    [InlineData("Je inlogcode", "Gebruik deze inlogcode: 5519\nVragen? Bel 020 123 4567.", "5519")]
    [InlineData("Kod weryfikacyjny", "Twój kod weryfikacyjny to: 331870", "331870")]
    [InlineData("Din verifieringskod", "Din verifieringskod är 445120.", "445120")]
    [InlineData("Код подтверждения", "Здравствуйте!\nВаш код подтверждения: 7712\nНикому его не сообщайте.", "7712")]
    [InlineData("認証コードのお知らせ", "認証コードは１２３９４５です。\n有効期限は10分です。", "123945")]
    [InlineData("验证码", "您的验证码是：830274，5分钟内有效。", "830274")]
    [InlineData("인증번호 안내", "인증번호 [550913] 를 입력해 주세요.", "550913")]
    [InlineData("Doğrulama kodu", "Doğrulama kodunuz: 218833", "218833")]
    [InlineData("رمز التحقق", "رمز التحقق الخاص بك هو ٤٨٢٩١٣", "482913")]
    [InlineData("Your login", "Your one-time password (OTP) for order 7719302 is 664201. Amount: $1,204.00", "664201")]
    [InlineData("Log in to Linear", "Your login code for Linear\n\n1 9 2 8 3 7\n\nThis link and code will only be valid for the next 5 minutes.", "192837")]
    [InlineData("Security alert", "**Security code:** `204 881`\nIf you did not ask for this, call (800) 555-0199.", "204881")]
    [InlineData("Your device code", "Enter this device code at https://acme.example/device?user_code=AAAA1111\n\nWDJB-MJHT\n", "WDJB-MJHT")]
    [InlineData("Welcome", "Your temporary code is x7k9q2\n", "x7k9q2")]
    [InlineData("Your PIN", "Your PIN is 2026.", "2026")]
    [InlineData("Code inside", "Invoice 20261121 is attached.\nOrder number: 558201\n\nVerification code: 771034", "771034")]
    public void A_code_is_found(string subject, string text, string value) => Assert.Equal(value, OneTimeCode.Find(subject, text)?.Value);

    [Theory]
    [InlineData("Order 558201 confirmed", "Thank you for order #558201. Total: 1204.00 EUR. It arrives on 12.03.2026.")]
    [InlineData("Save 20 percent", "Use promo code SAVE2026 at the till. Valid until 31.12.2026.")]
    [InlineData("Ihr Gutschein", "Ihr Gutscheincode: SOMMER2026\nPostleitzahl 10115")]
    [InlineData("Call me", "Call me at +49 30 1234567 or (415) 555-0132. The zip code is 94104.")]
    [InlineData("Meeting notes", "In 2024 we had 1500 customers, in 2025 there were 48291.")]
    [InlineData("Rechnung 2026-1187", "Rechnungsnummer: 20261187\nKundennummer: 445120\nBetrag: 1.250,00 €")]
    [InlineData("Your tracking code", "Your tracking code is 558201123")]
    [InlineData("Error", "The build failed with error code 50012 at line 4821.")]
    [InlineData("Flight", "Flight LH1234, booking code X7K9Q2, gate 4821")]
    [InlineData("Verify your email", "Click the button to verify your email address.\nAcme GmbH, HRB 158244, 10115 Berlin\n© 2026")]
    [InlineData("Card", "Your card ending in 4477 was charged $1204. Your code of conduct changed in 2025.")]
    [InlineData("", "")]
    public void What_is_no_code_is_not_taken(string subject, string text) => Assert.Null(OneTimeCode.Find(subject, text));

    [Fact]
    public void Megabytes_of_numbers_are_read_in_no_time()
    {
        var text = string.Concat(Enumerable.Repeat("code 1234 12 34 56 AB-12-CD 7 7 7 7 ", 100_000));
        var start = TimeProvider.System.GetTimestamp();
        OneTimeCode.Find(text, text);
        OneTimeCode.Find(text, text.Replace("code", "\ncode", StringComparison.Ordinal));
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void The_source_and_the_printed_form_are_told()
    {
        Assert.Equal(new OneTimeCode("482913", "482 913", "text"), OneTimeCode.Find("Hello", "Your verification code: 482 913"));
        Assert.Equal("subject", OneTimeCode.Find("Your verification code is 482913", "Hello")?.Source);
    }
}
