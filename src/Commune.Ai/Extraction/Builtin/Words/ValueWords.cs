using System.Collections.Frozen;

namespace Commune.Ai.Extraction.Builtin.Words;

/// <summary>How mails say what schemas name: the values of enumerations and the objects of wishes.</summary>
internal static class ValueWords
{
    public static FrozenDictionary<string, Phrase[]> All { get; } = PhraseList.Read(Lines);

    /// <summary>Words for degrees of urgency, from none to extreme.</summary>
    public static IReadOnlyList<Phrase[]> Urgency { get; } = [.. new[] { "0", "1", "2", "3" }.Select(level => Levels[level])];

    private static FrozenDictionary<string, Phrase[]> Levels => field ??= PhraseList.Read(UrgencyLines);

    private const string Lines =
        """
        refund, refunds, refund request, refund_request: refund*, money back!, money returned, reimburs*, chargeback, erstatt*, rückerstatt*, geld zurück!, zurückerstatt*, rembours*, reembols*, devolución del dinero!, devolver el dinero, devuelvan el dinero, me devuelvan, rimbors*, rimborso, soldi indietro!, terugbetal*, geld terug!, terugbetaling, dinheiro de volta!, devolução do dinheiro!
        shipping, delivery, shipment, logistics, shipping issue, delivery issue, delivery problem: parcel*, package, packages, deliver*, shipment*, shipping, courier, tracking, not arrived!, hasn't arrived!, has not arrived!, never arrived!, didn't arrive!, not been delivered!, not received my order!, still waiting for my, lost in transit!, in transit, dispatch*, shipped, where is my order!, where's my order!, paket*, päckchen, liefer*, sendung*, versand*, zustell*, nicht angekommen!, noch nicht da!, colis, livraison*, livré, livrer, expédi*, pas arrivé!, pas reçu!, paquete, envío, entrega*, no ha llegado!, no llega!, mensajero, pacco, spedizion*, consegn*, corriere, non è arrivato!, pakket, bezorg*, lever*, verzend*, niet aangekommen!, niet aangekomen!, zending, encomenda, não chegou!
        billing, payment, invoice, payments, invoicing, billing issue, payment issue, finance: invoice*, billing, billed, charged twice!, double charged!, charged, overcharged!, charge on my, payment*, credit card, direct debit, vat, receipt, bank statement, deducted, debited, rechnung*, abgebucht!, doppelt!, zahlung*, lastschrift, mehrwertsteuer, factur*, prélevé!, paiement, débité!, cobr*, cobrado, cargo, pago, fattur*, addebit*, pagamento, factuur*, facturen, afgeschreven!, betaling, fatura*, cobrança, cobrad*
        product, product issue, defect, defective, product defect, damaged, broken, quality, hardware, product quality, faulty, damage: broken!, broke!, defect*, damaged!, faulty!, doesn't work!, does not work!, not working!, stopped working!, won't turn on!, won't start!, doesn't turn on!, malfunction*, cracked!, scratch*, dented, torn, missing part, missing parts, wrong colour, wrong color, wrong size, poor quality, leaks, leaking, stain*, kaputt!, defekt*, beschädigt!, funktioniert nicht!, geht nicht an, zerbrochen!, kratzer, mangelhaft, cassé*, défectueu*, ne fonctionne!, ne marche!, abîmé!, endommagé!, roto!, rota!, defectuos*, no funciona!, dañad*, estropead*, rotto!, rotta!, difettos*, non funziona!, danneggiat*, kapot!, defect, werkt niet!, beschadigd!, partid*, quebrad*, avariad*, não funciona!, danificad*
        technical, technical support, bug, tech, technical issue, bug report, software, outage, incident, technical_support: bug!, crash*, error message, error, exception, stack trace, app, login page, website, server, outage!, down!, timeout, 500, 404, loading, freezes, api, software, fehlermeldung, absturz, stürzt, erreur, plante, fallo, caído, errore, si blocca, foutmelding, erro
        account, login, access, account issue, password, account access, authentication: password!, log in!, login!, sign in!, locked out!, my account, two factor, 2fa, username, passwort!, einloggen!, anmelden, konto, mot de passe!, connexion, connecter, contraseña!, iniciar sesión!, cuenta, accedere, account, wachtwoord!, inloggen!, senha!
        return, returns, return request: return*, send it back!, send back!, sending it back!, rücksend*, zurücksend*, zurückschick*, retour*, renvoyer, devolver, devolución, reso, restituire, rendere, terugsturen!, retourneren, devolver
        exchange, replacement, replace, replacement request: replacement*, replace*, exchange*, swap, new one!, send another, ersatz*, umtausch*, austausch*, neues gerät, remplac*, échange*, reemplaz*, sustitu*, cambiarlo, sostitu*, cambio, vervang*, omruil*, substitu*, troca*
        cancel, cancellation, cancelled, canceled, unsubscribe account, termination, churn: cancel*, terminate*, call off, stornier*, storno, kündig*, absagen, widerruf*, annul*, résili*, cancelar, cancelación, anular, disdire, disdetta, annullar*, annuler*, opzeggen, cancelamento
        complaint, complaints: complain*, disappointed, unacceptable!, terrible, worst, disgusted, appalling, beschwer*, reklam*, enttäuscht, inakzeptabel, unverschämt, plainte, réclamation, inadmissible, déçu*, queja*, reclamación, inaceptable, reclamo, inaccettabile, delus*, klacht*, teleurgesteld, onacceptabel, reclamação, inaceitável
        question, inquiry, enquiry, information, general inquiry, general question, info, information request, general_inquiry: question*, wondering, could you tell me, do you offer, do you have, what are, inquir*, enquir*, i would like to know, information about, frage*, auskunft, anfrage, haben sie, renseignement*, pregunta*, información, consulta, saber si, domanda, informazioni, vorrei sapere, vraag, informatie, pergunta, informações, gostaria de saber
        feedback, praise, compliment, testimonial: feedback, great service, love your, thank you for the great, well done, excellent, amazing, fantastic, kudos, compliment*, lob, großartig, félicitations, felicidades, complimenti, geweldig, parabéns
        sales, pricing, quote, quotation, quote request, sales inquiry, sales_inquiry, rfq, lead: quote*, quotation, pricing, price list, bulk, volume discount, how much, offer for, demo, enterprise plan, purchase, angebot*, preisliste, devis!, tarif*, presupuesto!, cotización!, tarifas, preventivo!, offerta, offerte!, prijsopgave, orçamento!, cotação
        feature request, feature, suggestion, feature_request: feature request!, feature, would be great if, suggestion, suggest*, please add, it would be nice, vorschlag, wäre schön, sugerencia, suggeriment*
        partnership, collaboration, partner: partner*, collaborat*, cooperation, sponsor*, zusammenarbeit, kooperation, partenariat, colaboración, collaborazione, samenwerking, parceria
        press, media: journalist, press, interview, article, editor, magazine, presse, prensa, stampa, pers, imprensa
        job, career, application, job application, recruiting, careers: application, apply*, resume, cv, curriculum, vacancy, bewerb*, lebenslauf, candidature, postul*, candidatura, sollicit*
        warranty, guarantee: warrant*, guarantee*, garantie*, gewährleistung, garantía, garanzia, garantia
        order, new order, purchase, order placement: order*, purchase*, buy, bestell*, command*, pedido, comprar, ordin*, acquist*, encomend*
        appointment, meeting, booking, reservation, schedule: appointment*, schedule*, meeting, book*, reserv*, termin*, buch*, rendez-vous, réserv*, cita, reserva*, appuntamento, prenot*, afspraak, reserver*, consulta, marcar
        reschedule, rescheduled, move, change, modification, modify: reschedul*, move the, move my, postpone*, different time, another time, different date, verschieb*, umbuchen, verleg*, report*, décal*, reprogramar, cambiar, aplazar, spostar*, rimandar*, verzett*, verplaats*, reagendar, remarcar, adiar
        confirm, confirmed, confirmation, accepted, accept, attending, yes, approved: confirm*, i'll be there!, will attend!, count me in!, see you then, works for me, accept*, happy to attend, approve*, bestätig*, nehme gerne teil, ich komme, zusage, zugesagt, je serai présent*, j'accepte, confirmo, asistiré, parteciperò, ci sarò, bevestig*, ik kom, confirm*, estarei presente
        decline, declined, rejected, not attending, no, regret, refused: decline*, can't make it!, cannot make it!, won't be able!, unable to attend!, unfortunately, can't come!, cannot attend!, reject*, absage, leider nicht, kann nicht kommen, muss absagen!, ne pourrai pas, je décline, no podré, no puedo asistir, non potrò, kan niet komen, helaas, não poderei
        tentative, maybe, pending, undecided: maybe, might, not sure yet!, tentativ*, perhaps, possibly, pending, vielleicht, peut-être, quizás, forse, misschien, talvez
        shipped, dispatched, in transit, in_transit, on the way: has shipped!, has been shipped!, shipped, dispatched, on its way!, on the way, in transit!, has left our, versandt!, verschickt, unterwegs!, auf dem weg, expédié*, en route, en cours de livraison!, enviado!, en camino!, spedito!, in viaggio, verzonden!, onderweg!, enviado!, a caminho!
        delivered: delivered!, was left, zugestellt!, geliefert, livré!, entregado!, consegnato!, bezorgd!, geleverd, entregue!
        out for delivery, out_for_delivery: out for delivery!, arriving today, wird heute zugestellt!, en cours de livraison, en reparto!, in consegna!, wordt vandaag bezorgd!
        delayed, delay, late: delay*, running late, postponed, verspätet, verzögert, verspätung, retard*, retras*, ritardo, vertraagd, vertraging, atras*
        paid: paid!, payment received, bezahlt!, beglichen, payé!, réglé, pagado!, abonado, pagato!, saldato, betaald!, voldaan, pago!
        overdue, unpaid, outstanding: overdue!, past due!, unpaid, reminder, outstanding, überfällig!, mahnung!, offen, impayé!, en retard, relance, vencida!, impagada, scaduta!, sollecito, vervallen, herinnering, achterstallig!, vencida
        credit card, card, credit_card, creditcard: credit card, card, visa, mastercard, amex, kreditkarte, carte bancaire, carte de crédit, tarjeta, carta di credito, creditcard, cartão
        paypal: paypal
        bank transfer, transfer, wire, wire transfer, bank_transfer: bank transfer, wire*, transfer*, überweis*, virement*, transferencia, bonifico, overschrijv*, overmak*, transferência
        cash: cash, bar, bargeld, espèces, efectivo, contanti, contant, dinheiro
        sepa, direct debit, direct_debit: sepa, direct debit, lastschrift, einzug, prélèvement, domiciliación, addebito diretto, incasso
        invoice payment, pay by invoice, on account: on invoice, by invoice, auf rechnung, sur facture
        vegetarian: vegetarian*, veggie, vegetarisch*, végétarien*, vegetarian*, vegetarisch
        vegan: vegan*, végétalien*
        gluten free, gluten_free, glutenfree, gluten: gluten*
        halal: halal
        kosher: kosher, koscher
        pescatarian: pescatarian
        allergies, allergy, allergic: allerg*, intoleran*, unverträglichkeit
        single, single room, single_room: single, einzelzimmer*, chambre simple, individual, singola, eenpersoonskamer
        double, double room, double_room, twin: double, doppelzimmer*, chambre double, habitación doble, doble, doppia, matrimoniale, tweepersoonskamer, duplo
        suite: suite*
        family, family room, family_room: family room, familienzimmer, chambre familiale, familiar, familiare
        economy: economy, coach, touristenklasse
        business, business class: business class, business-class
        first, first class: first class, erste klasse, première classe
        full time, fulltime, full_time: full time, fulltime, vollzeit, temps plein, cdi, jornada completa, tempo pieno, voltijd, fulltime, tempo inteiro
        part time, parttime, part_time: part time, parttime, teilzeit, temps partiel, media jornada, tiempo parcial, part-time, deeltijd, meio período, tempo parcial
        internship, intern: intern, internship, praktikum, praktikant*, stage, stagiaire, prácticas, tirocinio, estágio
        freelance, contract, contractor: freelance*, contractor, freiberuf*, selbstständig, indépendant, autónomo, libero professionista, zzp, freelancer
        remote, home office, home_office: remote*, work from home, home office, homeoffice, télétravail, teletrabajo, trabajo remoto, da remoto, thuiswerk*, teletrabalho
        onsite, on site, on_site, office: on site, onsite, in the office, vor ort, im büro, sur site, presencial, in sede, op kantoor
        hybrid: hybrid*, híbrido, ibrido, hybride
        in person, in_person: in person, face to face, persönlich, en personne, en persona, di persona, persoonlijk, presencial*
        video, video call, video_call, online, virtual: video*, zoom, teams, google meet, online, virtual*, skype, videokonferenz, visio, videollamada, videochiamata, videobellen
        phone, phone call, phone_call, call, telephone: by phone, phone call, telefon*, per telefon, téléphone, appelez, teléfono, llamada, llamen, telefonica*, telefonisch, bellen, telefone
        email, e mail: by email, via email, by e-mail, per e-mail, per mail, par mail, par e-mail, por correo, por email, via mail, via e-mail
        callback, call back, phone callback, call: call me back!, call back, callback!, give me a call!, ring me, phone me, call me, please call, rückruf!, zurückrufen!, rufen sie mich, ruft mich, rappeler!, rappelez!, appelez-moi, me rappeler, llámenme!, llámeme!, me llamen!, devolver la llamada, richiamar*, richiamat*!, chiamatemi, terugbellen!, bel mij!, bel me, ligar!, liguem!, me liguem, retornar
        parking, parking space: parking, park our car, parkplatz, stellplatz, parken, garage, aparcamiento, parcheggio, parkeerplaats, parkeren, estacionamento
        breakfast: breakfast, frühstück*, petit déjeuner, petit-déjeuner, desayuno, colazione, ontbijt, pequeno almoço, café da manhã
        pet, pets, dog: dog, dogs, cat, pet*, hund, hunde, haustier*, katze, chien*, chat, animal, animaux, perro*, mascota*, gato, cane, cani, gatto, animali, hond*, huisdier*, cachorro, cão
        gift, present: gift*, present for, geschenk*, cadeau*, regalo*, presente
        gift wrap, gift_wrap, gift wrapping: gift wrap*, wrapped as a gift, geschenkverpack*, als geschenk verpack*, paquet cadeau, emballage cadeau, envolver para regalo, confezione regalo, inpakken
        wheelchair, wheelchair access, accessible, accessibility: wheelchair, accessible, rollstuhl*, barrierefrei*, fauteuil roulant, silla de ruedas, sedia a rotelle, rolstoel*, cadeira de rodas
        newsletter, marketing: newsletter, mailing list, marketing emails, rundbrief, boletín, nieuwsbrief
        unsubscribe, opt out: unsubscribe*, remove me from, stop sending, opt out, abmelden, abbestellen, désabonn*, désinscri*, darme de baja, baja, cancellatemi, disiscri*, uitschrijv*, afmelden, descadastr*
        relocate, relocation, relocating: relocat*, move to, umzuziehen, umzug, umziehen, déménag*, mobilité, mudarme, trasferir*, verhuiz*, mudar
        visa sponsorship, visa: visa sponsorship, work visa, work permit, arbeitsvisum, visum, permiso de trabajo
        smoking, smoker: smok*, raucher*, fumeur*, fumador*, fumator*, roker*
        demo: demo*, demonstration, vorführung, démonstration, demostración, dimostrazione, demonstratie, demonstração
        nda: nda, non-disclosure, non disclosure
        urgent: urgent*, asap, as soon as possible, immediately, emergency, dringend*, eilig, eilt, sofort, urgence, au plus vite, urgente*, cuanto antes, lo antes posible, al più presto, spoed*, zo snel mogelijk, com urgência, o mais rápido
        attachment, attachments: attached, attachment*, enclosed, anhang, anbei, angehängt, beigefügt, pièce jointe, ci-joint, joint*, adjunt*, allegat*, bijlage*, bijgevoegd, anexo, em anexo
        purchase order: purchase order, po number
        deposit: deposit, anzahlung, acompte, depósito, acconto, aanbetaling
        positive: thank you so much!, great!, excellent!, love!, happy, fantastic!, amazing!, wonderful!, perfect!, pleased, delighted!, awesome!, super!, toll, begeistert!, zufrieden, großartig!, parfait!, ravi*, génial!, satisfait*, encantad*, genial!, excelente!, perfecto!, contento, soddisfatt*, perfetto!, ottimo!, geweldig!, tevreden, blij, ótimo!, adorei!, satisfeit*
        negative: terrible!, awful!, disappointed!, angry, unacceptable!, worst!, frustrated!, frustrating!, horrible!, disgusted!, furious!, unhappy!, annoyed, ridiculous!, poor service!, enttäuscht!, verärgert!, wütend!, unverschämt!, ärgerlich!, déçu*, inadmissible!, furieux!, scandaleux!, mécontent*, decepcionad*, enfadad*, inaceptable!, pésim*, delus*, arrabbiat*, inaccettabile!, pessim*, teleurgesteld!, boos, onacceptabel!, slecht, decepcionad*, péssim*, inaceitável!
        dhl: dhl
        ups: ups
        fedex: fedex
        dpd: dpd
        gls: gls
        hermes: hermes
        usps: usps
        royal mail: royal mail
        red: red, rot, rote, roten, rotes, roter, rouge*, rojo, roja, rosso, rossa, rood, rode, vermelh*
        blue: blue, blau, blaue, blauen, blaues, blauer, bleu*, azul*, blu, blauw*
        green: green, grün, grüne, grünen, grünes, vert, verte, verde*, groen*
        black: black, schwarz*, noir*, negro, negra, nero, nera, zwart*, preto, preta
        white: white, weiß*, blanc, blanche, blanco, blanca, bianco, bianca, wit, witte, branco, branca
        yellow: yellow, gelb*, jaune*, amarill*, giallo, gialla, geel, gele, amarel*
        grey, gray: grey, gray, grau*, gris, grigio, grigia, grijs, grijze, cinza
        monthly: monthly, per month, monatlich*, mensuel*, mensual*, mensile, maandelijks*, mensal
        yearly, annual, annually: yearly, annual*, per year, jährlich*, annuel*, anual*, annuale, jaarlijks*
        """;

