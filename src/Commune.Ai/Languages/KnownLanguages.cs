using System.Collections.Immutable;

namespace Commune.Ai.Languages;

/// <summary>The languages that search knows the frequent words and the endings of. All is written as it is compared: in lower case, without accents.</summary>
internal static class KnownLanguages
{
    /// <summary>What tells English from the others; what a query does without is in <see cref="Search.StopWords"/>.</summary>
    public const string English =
        "the a an and or but if of to in on at by for with from about as into is are was were be been being am have has had do does did can could will would "
        + "shall should may might must not no it its this that these those there here he she they we you i me my your his her our their them us him who what "
        + "which when where why how any some all only just also than then so too very please thanks thank hello hi dear regards";

    public static Language German { get; } = new(
        "de",
        "der die das den dem des ein eine einen einem einer eines und oder aber nicht kein keine keinen ist sind war waren wird werden wurde wurden worden hat haben "
        + "hatte habe hast kann konnen konnte konnten muss mussen soll sollte sollen darf mochte mochten will wollen ich du er sie es wir ihr mich mir dich dir "
        + "uns euch ihm ihn ihnen mein meine meinen meinem meiner dein deine deinen unser unsere unseren unserer euer eure ihre ihren ihrem ihrer sein seine seinen "
        + "auf aus bei mit nach von vom zu zum zur fur im in an am um uber unter vor durch gegen ohne bis seit als wie wenn dass ob weil da dann noch nur schon "
        + "sehr auch so mal hier dort wo was wer wann warum wieso welche welcher welches wem wen bitte danke hallo sich man mehr immer wieder diese dieser dieses "
        + "diesen diesem gibt geht bin bist sei hab habt doch denn zwischen wegen wohin woher",
        "en er es em e n s st t te ten et ern est tet ete eten end ende enden ender endes ern ernen eren",
        compounds: true);

    public static Language French { get; } = new(
        "fr",
        "le la les l un une des du de d et ou mais ne pas n plus est sont etait etaient sera seront ete etre suis es sommes etes ai as a ont avons avez avait avoir "
        + "je j tu il elle on nous vous ils elles me m te t se s lui leur leurs moi toi y en mon ma mes ton ta tes son sa ses notre nos votre vos ce c cet cette ces "
        + "ca cela qui que qu quoi dont ou quand comment pourquoi quel quelle quels quelles dans sur sous avec sans pour par chez vers entre depuis au aux si tres "
        + "aussi encore deja bien merci bonjour svp peut peux pouvez dois doit faut fait faire comme tout toute tous toutes lors ici donc car",
        "s x e es ee ees er ez ent ait aient ons ai as a ant ante antes ants ions iez era eront erez erons erai ement ements ation ations ir it is i ie ies "
        + "issez issons issent re u ue us ues eur eurs euse eux euses al aux if ive ifs ives");

    public static Language Spanish { get; } = new(
        "es",
        "el la los las un una unos unas de del al y e o u pero no ni es son era eran fue fueron ser estar esta estan estaba ha han he has habia haber hay yo tu el "
        + "ella usted nosotros ustedes ellos ellas me te se le les lo nos mi mis su sus nuestro nuestra nuestros nuestras este esta estos estas ese esa esos esas "
        + "eso esto que quien cual cuales cuando donde adonde como cuanto cuanta cuantos por para con sin sobre en entre hasta desde muy mas menos tambien ya aun "
        + "todavia si porque favor gracias hola puede puedo pueden debo tengo tiene tienen quiero hacer todo toda todos todas segun",
        "s es o os a as e ar er ir ado ada ados adas ido ida idos idas ando iendo aba aban amos emos imos an en aron ieron io ia ian are ara aran cion ciones "
        + "acion aciones mente ito ita itos itas i aste iste aria eria arse erse irse arme");

