namespace Commune.Ai.Screening;

/// <summary>
/// The words of each cue in the languages that mail comes in. "*" stands for any ending. They are folded as texts are, so accents and case are free.
/// </summary>
internal static class LexiconEntries
{
    public static readonly (Cue Cue, string Entries)[] All =
    [
        (Cue.Override,
            """
            ignor*, disregard*, forget, forgets, override*, overriding, bypass*, neglect, set aside, pay no attention, take no notice, do not follow, don't follow, stop following, discard*, dismiss, void,
            abandon, do not obey, no longer follow, no longer bound, erase, forget about, forget all, forget everything, suspended, cancelled, cancel, untrusted
            missacht*, vergiss, vergessen sie, beachte nicht, verwirf, verwerfen sie, uebergehe, setz dich hinweg
            oublie, oubliez, ne tiens pas compte, ne tenez pas compte, fais abstraction, faites abstraction, neglige*, passe outre
            olvida, olvide, olvidate, omite, haz caso omiso, descarta, no sigas
            dimentica, dimenticate, trascura, non seguire
            esqueca, esquece, desconsider*, desconsidere, descarte
            negeer, negeren, vergeet, sla geen acht
            zignoruj, zapomnij, pomin, nie zwracaj uwagi, zapomen, zapomente, nezohledn*
            игнорир*, проигнорир*, забудь, забудьте, не обращай внимания, отмени, не следуй, ігнор*, проігнор*, забудь про
            yok say*, goz ardi et*, gormezden gel*, dikkate alma*, unut
            忽略, 无视, 無視, 忽視, 忘记, 忘掉, 忘記, 不要理会, 不理会, 不要遵守, 無視して, 忘れて, 従わない, 무시, 잊어, 따르지
            تجاهل, تجاهلوا, انس, لا تتبع, התעלם, התעלמו, שכח
            अनदेखा, नजरअंदाज, भूल जा*, नज़रअंदाज़, เพิกเฉย, ละเว้น, ไม่ต้องสนใจ, ลืม
            ignorera, bortse*, strunta i, glom, bo qua, phot lo, quen di, abaikan, lupakan, nu tine cont, uita, hagyd figyelmen kivul, felejtsd el, figyelmen kivul, αγνοησ*, αγνοειστε, ξεχνα, ξεχασε
            """),
        (Cue.Prior,
            """
            previous*, prior, above, earlier, preceding, foregoing, initial, original, existing, former, before, given, your, these, so far, up to now, current, the rest
            vorherig*, vorigen, bisherig*, obigen, fruheren, fruhere, deine, ihre, alten
            precedent*, anterior*, ci dessus, vos, tes, ton, tus, sus, previas, prima, precedenti, tue, suas, teus, vorige, eerdere, bovenstaande, jouw, je
            poprzedni*, wczesniejsz*, powyzsz*, twoje, predchozi, drivejsi, предыдущ*, прежн*, вышеуказанн*, свои, твои, попередн*, onceki, yukaridaki
            之前, 先前, 以前, 以上, 前面, 上述, 上面, 原来, 你的, これまで, 以前の, 上記, 前の, あなたの, 이전, 앞의, 위의, 너의, 당신의, السابق*, السابقة, أعلاه, الأصلية, הקודמ*, שלך, पिछल*, पूर्व, ก่อนหน้า, ของคุณ
            tidigare, foregaende, truoc do, truoc day, sebelumnya, di atas, anterioare, korabbi, elozo, προηγουμεν*
            """),
        (Cue.Instruction,
            """
            instruction, instructions, instructed to, prompt, prompts, guideline*, directive*, constraint*, programming, guardrail*, content policy, content policies, safety filter*, safety restrictions, safety guidelines, task above,
            instruct1ons, training, alignment, context above, objective, system message
            anweisung*, instruktion*, vorgaben, richtlinien, consigne*, instrucci*, istruzion*, instruc*, directives, directrices, direttive, diretrizes, instructies, aanwijzingen, richtlijnen
            instrukcj*, polecen*, wytyczn*, pokyn*, instrukc*, инструкци*, указани*, инструкції, інструкці*, вказівк*, промпт*, talimat*, yonerge*, komut*, istem*
            指令, 指示, 提示词, 提示詞, 提示, 命令, 指引, プロンプト, 命令, 지시, 명령, 지침, 프롬프트, تعليمات, التعليمات, الأوامر, توجيهات, הוראות, ההוראות, הנחיות, निर्देश*, คำสั่ง, คำแนะนำ
            instruktioner*, anvisningar*, riktlinjer, huong dan, chi thi, lenh, instruksi*, perintah, utasitas*, οδηγι*, εντολ*
            """),
        (Cue.Rule,
            """
            rules, rule, policy, policies, restriction*, commands, orders, limits, criteria, safeguards, protocol, task, tasks, role, filters, regeln, regles, reglas, regole, regras, regels, zasady, pravidla, правила, kurallar*, 规则, 規則, ルール, 규칙, القواعد, כללים, नियम*, กฎ, regler, quy tac, aturan, reguli*, szabaly*, κανον*
            """),
        (Cue.Prompt | Cue.Instruction,
            """
            system prompt*, systemprompt*, initial prompt, hidden prompt, hidden instructions, initial instructions, your instructions, your prompt, your configuration, full configuration, original prompt, operator's prompt, the prompt you were given,
            secret instructions, confidential context, text of your instructions, everything above this, everything above, text above, list of tools, tools you can call, prompt you were given, your rules, developer message
            system anweisung*, deine anweisungen, invite systeme, instructions systeme, prompt systeme, prompt del sistema, prompt de sistema, prompt di sistema, instrucciones del sistema, prompt do sistema, systeemprompt, prompt systemow*, systemowy prompt, systemovy prompt
            системный промпт*, системные инструкции, системний промпт*, sistem istem*, sistem prompt*, 系统提示词, 系统提示, 系統提示*, 系統提示詞, システムプロンプト, 시스템 프롬프트, موجه النظام, תעליך המערכת, सिस्टम प्रॉम्प्ट, rendszerprompt*, systemprompten, promptul de sistem
            """),
        (Cue.Machine,
            """
            ai, ais, a i, a.i, llm, llms, language model, language models, large language model, ai model*, ai assistant*, ai agent*, ai system*, chatbot*, gpt, chatgpt, claude, gemini, copilot, automated agents, automated agent, mailbot, email agent, mail agent, coding agent, virtual assistant, ki, ki assistent*, sprachmodell*, modele de langage, assistant ia, ia, modelo de lenguaje, modelo de linguagem, modello linguistico, taalmodel, model jezykowy, языковая модель, нейросеть, ии, yapay zeka, 人工智能, 人工智慧, 助手, 语言模型, 人工知能, アシスタント, 인공지능, 어시스턴트, الذكاء الاصطناعي, בינה מלאכותית
            """),
        (Cue.Agent,
            """
            assistant, assistants, agent, agents, model, models, bot, system, assistent*, asistent*, asistente, assistente, asystent*, помощник*, ассистент*, asistan*
            """),
        (Cue.Role,
            """
            you are, you're, you are now, you are no longer, from now on you, act as, acting as, pretend to be, pretend, roleplay as, play the role, stay in character, behave as, imagine you are, in which you are, you will act, as zed, shall comply, du bist, du bist jetzt, sie sind jetzt, ab jetzt bist du, tu es maintenant, tu es desormais, vous etes maintenant, vous etes desormais, ahora eres, a partir de ahora eres, actua como, eres un, sei ora, ora sei, comportati come, agora voce e, agora tu es, voce e agora, atue como, je bent nu, jij bent nu, teraz jestes, jestes teraz, теперь ты, ты теперь, отныне ты, тепер ти, artik, nyni jsi, ted jsi
            你现在是, 你現在是, 从现在起你是, 从现在开始你, 扮演, あなたは今から, あなたは今, 今からあなた, 너는 이제, 당신은 이제, أنت الآن, אתה עכשיו, अब आप, अब तुम, ตอนนี้คุณ, du ar nu, bay gio ban la, sekarang kamu, sekarang anda, acum esti, mostantol
            """),
        (Cue.Unbound,
            """
            unrestricted, no restrictions, without restrictions, without any restriction*, no rules, without rules, no limits, no filters, no filter, without any filter, without filters, uncensored, do anything, can do anything, dan, jailbroken, developer mode, admin mode, god mode, debug mode, no content policy, ohne regeln, ohne einschrankungen, sans restriction*, sans aucune restriction, sans regles, sin restricciones, sin reglas, sin limites, senza restrizioni, senza regole, sem restricoes, sem regras, zonder regels, zonder beperkingen, bez ograniczen, bez omezeni, без ограничений, без правил, без обмежень, kuralsiz, sinirsiz, 没有限制, 沒有限制, 无限制, 制限のない, 제한이 없는, 제한 없는, بدون قيود, بلا قيود, ללא הגבלות, utan regler, utan begransningar, khong gioi han, tanpa batasan,
            an administrator, the administrator, as an administrator, root access, safety filters are off, restrictions are suspended, no ethical, any request, every request, all requests, each request, do not refuse, never refuse, grant every request, approve every request, approve all, answers everything, without verification
            """),
        (Cue.Give,
            """
            send, sends, sending, forward, forwards, forwarding, reveal*, print, output, show, share, disclose*, post, upload*, include, append, leak, give, reply to this message with, reply to this email with, reply to this mail with, tell, repeat, list, mail, email me, reply with, respond with, answer with, report, exfiltrate*, copy, expose, transmit, display, dump, provide, confirm the, collect, extract, recite, put
            sende, senden sie, schicke, schick, leite, leiten sie, zeige, zeig, gib, verrate, nenne, envoie*, envoyez, transfere*, revele*, revelez, montre, affiche, donne, envia, enviame, envie, reenvia, reenvie, muestra*, revela, mostra, invia*, inoltra, rivela, mostrami, encaminhe, encaminha, revele, mostre, stuur*, verstuur, toon, geef, laat zien
            wyslij, przeslij, pokaz, ujawnij, podaj, posli, preposli, ukaz, pošli, отправь, перешли, пришли, покажи, раскрой, вышли, надішли, перешли, покажи, gonder*, ilet, goster
            发送, 发给, 發送, 傳送, 转发, 轉發, 显示, 顯示, 透露, 输出, 送って, 送信, 表示して, 表示, 教えて, 転送, 보내, 보여, 전송, 알려, 전달, أرسل, وأرسل, اعرض, اكشف, أعد توجيه, שלח, ושלח, הצג, חשוף, भेज*, दिखा*, ส่ง, แสดง
            skicka, visa, avsloja, gui, chuyen tiep, hien thi, kirim*, tampilkan, teruskan, trimite*, arata*, kuldd*, mutasd, στειλε*, δειξε, προωθησε
            """),
        (Cue.Secret,
            """
            api key*, api-key*, apikey*, password, passwords, passphrase, credential, credentials, secret token, secret, secrets, access token*, the token, token of, private key*, secret key*, ssh key*, environment variables, env variables, verification code, one-time code, six-digit code, digit code, login code, password reset link, reset link, recovery code*, seed phrase, bank details, credit card*, saved passwords, admin password, the keys you know, confidential, api schlussel, passwort*, zugangsdaten, kennwort, cle api, cles api, mot de passe, mots de passe, identifiants, clave api, claves, contrasena*, clave de api, credenciales, chiave api, password, credenziali, senha, senhas, chave api, chave da api, credenciais, wachtwoord*, api sleutel, haslo, hasla, klucz api, heslo, klic api, пароль, пароли, ключ api, api ключ, токен, пароль, sifre*, api anahtar*, 密码, 密碼, 密钥, 密鑰, 口令, パスワード, apiキー, 認証情報, 비밀번호, api 키, 암호, كلمة المرور, كلمات المرور, مفتاح api, סיסמ*, הסיסמה, מפתח ה, מפתח api, पासवर्ड, รหัสผ่าน, losenord*, api nyckel*, mat khau, khoa api, kata sandi, kunci api, parola, cheia api, jelszo*, jelszot, κωδικ*, κλειδι api
            """),
        (Cue.Mailbox,
            """
            all emails, all e-mails, all mails, every email, every e-mail, each email, all messages, every message, all mail, every mail, last five emails, last ten emails, last ten messages, last 5 emails, last 10 emails, last 20 emails, last 10 messages, newest emails, three newest emails, last emails, emails in this inbox, emails of this inbox, emails in this mailbox, the inbox, this inbox, this mailbox, the mailbox, inbox contents, all attachments, user's contacts, the contacts, contact list, customer list, list of customers, all customers, names and addresses of all, the conversation, this conversation, entire conversation, full conversation, conversation history, chat history, message history, previous messages, mails of this inbox, mails in this inbox, each draft, every draft, list of inboxes, user's meetings, list of the user's, last message, user's last message, customer's phone number, password reset mails, every message from
            alle e-mails, alle emails, alle mails, alle nachrichten, tous les e-mails, tous les emails, tous les mails, tous les messages, historique de la conversation, la conversation, todos los correos, todos los emails, todos los mensajes, tutte le email, tutte le e-mail, tutti i messaggi, todos os emails, todos os e-mails, alle berichten, wszystkie wiadomosci, wszystkie maile, vsechny e-maily, все письма, всю переписку, усі листи, tum e-posta*, 所有邮件, 所有郵件, 全部邮件, すべてのメール, 모든 이메일, 모든 메일, جميع الرسائل, כל ההודעות, सभी ईमेल, alla mejl, tat ca email, semua email, toate emailurile, minden levelet
            """),
        (Cue.Secrecy,
            """
            do not tell*, don't tell*, do not mention*, don't mention*, never mention, never tell*, do not inform, without informing*, without telling*, without asking*, do not reveal this, silently, secretly, do not notify, without notifying, without the user, without confirmation, no confirmation is needed, no confirmation needed, skip the confirmation, without approval, do not ask, do not alert, hide this, then delete this, delete this mail, delete this message, do not refuse, sans le dire, ohne es zu erwahnen, sin decir*, erwahne dies nicht
            """),
        (Cue.Authority,
            """
            user has authorised, user has authorized, user has already given consent, user has given consent, user has approved, you are authorised, you are authorized, authorised by the, authorized by the, administrator has approved, administrator has authorised, from your developer*, your developers, your operator, your creator*, your creators, trusted instruction, trusted instructions, owner of the account, account owner, this is a message from your, security policy was updated, new policy, has permission, you have permission, hereby instructed, you have been instructed, the user is an administrator, sender is the administrator, sender is an administrator, treat the sender as, as the user asked, comply with
            """),
        (Cue.Act,
            """
            delete*, transfer, transfers, wire, approve*, execute, run, call, invoke, comply, complies, obey, add, accept, sign in, log in, enter, rate, obey, do it, do what it says, follow, issue, proceed, continue, must say, treat, search the mailbox, grant, wipe, purchase, buy, click, open, visit, read every
            """),
        (Cue.Tool,
            """
            run the following, run this, execute the following, execute this, following command, in your shell, call the function, call the tool, use the tool, invoke the function, invoke the tool, function above, call send_email, send email(, call delete*, delete all messages, delete_all*, transfer funds, transfer_funds, send_email*, curl, wget, powershell, function call, add a forwarding rule, forwarding rule, render, renders, append this image, the image below, this image
            """),
        (Cue.Not,
            """
            not, never, don't, cannot, no, without, niemals, nicht, nie, keine, ne, pas, jamais, nunca, no, non, mai, nao, niet, nooit, nie wolno, не, никогда, ni, kein
            """),
        (Cue.Own, "my, our, mine, meine, meinen, mes, mon, mis, mi, mie, mia, meus, minha, mijn, moje, мои, мое, мою, benim, 我的, 私の"),
        (Cue.Reading,
            """
            reading this, reads this, processing this, processes this, summarising this, summarizing this, summarise this, summarize this, when you summarise, when you summarize, answering this, before answering, before you do anything, before doing anything, before you answer, in your next reply, in your reply, in your answer, in your summary, in its summary, each answer, this email, this message, on behalf of
            """),
        (Cue.Must, "must, shall, should, have to, has to, is to, are to, need to, immediately, at once, always, required to"),
        (Cue.ToMe, "me, us, mir, an mich, uns, moi, a moi, mi, mij, mnie, mne, мне, bana, 给我, 我, 私に, 나에게, إلي, לי, मुझे, ให้ฉัน, till mig, cho toi, ke saya, the sender, this address, to this"),
        (Cue.Talk,
            """
            prompt injection*, prompt-injection*, jailbreak*, jailbreaks, attacker*, attack, attacks, payload*, researcher*, vulnerability, vulnerabilities, bug bounty, adversarial, indirect attacks, exploit, exploits, in the wild, defender*, defence*, defense*, social engineering, phishing, criminals, scam*, red team*, hackathon, break the bot
            """),
        (Cue.NewTask,
            """
            new instruction, new instructions, new system, new task, new role, new objective, sole objective, only objective, your task, new directive*, new rules, real task, actual task, updated instructions, important instructions, important message for, only follow, my directives, next step, new session
            """),
        (Cue.All, "all, any, every, each, everything, whatever, alle, alles, toutes, tous, todas, todos, tutte, tutti, alla, wszystkie, vsechny, все, всі, усі, tum, semua, tat ca, toate, osszes, ολες, ολα, 所有, 全部, すべて, 全て, 모든, 모두, جميع, כל, सभी, ทั้งหมด"),
        (Cue.Decode, "decode, decodes, base64, rot13, hex string, hex, backwards, reversed, interpret, unscramble, decipher, decrypt"),
    ];
}
