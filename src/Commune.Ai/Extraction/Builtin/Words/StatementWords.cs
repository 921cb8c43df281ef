using System.Collections.Frozen;

namespace Commune.Ai.Extraction.Builtin.Words;

/// <summary>Words that make a mention a wish, a denial, a condition.</summary>
internal static class StatementWords
{
    public static FrozenSet<string> Requests { get; } = Set(
        """
        want wants need needs like request requesting demand expect claim ask asking require please prefer insist love wish hope appreciate kindly give issue arrange looking interested
        mochte mochten hatte hatten will wollen wunsche wunschen bitte bitten brauche brauchen benotige benotigen verlange fordere erwarte beantrage gerne
        veux voudrais voudrions souhaite souhaitons demande exige besoin aimerais merci prefere desire
        quiero queremos quisiera solicito necesito necesitamos deseo exijo pido gustaria favor ruego prefiero
        vorrei vorremmo voglio desidero chiedo richiedo bisogno favore preferisco gradirei
        wil willen graag verzoek vraag verlang alstublieft
        quero queremos gostaria gostariamos desejo preciso peco prefiro
        """);

    public static FrozenSet<string> Abilities { get; } = Set(
        "can could may would might how kann konnen konnte konnten konnt pouvez pouvons puis pourriez peut puedo pueden podrian podria posso potete potreste kan kunt kunnen kunnen zou pode podem poderia podemos possibile possible moglich possivel posible mogelijk");

    public static FrozenSet<string> Negators { get; } = Set(
        """
        not no never don't doesn't didn't isn't aren't wasn't weren't won't wouldn't can't cannot couldn't haven't hasn't hadn't shouldn't without dont doesnt didnt
        nicht kein keine keinen keiner keinem keinerlei nie ohne niemals
        pas ne aucun aucune jamais sans
        sin nunca ningun ninguna ni tampoco
        non nessun nessuna senza mai
        niet geen nooit zonder
        nao nenhum nenhuma sem nem
        """);

    /// <summary>What is denied with them is that something came, not that it is wanted.</summary>
    public static FrozenSet<string> Receipts { get; } = Set(
        """
        received receive got gotten get arrived seen see come came processed credited issued given heard happened been yet still
        erhalten bekommen eingegangen angekommen gesehen gutgeschrieben recu vu arrive recibido llegado visto ricevuto arrivato visto ontvangen gekregen gezien recebi recebido chegou
        refused refuse denied deny
        """);

    public static FrozenSet<string> Wishes { get; } = Set(
        """
        want wanting need needing like request requesting ask asking looking require required necessary needed interested expect demand insist bother issue send process prefer after
        mochte mochten will wollen brauche brauchen benotige benotigen notig notwendig erforderlich verlange wunsche wunschen gewunscht bitte
        veux voudrais souhaite demande besoin necessaire quiero queremos quisiera necesito necesario hace falta pido deseo solicito
        voglio vorrei desidero necessario serve chiedo bisogno wil willen nodig hoef hoeft vraag wens quero preciso necessario desejo peco gostaria
        """);

    public static FrozenSet<string> Needs { get; } = Set("necessary needed required need notig notwendig erforderlich gewunscht necessaire besoin necesario falta necessario serve nodig preciso wanted what");

    public static FrozenSet<string> Conditions { get; } = Set("if unless otherwise else wenn falls sonst ansonsten andernfalls si sinon sauf sino se altrimenti als anders indien tenzij caso senao whether in case");

    public static FrozenSet<string> Possible { get; } = Set("possible moglich posible possibile mogelijk possivel");

    /// <summary>In the place of something: what follows is not wanted.</summary>
    public static FrozenSet<string> Instead { get; } = Set("instead statt anstatt anstelle lieu lugar vez invece plaats rather plutot anziche");

    /// <summary>People whose wishes are not the sender's.</summary>
    public static FrozenSet<string> Others { get; } = Set(
        """
        colleague colleagues coworker coworkers friend friends neighbour neighbours neighbor neighbors
        kollege kollegin kollegen freund freundin nachbar nachbarin collegue collegues ami amie voisin voisine
        colega colegas amigo amiga vecino vecina collega colleghi amico amica vicino vicina vriend vriendin buurman vizinho vizinha
        """);

    /// <summary>What follows a mention of a thing that is only talked about.</summary>
    public static FrozenSet<string> Rules { get; } = Set("policy policies rules terms conditions process procedure form page option options faq richtlinie richtlinien bedingungen politique conditions politica condiciones condizioni beleid voorwaarden condicoes");

    public static FrozenSet<string> Done { get; } = Set("already bereits schon deja ya gia al reeds ja thanks danke merci gracias grazie bedankt obrigado obrigada received erhalten recu recibido ricevuto ontvangen recebi for");

    private static FrozenSet<string> Set(string words) =>
        words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
