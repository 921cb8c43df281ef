using System.Buffers;

namespace Commune.Mail.Reports;

/// <summary>Words that mailers use, each list for one meaning; found in any case.</summary>
internal sealed class BouncePhrases
{
    private readonly SearchValues<string> _phrases;

    private BouncePhrases(params ReadOnlySpan<string> phrases) => _phrases = SearchValues.Create(phrases, StringComparison.OrdinalIgnoreCase);

    public bool In(ReadOnlySpan<char> text) => text.ContainsAny(_phrases);

    /// <summary>A line worth searching for the reason of a failure, or the text of a bounce at all, in the languages mailers speak.</summary>
    public static BouncePhrases Undelivered { get; } = new(
        "undeliver", "not delivered", "not be delivered", "couldn't be delivered", "wasn't able to deliver", "wasn't delivered", "unable to deliver", "cannot deliver",
        "can not be delivered", "could not deliver", "failed to deliver", "delivery failed", "delivery failure", "delivery has failed", "delivery to the following", "delivery status notification",
        "delivery problem", "delivery notification", "delivery report", "delivery error", "failure notice", "returned mail", "returning message to sender", "mail delivery system",
        "mail delivery software", "mail system error", "permanent fatal error", "transient non-fatal", "did not reach the following", "message was not sent", "message has been delayed",
        "delayed mail", "message delayed", "delivery delayed", "has not yet been delivered", "not been delivered", "could not send message", "warning: message", "non-delivery", "nondeliverable", "rejected your message",
        "unzustellbar", "nicht zustellbar", "nicht zugestellt", "zustellung fehlgeschlagen", "zustellfehler", "verzögert",
        "n'a pas pu être", "n'a pu être", "n’a pas pu être", "n’a pu être", "impossible de remettre", "échec de la remise", "échec de remise", "non remis", "non délivré", "échec de livraison",
        "no se pudo entregar", "no se ha podido entregar", "no se puede entregar", "no pudo ser entregado", "no ha podido ser entregado", "no entregado", "error de entrega",
        "impossibile recapitare", "impossibile consegnare", "non è stato recapitato", "non è stato possibile", "mancato recapito", "mancata consegna", "non recapitabile",
        "não pôde ser entregue", "não foi entregue", "não pode ser entregue", "falha na entrega",
        "niet worden bezorgd", "kon niet worden afgeleverd", "niet afgeleverd", "onbestelbaar",
        "kunde inte levereras", "kunne ikke leveres", "nie można dostarczyć", "nie została dostarczona", "не доставлено", "не удалось доставить", "не может быть доставлено",
        "配信できません", "配信不能", "送信できません", "配送できません", "届けられません", "届きませんでした", "エラーメール", "无法投递", "无法送达", "退信", "投递失败", "發送失敗");

    public static BouncePhrases Delayed { get; } = new(
        "this is a warning message only", "you do not need to resend", "delivery attempts will continue", "will continue to be attempted", "still being retried", "will be retried", "will keep trying", "will retry for",
        "has been delayed", "not yet been delivered", "delayed mail", "message delayed", "delivery delayed", "could not send message for past", "transient non-fatal", "delivery status notification (delay)", "no action is required on your part",
        "zustellung verzögert", "verzögert sich", "remise retardée", "entrega retrasada", "consegna ritardata", "配信が遅れて");

    public static BouncePhrases Delivered { get; } = new(
        "successful mail delivery report", "your message was successfully delivered", "delivery status notification (success)", "has been successfully delivered", "delivered to mailbox");

    public static BouncePhrases Relayed { get; } = new("delivery status notification (relay)", "relayed to", "was successfully relayed");

    public static BouncePhrases Full { get; } = new(
        "mailbox full", "mailbox is full", "mailbox too full", "over quota", "overquota", "out of storage", "quota exceeded", "exceeded quota", "exceeds quota", "exceeded storage", "exceeded its quota", "exceeded his quota", "exceeded their quota", "exceeds allowed size", "over the maximum allowed mailbox size",
        "insufficient system storage", "inbox is full", "mailfolder is full", "user is over", "mailbox size limit", "mailbox has exceeded", "overdrawn his diskspace", "disk quota", "not enough storage space", "storage quota", "postfach voll", "postfach ist voll", "boîte pleine", "boite pleine", "buzón lleno", "casella piena", "mailbox is vol");

