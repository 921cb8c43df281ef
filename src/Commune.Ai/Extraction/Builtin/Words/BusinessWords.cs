namespace Commune.Ai.Extraction.Builtin.Words;

/// <summary>
/// The words of business mail by what they mean, in English, German, French, Spanish, Italian, Dutch and Portuguese. A line holds concepts,
/// a colon, and the words or phrases that mean all of them; a word may stand in several lines.
/// </summary>
internal static class BusinessWords
{
    public const string Lines =
        """
        id: id, ids, number, numbers, no, nr, nro, num, #, №, n, reference, references, ref, code, nummer, numero, numéro, número, referenz, kennung, zeichen, kennzeichen, référence, réf, referencia, riferimento, rif, referentie, kenmerk, referência, código, codice, identifier, key, nº
        date: date, dates, dated, datum, fecha, data, dato, day, tag, jour, día, giorno, dag, dia
        time: time, uhrzeit, heure, hora, orario, tijd, tijdstip, horário, uhr
        amount: amount, betrag, montant, importe, importo, bedrag, valor, amt, sum, summe, somme, suma, somma, cantidad monetaria
        count: quantity, qty, count, menge, anzahl, stück, stückzahl, quantité, qté, cantidad, cant, quantità, qta, aantal, hoeveelheid, quantidade, qtd, qtde, pieces, pcs, number of, nombre de, número de personas, anzahl der, no of, how many, units
        count department: team size, company size, staff size
        name: name, names, namen, nom, nombre, nome, naam, full name, nom complet, nombre completo, nome completo, nome e cognome, volledige naam
        first name: vorname, prénom, voornaam, forename, firstname, given name, nome próprio
        last name: nachname, familienname, surname, lastname, cognome, achternaam, apellido, apellidos, sobrenome, apelido, nom de famille, family name
        first: first, given, erste, premier, primero
        last: last, family, letzte, dernier
        email: email, emails, mail, e-mail, mails, mailadresse, emailadresse, courriel, correo, mailadres, e mail, e mails, correo electrónico, adresse électronique, correio eletrónico, correio eletrônico, posta elettronica, email address, e mail address, e mail adresse, adresse e mail, adresse mail, indirizzo e mail, indirizzo email, dirección de correo, endereço de e mail, endereço de email
        phone: phone, telephone, tel, telefon, telefonnummer, téléphone, teléfono, telefono, telefoon, telefoonnummer, telefone, mobile, mobil, handy, handynummer, cell, cellphone, gsm, móvil, cellulare, telemóvel, celular, mobiel, rückrufnummer, fon, call me on, call me at, reach me at, reach me on
        fax: fax, telefax
        address: address, adresse, anschrift, dirección, indirizzo, adres, endereço, morada, addr
        street: street, strasse, straße, rue, calle, straat, rua
        city: city, town, stadt, ville, ciudad, città, stad, plaats, cidade, localité, wohnort
        postcode: postcode, zip, plz, postleitzahl, zipcode, cp, cep, postal, zip code, postal code, post code, code postal, código postal, codice postale
        country: country, land, pays, país, paese
        link: link, url, website, webpage, site, homepage, webseite, lien, enlace, sito, página, web, portfolio, linkedin, github
        percent: percent, percentage, prozent, prozentsatz, pourcentage, porcentaje, percentuale, percentagem
        currency: currency, währung, devise, moneda, divisa, valuta, moeda
        text: text, description, details, beschreibung, bezeichnung, désignation, descripción, descrizione, omschrijving, descrição, détails
        message: message, nachricht, mensaje, messaggio, bericht, mensagem, body, enquiry text, your message, ihre nachricht, votre message
        comment: comment, comments, note, notes, remark, remarks, bemerkung, bemerkungen, anmerkung, anmerkungen, remarque, commentaire, comentario, comentarios, commento, opmerking, opmerkingen, observação, observações, special requests, sonderwünsche
        subject: subject, betreff, objet, asunto, oggetto, onderwerp, assunto
        order: order, orders, bestellung, bestellungen, bestell, auftrag, auftrags, commande, commandes, pedido, ordine, ordini, bestelling, encomenda, compra, purchase, bestel, achat, ord
        po: po, purchase order, p.o
        invoice: invoice, invoices, bill, rechnung, rechnungen, rechnungs, facture, factures, factura, facturas, fattura, fatture, factuur, facturen, fatura, faturas, inv
        credit: credit, gutschrift, avoir, abono
        customer: customer, customers, client, clients, kunde, kunden, kundin, cliente, clientes, clienti, klant, klanten, buyer, purchaser, käufer, acheteur, comprador
        sender: sender, absender, expéditeur, remitente, mittente, afzender, remetente, submitter, requester, reporter, author, inquirer
        recipient: recipient, empfänger, destinataire, destinatario, ontvanger, destinatário, addressee, consignee
        contact: contact, kontakt, ansprechpartner, ansprechpartnerin, contacto, contatto, contactpersoon, contato, kontaktperson
        user: user, username, benutzer, utilisateur, usuario, utente, gebruiker, usuário, utilizador, benutzername
        account: account, konto, compte, cuenta, conto, rekening, conta, kontonummer, rekeningnummer
        member: member, membership, mitglied, mitglieds, membre, miembro, socio, lid
        ticket: ticket, tickets, case, incident, vorgang, vorgangs, dossier, caso, zaak, chamado, anfragenummer, fall
        booking: booking, bookings, reservation, reservations, buchung, buchungs, reservierung, reservierungs, réservation, reserva, prenotazione, boeking, reservering, boekings, confirmation, bestätigungs, pnr, booked, gebucht
        tracking: tracking, parcel, consignment, shipment number, sendung, sendungs, sendungsverfolgung, sendungsnummer, paket, paketnummer, suivi, seguimiento, rastreo, tracciamento, tracking number, track trace, trackingnummer, zending, rastreamento, rastreio, awb, waybill, colis
        shipping: shipping, shipment, delivery, deliver, delivered, lieferung, liefer, versand, zustellung, geliefert, livraison, livrer, expédition, envío, entrega, entregar, spedizione, consegna, verzending, levering, bezorging, leverings, bezorg, verzend, envio, ship, shipped, versendet, lieferdatum
        billing: billing, rechnungsanschrift, facturation, facturación, fatturazione, facturatie, faturação, faturamento
        estimated: estimated, expected, voraussichtlich, voraussichtliche, voraussichtliches, estimée, prévue, estimada, prevista, verwacht, verwachte, eta, previsto
        shipping date: eta, arriving, arrives
        payment: payment, payments, zahlung, zahlungs, paiement, pago, pagamento, betaling, betalings
        paid: paid, bezahlt, payé, pagado, pagato, betaald, pago em
        due date: due, fällig, fälligkeit, fälligkeitsdatum, zahlbar bis, échéance, vencimiento, scadenza, vervaldatum, vencimento, deadline, payable by, pay by, due by, à régler avant, date limite, zu zahlen bis, uiterlijk, fällig am, frist, due on, due date, finished by, done by, ready by, needed by, completed by, complete by, no later than
        total outstanding: amount due, balance due, total due
        outstanding: outstanding, balance, offen, offener, offene, restbetrag, saldo, solde, openstaand
        tax: tax, vat, mwst, mehrwertsteuer, ust, umsatzsteuer, steuer, tva, iva, btw, imposto, gst, taxes, sales tax, taxe, impuesto
        total: total, gesamt, gesamtsumme, totale, totaal, insgesamt, grand total, overall, gesamter, zusammen
        total amount: gesamtbetrag, endbetrag, rechnungsbetrag, gesamtpreis, totaalbedrag, endsumme, valor total, montant total, importe total, importo totale, amount payable, zu zahlen, te betalen, à payer, a pagar, da pagare
        subtotal: subtotal, zwischensumme, sous total, subtotale, subtotaal, sub total, warenwert
        gross: incl vat, including vat, incl tax, including tax, inkl mwst, inklusive mwst, inkl ust, iva incluido, iva inclusa, iva compresa, iva incluído, incl btw, inclusief btw, com iva, tva comprise, vat included, inc vat
        net: excl vat, excluding vat, ex vat, zzgl mwst, exkl mwst, excl btw, sin iva, iva esclusa, sem iva, before tax, excl tax, excluding tax
        net: net, netto, nettobetrag, ht, neto, netta, imponibile, base imponible, hors taxe, hors taxes, excl
        gross: gross, brutto, bruttobetrag, ttc, bruto, lordo, incl
        price: price, cost, costs, preis, kosten, prix, coût, precio, coste, prezzo, costo, prijs, preço, custo, kaufpreis
        price unit: einzelpreis, stückpreis, stuksprijs, prix unitaire, precio unitario, prezzo unitario, preço unitário, unit price, price each, stückkosten, p.u, pu
        unit: unit, unitaire, unitario, einzel, unitário, each, eenheid
        fee: fee, fees, charge, charges, gebühr, gebühren, frais, tarifa, commissione, vergoeding, taxa
        shipping price: shipping cost, shipping costs, shipping fee, versandkosten, lieferkosten, porto, frais de port, frais de livraison, gastos de envío, spese di spedizione, verzendkosten, portes, frete, postage, delivery fee, delivery charge
        discount: discount, rabatt, nachlass, remise, réduction, descuento, sconto, korting, desconto, voucher, gutschein, coupon, promo
        refund: refund, refunds, refunded, erstattung, rückerstattung, erstatten, remboursement, rembourser, reembolso, rimborso, terugbetaling, money back, geld zurück, geld terug
        return: return, returns, retoure, rücksendung, retour, devolución, reso, retourzending, devolução, rma
        deposit: deposit, anzahlung, kaution, acompte, caution, depósito, fianza, caparra, acconto, cauzione, aanbetaling, borg, sinal
        budget: budget, budgets, presupuesto, orçamento, budgetrahmen
        salary: salary, gehalt, gehaltsvorstellung, gehaltswunsch, salaire, salario, stipendio, salaris, salário, remuneration, prétentions salariales, pretensión salarial, salary expectation, salary expectations, expected salary, desired salary, jahresgehalt, retribuzione, rémunération, compensation, wage
        item: item, items, product, products, article, articles, artikel, produkt, produkte, produit, produits, producto, productos, artículo, artículos, prodotto, prodotti, articolo, articoli, producten, produto, produtos, artigo, artigos, goods, ware, pos, position
        sku: sku, artikelnummer, art, artnr, article number, item number, product code, product number, item code, part number, artikelnr
        serial: serial, seriennummer, serien, série, serienummer, matricola, imei
        warranty: warranty, garantie, garantía, garanzia, garantia, guarantee
        company: company, firma, unternehmen, société, entreprise, empresa, compañía, azienda, società, ditta, bedrijf, bedrijfsnaam, organisation, organization, employer, firmenname, firm, bureau, school, business
        company: institution, arbeitgeber
        vendor: vendor, supplier, seller, merchant, lieferant, verkäufer, fournisseur, vendeur, proveedor, vendedor, fornitore, venditore, leverancier, verkoper, fornecedor, shop, store, issuer, biller, händler, rechnungssteller
        department: department, abteilung, département, departamento, reparto, afdeling, team
        start: start, starts, starting, begin, begins, beginn, début, inicio, inizio, início, from, ab, vanaf, desde, startdatum, eintrittsdatum, eintritt, available from, start date, début du
        end: end, ends, ending, until, till, ende, bis, fin, fine, tot, einde, fim, jusqu'au, hasta, até, t/m, through, enddatum, end date
        checkin: arrival, arrive, arriving, checkin, anreise, ankunft, arrivée, arriver, llegada, arrivo, aankomst, chegada, check in, anreisedatum, einchecken, entrada, arrivons, arrivando, llegamos
        checkout: departure, depart, leave, leaving, checkout, abreise, départ, salida, partenza, vertrek, saída, check out, abreisedatum, abflug, abfahrt, partida, repartir, partons, salimos
        birth date: birth, birthday, birthdate, dob, geburtsdatum, geburtstag, geboren, naissance, nacimiento, nascita, geboortedatum, nascimento, date of birth, born, born on
        night: night, nights, nacht, nächte, nuit, nuits, noche, noches, notte, notti, nachten, noite, noites, übernachtungen
        guest: guest, guests, people, person, persons, pax, gast, gäste, personen, leute, personne, personnes, persona, personas, huésped, huéspedes, persone, ospite, ospiti, gasten, personen, pessoas, pessoa, hóspedes, party of, covers, teilnehmer, participants, participant, attendees, attendee, headcount, party size, group size, heads, invités, participantes, partecipanti, deelnemers, seats, party, travellers, travelers, passengers, passenger
        adult: adult, adults, erwachsene, erwachsener, adulte, adultes, adulto, adultos, adulti, volwassenen, volwassene
        child: child, children, kid, kids, kind, kinder, kindern, enfant, enfants, niño, niños, bambino, bambini, kinderen, criança, crianças
        room: room, rooms, zimmer, chambre, chambres, habitación, habitaciones, camera, camere, stanza, kamer, kamers, quarto, quartos, raum, zimmernummer
        table: table, tisch, mesa, tavolo, tafel
        job: job, jobs, role, position, stelle, stellen, poste, puesto, posizione, functie, vacature, vaga, cargo, ruolo, job title, beruf, job role, opening, vacancy, job position, applied position, title, berufsbezeichnung
        candidate: candidate, applicant, bewerber, bewerberin, candidat, candidata, candidato, sollicitant
        experience: experience, erfahrung, berufserfahrung, expérience, experiencia, esperienza, ervaring, experiência, werkervaring
        year: year, years, jahr, jahre, jahren, ans, année, années, año, años, anno, anni, jaar, jaren, ano, anos, yrs, yr
        month: month, months, monat, monate, monaten, mois, mes, meses, mese, mesi, maand, maanden, mês
        week: week, weeks, woche, wochen, semaine, semaines, semana, semanas, settimana, settimane, weken
        day: days, tage, tagen, jours, días, giorni, dagen, dias
        hour: hour, hours, stunde, stunden, heures, horas, ore, uren
        minute: minute, minutes, minuten, minutos, minuti, mins, min
        notice: notice, kündigungsfrist, préavis, preavviso, opzegtermijn
        skill: skill, skills, fähigkeiten, kenntnisse, compétences, habilidades, competenze, vaardigheden, competências, competencias, technologies
        education: education, degree, ausbildung, abschluss, studium, formation, diplôme, educación, titulación, istruzione, opleiding, educação, university
        language: language, languages, sprache, sprachen, langue, langues, idioma, idiomas, lingua, lingue, taal, talen, língua
        reason: reason, grund, motif, raison, motivo, razón, reden, anlass, ursache, cause, purpose
        carrier: carrier, courier, versanddienstleister, paketdienst, transporteur, transportista, corriere, vervoerder, transportadora, shipped via, versandart, shipped with, lieferdienst
        weight: weight, gewicht, poids, peso
        size: size, größe, taille, talla, tamaño, taglia, maat, tamanho, kleidergröße
        colour: color, colour, farbe, couleur, colore, kleur, cor
        model: model, modell, modèle, modelo, modello
        version: version, versión, versione, versie, versão, release
        device: device, gerät, appareil, dispositivo, apparaat
        error: error, fehler, fehlermeldung, erreur, errore, fout, erro, error message, error code, fehlercode
        bank: bank, banque, banco, banca
        iban: iban, bankverbindung
        bic: bic, swift
        priority: priority, urgency, dringlichkeit, priorität, priorité, prioridad, priorità, prioriteit, prioridade, urgence, severity
        status: status, stand, statut, estado, stato, state, situation
        kind: type, art, typ, tipo, category, kategorie, catégorie, categoría, categoria, categorie, kind, class, classification, topic, thema
        issue: issue, problem, issues, problème, problema, probleem, anliegen, inquiry, enquiry, request, anfrage, demande, solicitud, richiesta, vraag, question, frage, pregunta, domanda, complaint, support
        event: event, events, veranstaltung, événement, evento, evenement, occasion, anlass
        appointment: appointment, termin, meeting, rendez vous, rendezvous, rdv, cita, reunión, appuntamento, riunione, afspraak, vergadering, compromisso, reunião, consulta, besprechung, interview, visit, call, slot, viewing, besichtigung, wunschtermin, entretien
        preferred: preferred, desired, requested, gewünscht, gewünschter, gewünschtes, wunsch, souhaitée, souhaité, deseada, deseado, preferito, desiderata, gewenste, desejada, scheduled, proposed, new, neue, neuer, neues
        location: location, venue, place, ort, lieu, lugar, luogo, locatie, local, treffpunkt, veranstaltungsort, standort, where
        flight: flight, flug, vol, vuelo, volo, vlucht, voo, flugnummer
        origin: origin, departure city, departure airport, from city, startort, abflughafen, depart from, lieu de départ
        destination: destination, ziel, zielort, destino, destinazione, bestemming, arrival city, arrival airport, reiseziel, to city
        duration: duration, dauer, durée, duración, durata, duur, duração, length
        contract: contract, vertrag, vertrags, contrat, contrato, contratto
        project: project, projekt, projet, proyecto, progetto, projeto
        property: property, objekt, immobilie, bien, inmueble, immobile, imóvel, wohnung, apartment
        age: age, alter, âge, edad, età, leeftijd, idade
        size: shoe size, schuhgröße
        gender: gender, geschlecht, sexe, género, genere, geslacht
        salutation: salutation, anrede, civilité
        period: period, zeitraum, période, período, periodo, periode, leistungszeitraum, billing period
        licence: licence, license, registration, plate, kennzeichen, vin
        """;
}