    public static Language Italian { get; } = new(
        "it",
        "il lo la i gli le l un uno una di del della dello dei degli delle dell a al alla allo ai agli alle all da dal dalla dai dalle in nel nella nei nelle nell su "
        + "sul sulla sui sulle con per tra fra e ed o ma non ne ci si mi ti vi se che chi cui quale quali quando dove come perche quanto quanta quanti cosa e sono "
        + "era erano sei siamo siete stato stata stati essere ho hai ha abbiamo avete hanno aveva avere io tu lui lei noi voi loro mio mia miei mie tuo tua suo sua "
        + "suoi sue nostro nostra nostri nostre vostro vostra questo questa questi queste quello quella anche ancora gia piu molto grazie ciao buongiorno posso puo "
        + "potete devo deve fare sulla",
        "o a i e are ere ire arsi ato ata ati ate uto uta uti ute ito ita iti ite ando endo ano ono iamo ete ava avo avano eva evo evano ero era eranno erai "
        + "azione azioni zione zioni mente ai amento amenti");

    public static Language Portuguese { get; } = new(
        "pt",
        "o a os as um uma uns umas de do da dos das ao aos em no na nos nas num numa por pelo pela pelos pelas para com sem sobre entre ate desde e ou mas nao nem "
        + "que quem qual quais quando onde como porque quanto quanta quantos eu tu ele ela nos voces voce eles elas me te se lhe lhes meu minha meus minhas teu tua "
        + "seu sua seus suas nosso nossa nossos nossas este esta estes estas esse essa esses essas isso isto aquele aquela foi foram era eram sao ser estar esta "
        + "estao estava tem tenho temos ter tinha ha havia ja ainda tambem mais muito muita obrigado obrigada ola bom dia favor pode posso podem devo fazer tudo todos",
        "s es o os a as e ar er ir ado ada ados adas ido ida idos idas ando endo indo amos emos imos am em aram eram iram ou eu iu ei ao oes acao acoes cao coes "
        + "mente ava avam ia iam ara era ira aria eria al ais el eis arem");

    public static Language Dutch { get; } = new(
        "nl",
        "de het een en of maar niet geen is zijn was waren ben bent wordt worden werd heeft hebben had heb kan kunnen kon moet moeten mag wil willen zal zullen zou ik "
        + "jij je hij zij ze wij we jullie u mij me jou hem haar ons hen hun mijn jouw uw onze deze dit die dat daar hier er op aan in uit bij met van voor naar om "
        + "over onder door tegen zonder tot sinds als dan nog al ook wel zo zeer heel meer wat wie waar waarom wanneer hoe welke welk graag alstublieft bedankt dank "
        + "hallo beste te ter ten omdat toch maar alleen gaat doe doen",
        "e en n s t te ten de den er ers es je jes end ende",
        compounds: true);

    public static Language Polish { get; } = new(
        "pl",
        "i a o u w we z ze na po za od do dla przez przy pod nad bez przed miedzy jest sa byl byla bylo byly byc bedzie beda nie tak czy ze zeby aby ale lub albo oraz "
        + "jak jaki jaka jakie kiedy gdzie dlaczego kto co ktory ktora ktore ile ja ty on ona ono my wy oni mnie mi cie ci go jej jemu mu nam nas was wam im ich sie "
        + "moj moja moje mojego mojej swoj nasz nasza nasze wasz pan pani panstwo ten ta to te tego tej tym tych juz jeszcze tylko tez takze bardzo prosze dziekuje "
        + "dzien dobry witam mam ma maja mozna moge moze mozemy trzeba",
        "a y i e o u ie ia iu ej ego emu ym im ymi imi ych ich ow om ami ach em iem ka ki ke ek ku kiem mi ac ec ic yc al ala alo ali aly il ila ilo ili ily am asz "
        + "amy acie aja esz imy isz icie any ana ane ani anych anej ony ona one eni enie enia eniu anie ania aniu aniem eniem osc osci oscia");

    /// <summary>All of them. Their places here are the bits of a <see cref="LanguageGuess"/>.</summary>
    public static ImmutableArray<Language> All { get; } = [German, French, Spanish, Italian, Portuguese, Dutch, Polish];
}