    private const string UrgencyLines =
        """
        0: minor bug, minor issue, minor problem, cosmetic, no rush, no hurry, not urgent, isn't urgent, not at all urgent, whenever you have time, when you have time, whenever you get a chance, when you get a chance, whenever convenient, take your time, no urgency, low priority, not pressing, not in a hurry, can wait, whenever it suits, keine eile, nicht dringend, eilt nicht, nicht eilig, hat zeit, wenn sie zeit haben, bei gelegenheit, pas urgent, rien d'urgent, pas pressé, quand vous aurez le temps, quand vous pourrez, prenez votre temps, sin prisa, no es urgente, no corre prisa, cuando pueda, cuando puedan, cuando tengan tiempo, non è urgente, senza fretta, nessuna fretta, con calma, quando avete tempo, geen haast, niet dringend, geen spoed, wanneer het uitkomt, sem pressa, não é urgente, quando puderem, quando puder
        1: medium priority, normal priority, moderate priority, moderately urgent, this week, in the next few days, within a few days, diese woche, in den nächsten tagen, cette semaine, esta semana, questa settimana, deze week
        2: major bug, major issue, major problem, serious problem, serious issue, urgent*, asap, a.s.a.p, as soon as possible, soonest, quickly, time sensitive, high priority, top priority, very soon, by tomorrow, by tonight, by today, today at the latest, need it tomorrow, need this today, need it today, running out of time, hurry, dringend*, eilig, eilt, so schnell wie möglich, schnellstmöglich*, so bald wie möglich, umgehend, baldmöglichst, urgence, d'urgence, au plus vite, dès que possible, le plus vite possible, le plus rapidement possible, urgente*, cuanto antes, lo antes posible, lo más rápido posible, con urgencia, al più presto, il prima possibile, con urgenza, quanto prima, spoed, zo snel mogelijk, zo spoedig mogelijk, o mais rápido possível, o quanto antes, com urgência, assim que possível, o mais breve possível
        3: critical*, emergency, immediately, right now, right away, production is down, production down, site is down, system is down, everything is down, is completely down, outage, losing money, business has stopped, business is at a standstill, can't work at all, cannot work at all, life threatening, extremely urgent, very urgent!, notfall, sofort, kritisch, steht still, stillstand, komplett ausgefallen, äußerst dringend, critique, immédiatement, tout de suite, à l'arrêt, en panne totale, crítico, crítica, inmediatamente, de inmediato, emergencia, ahora mismo, critico, critica, immediatamente, subito, emergenza, kritiek, onmiddellijk, noodgeval, per direct, ligt plat, imediatamente, emergência, de imediato
        """;
}