    public static BouncePhrases Greylisted { get; } = new("greylist", "graylist", "grey-list", "gray-list", "postgrey", "try again later");

    /// <summary>Lists and reputations, said so plainly that they stand above a code for an unknown user.</summary>
    public static BouncePhrases Reputation { get; } = new(
        "spamhaus", "spamcop", "barracudacentral", "sorbs", "surbl", "uribl", "abuseat", "psbl", "mailspike", "spamrats", "proofpoint.com/ipcheck", "senderscore", "ip reputation", "poor reputation", "bad reputation", "low reputation");

    public static BouncePhrases Blocked { get; } = new(
        "spamhaus", "spamcop", "barracudacentral", "sorbs", "surbl", "uribl", "abuseat", "psbl", "mailspike", "spamrats", "proofpoint.com/ipcheck", "senderscore", "reputation",
        "blacklist", "black list", "blocklist", "block list", "blocked using", "blocked by", "has been blocked", "is blocked", "was blocked", "dnsbl", " rbl", "rbl ", "is listed", "are listed", "currently listed", "ip listed", "listed by", "listed at http", "banned sending ip", "is banned",
        "not accepted from your ip", "your ip address", "your ip has been", "client host rejected", "too many connections", "too many messages", "sending too fast", "rate limit", "rate that", "unusual rate", "throttl", "user complaints", "tss04", "tss09", "s3140", "s3150", "unsolicited mail originating", "dynamic ip", "dialup", "reverse dns", "no ptr", "missing ptr", "reverse hostname", "ptr record");

    public static BouncePhrases NoSuchUser { get; } = new(
        "user unknown", "unknown user", "unknown recipient", "recipient unknown", "no such user", "no such recipient", "no such mailbox", "no such address", "no such person", "no mailbox here", "no mailbox by that name", "no mailbox found", "mailbox not found", "mailbox unavailable", "mailbox does not exist", "mailbox is disabled", "mailbox disabled", "mailbox inactive", "mailbox is inactive",
        "user not found", "recipient not found", "recipnotfound", "address not found", "does not exist", "doesn't exist", "doesn't have a", "not a valid recipient", "invalid recipient", "invalid mailbox", "invalid address", "invalid user", "not our customer", "unknown address", "address unknown", "unknown local part", "unrouteable address", "unroutable address", "unrouteable mail domain", "account is disabled", "account has been disabled", "account disabled", "account is inactive", "account that you tried to reach", "not listed in", "not listed at",
        "undeliverable address", "recipient address rejected: undeliverable", "couldn't be found", "could not be found", "wasn't found at", "host not found", "domain not found", "host unknown", "name service error", "couldn't find any host", "no mx", "nullmx", "does not accept mail", "user doesn't", "user does not", "no longer valid", "no longer available", "no longer works", "no longer in use", "no longer employed", "left the company", "has been deactivated", "deactivated", "is discontinued", "bad destination mailbox", "bad address", "who does not exist",
        "unbekannt", "existiert nicht", "nicht gefunden", "inconnu", "n'existe pas", "no existe", "desconocido", "non esiste", "sconosciuto", "não existe", "onbekend", "存在しません", "見つかりません", "宛先不明", "不存在");

    public static BouncePhrases Size { get; } = new("message too large", "message size exceeds", "exceeds size limit", "maximum message size", "message is too large", "exceeds the maximum", "size limit exceeded", "message file too big", "message too big", "exceeds fixed maximum");

    public static BouncePhrases Policy { get; } = new(
        "dmarc", "spf", "dkim", "policy", "spam", "virus", "malware", "content reject", "message content", "message rejected", "not authorized", "not authorised", "not permitted", "not allowed", "relay access denied", "relaying denied", "unable to relay", "authentication required", "sender address rejected", "sender denied", "access denied", "administrative prohibition", "prohibited", "attachment", "phishing", "suspicious", "unsolicited", "header error", "rejected by header", "rule imposed", "restrict");

    public static BouncePhrases Temporary { get; } = new(
        "timed out", "timeout", "connection refused", "lost connection", "retry time", "retry timeout exceeded", "temporar", "try again", "in the queue too long", "no route to host", "unreachable", "service unavailable", "server busy", "too busy", "loop", "too many hops", "message expired", "delivery time expired", "could not be reached", "not responding");
}
