using Commune.Mail.Text;

namespace Commune.Mail.Tests.Text;

public sealed class ConfirmationLinkTests
{
    private const string Footer = "<a href=\"https://acme.example/unsubscribe?token=aaaaaaaaaaaaaaaaaaaa\">Unsubscribe</a> <a href=\"https://acme.example/privacy\">Privacy</a> <a href=\"https://acme.example/help/verify-email\">Help</a>";

    [Theory]
    [InlineData("<a href=\"https://acme.example/\"><img alt=\"Acme\"></a><p>Hi</p><a href=\"https://acme.example/u/8f3a?x=1&amp;y=2\">Verify email address</a>", "https://acme.example/u/8f3a?x=1&y=2", "confirm")]
    [InlineData("<a href=\"https://click.mail.example/ls/click?upn=u001abcdefghijklmnopqrstuv\"><span>E-Mail</span>-Adresse <b>bestätigen</b></a>", "https://click.mail.example/ls/click?upn=u001abcdefghijklmnopqrstuv", "confirm")]
    [InlineData("<a href=\"https://acme.example/r/1\">Réinitialiser mon mot de passe</a>", "https://acme.example/r/1", "reset")]
    [InlineData("<a href=\"https://acme.example/l/1\">Sign in to Acme</a>", "https://acme.example/l/1", "sign_in")]
    [InlineData("<a href=\"https://acme.example/c/1\">Confirmar mi cuenta</a>", "https://acme.example/c/1", "confirm")]
    [InlineData("<a href=\"https://acme.example/c/1\">メールアドレスを確認</a>", "https://acme.example/c/1", "confirm")]
    [InlineData("<a href=\"https://acme.example/c/1\">Подтвердить почту</a>", "https://acme.example/c/1", "confirm")]
    [InlineData("<a href=\"https://acme.example/auth/verify?token=abc\">https://acme.example/auth/verify?token=abc</a>", "https://acme.example/auth/verify?token=abc", "confirm")]
    [InlineData("<a href=\"https://acme.example/x/cancel?token=abcdefghijklmnopqrstu\">I didn't request this</a><a href=\"https://acme.example/magic?t=abcdefghijklmnopqrstu\">Continue</a>", "https://acme.example/magic?t=abcdefghijklmnopqrstu", "sign_in")]
    public void The_link_of_the_button_is_found_in_HTML(string html, string url, string purpose)
    {
        var link = ConfirmationLink.Find("", html + Footer);
        Assert.Equal((url, purpose, "html"), (link?.Url, link?.Purpose, link?.Source));
    }

    [Theory]
    [InlineData("To confirm your account, open\nhttps://acme.example/confirm/abc123.\n\nUnsubscribe: https://acme.example/u/1", "https://acme.example/confirm/abc123")]
    [InlineData("Bitte bestätigen Sie Ihre Adresse:\n\nhttps://acme.example/k/QWERTYUIOPASDFGH12\n\nhttps://acme.example/impressum", "https://acme.example/k/QWERTYUIOPASDFGH12")]
    [InlineData("Click here <https://acme.example/activate?key=1> to activate.", "https://acme.example/activate?key=1")]
    public void The_address_is_found_in_text(string text, string url) => Assert.Equal((url, "text"), (ConfirmationLink.Find(text, null)?.Url, ConfirmationLink.Find(text, null)?.Source));

    [Fact]
    public void The_host_is_the_one_that_is_visited()
    {
        var link = ConfirmationLink.Find("", "<a href=\"https://bank.example@BÜCHER.example/verify?t=1\">Verify your bank.example account</a>");
        Assert.Equal("xn--bcher-kva.example", link?.Host);
    }

    [Theory]
    [InlineData("<a href=\"https://acme.example/blog/new-shoes\">New shoes</a>")]
    [InlineData("<a href=\"javascript:verify()\">Verify</a><a href=\"mailto:verify@acme.example\">Confirm</a><a href=\"/verify\">Verify</a>")]
    [InlineData("<a>Verify</a><a href>Confirm")]
    [InlineData("")]
    public void Other_links_are_not_taken(string html) => Assert.Null(ConfirmationLink.Find("Visit https://acme.example/ or https://acme.example/shop", html + Footer));
}
