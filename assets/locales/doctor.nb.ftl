# Undersøkelsen av en tjener. For hvert funn en setning for familien; under samme navn med «-do» hva den som driver
# tjeneren, kan gjøre med det. Innstillingene for Prosody og ejabberd står i core/src/doctor/says.rs.

doctor-names-both = DNS forteller alle apper hvor tjeneren er.
doctor-names-no-direct = DNS forteller apper hvor tjeneren er, men ikke at den kan nås med kryptering fra første stund.
doctor-names-no-direct-do = Legg til i DNS: _xmpps-client._tcp.{ $domain }. IN SRV 5 0 5223 { $host }.
doctor-names-no-starttls = DNS nevner bare den nyere typen forbindelse. Eldre apper finner ikke tjeneren.
doctor-names-no-starttls-do = Legg til i DNS: _xmpp-client._tcp.{ $domain }. IN SRV 5 0 5222 { $host }.
doctor-names-none = DNS sier ikke hvor tjeneren er, så apper må gjette.
doctor-names-none-do = Legg til i DNS, med tjenerens navn i stedet for { $host } hvis den heter noe annet: _xmpps-client._tcp.{ $domain }. IN SRV 5 0 5223 { $host }. og _xmpp-client._tcp.{ $domain }. IN SRV 5 0 5222 { $host }.
doctor-names-declined = DNS sier at { $domain } ikke har noen chattetjener.
doctor-names-declined-do = Erstatt de SRV-postene for { $domain } der målet bare er et punktum.
doctor-names-silent = Navnetjenerne svarte ikke, så det er ukjent hva DNS sier.
doctor-address-found = { $host } har en adresse: { $addresses }.
doctor-address-none = DNS har ingen adresse for { $host }.
doctor-address-none-do = Gi { $host } en A-post og, hvis den har IPv6, en AAAA-post; eller rett navnet i SRV-postene.
doctor-address-silent = Navnetjenerne svarte ikke på spørsmålet om { $host }.

doctor-direct-works = Apper kan koble til med kryptering fra første stund ({ $host }, port { $port }).
doctor-direct-unannounced = Kryptering fra første stund virker ({ $host }, port { $port }), men DNS forteller det ikke til appene.
doctor-direct-unannounced-do = Legg til i DNS: _xmpps-client._tcp.{ $domain }. IN SRV 5 0 { $port } { $host }.
doctor-direct-absent = Apper kan ikke koble til med kryptering fra første stund. I noen gjestenett er det bare det som slipper gjennom.
doctor-direct-absent-do = Tilby direkte TLS (XEP-0368) på en egen port, og nevn den i DNS: _xmpps-client._tcp.{ $domain }. IN SRV 5 0 5223 { $host }.
doctor-direct-fails = Forbindelsen med kryptering fra første stund virker ikke ({ $host }, port { $port }). { $cause }
doctor-direct-fails-do = Lytter tjeneren etter direkte TLS på port { $port } hos { $host }, og slipper brannmuren den gjennom? Hvis ikke, fjern posten _xmpps-client._tcp.{ $domain }.
doctor-starttls-works = Apper kan koble til på vanlig måte, som blir kryptert (STARTTLS; { $host }, port { $port }).
doctor-starttls-unannounced = Den vanlige forbindelsen (STARTTLS) virker ({ $host }, port { $port }), men DNS forteller det ikke til appene.
doctor-starttls-unannounced-do = Legg til i DNS: _xmpp-client._tcp.{ $domain }. IN SRV 5 0 { $port } { $host }.
doctor-starttls-absent = Apper kan ikke koble til på vanlig måte (STARTTLS). Eldre apper kan ingen annen.
doctor-starttls-absent-do = Tilby STARTTLS på port 5222, og nevn den i DNS: _xmpp-client._tcp.{ $domain }. IN SRV 5 0 5222 { $host }.
doctor-starttls-fails = Den vanlige forbindelsen (STARTTLS) virker ikke ({ $host }, port { $port }). { $cause }
doctor-starttls-fails-do = Lytter tjeneren på port { $port } hos { $host }, slipper brannmuren den gjennom, og tilbyr den kryptering?
doctor-unreachable = Ingen app kan koble til. { $cause }
doctor-unreachable-do = Er tjeneren i gang, fører DNS til den, og slipper brannmuren portene 5222 og 5223 gjennom?

doctor-certificate-good =
    { $days ->
        [one] Sertifikatet gjelder i { $days } dag til. Det er for { $names } og er signert av { $issuer }.
       *[other] Sertifikatet gjelder i { $days } dager til. Det er for { $names } og er signert av { $issuer }.
    }
doctor-certificate-soon =
    { $days ->
        [0] Sertifikatet utløper i dag. Etter det kan ingen koble til.
        [one] Sertifikatet utløper om { $days } dag. Etter det kan ingen koble til.
       *[other] Sertifikatet utløper om { $days } dager. Etter det kan ingen koble til.
    }
doctor-certificate-soon-do = Fornyelsen av sertifikatet for { $names } (signert av { $issuer }) ser ut til å ha stoppet. Forny det, og be tjeneren lese det på nytt.
doctor-certificate-expired =
    { $days ->
        [one] Sertifikatet utløp for { $days } dag siden. Forsiktige apper, som Grend, kobler ikke til lenger.
       *[other] Sertifikatet utløp for { $days } dager siden. Forsiktige apper, som Grend, kobler ikke til lenger.
    }
doctor-certificate-expired-do = Forny sertifikatet for { $names } (signert av { $issuer }), og be tjeneren lese det på nytt.
doctor-certificate-early = Sertifikatet er ikke gyldig ennå. Enten er det feil, eller så går klokka på denne enheten feil.
doctor-certificate-early-do = Går klokka på tjeneren riktig? Sertifikatet for { $names } begynner senere enn i dag på denne enheten.
doctor-certificate-name = Sertifikatet tilhører { $names } og ikke { $domain }.
doctor-certificate-name-do = Skaff et sertifikat for { $domain }, delen av adressene etter @. Navnet på maskinen alene er ikke nok.
doctor-certificate-issuer = Sertifikatet er signert av { $issuer }, som denne enheten ikke stoler på.
doctor-certificate-issuer-do = Bruk et sertifikat fra en offentlig utsteder som Let's Encrypt, og la tjeneren sende hele kjeden (fullchain.pem); eller gi alle filen til din egen utsteder.
doctor-certificate-invalid = Sertifikatet er ikke gyldig.
doctor-certificate-invalid-do = Skaff et nytt sertifikat for { $domain }, og la tjeneren sende hele kjeden (fullchain.pem).

doctor-signed-in = Innlogging virker.
doctor-not-signed-in = Innlogging virker ikke. { $cause }
doctor-not-signed-in-do = Hvis passordet er riktig: Hva sier tjenerens logg om dette forsøket?
doctor-mechanisms-good = Passord forblir hemmelige: Tjeneren ber bare om et bevis ({ $all }).
doctor-mechanisms-old = Passord forblir hemmelige, men beviset er av en eldre type ({ $all }).
doctor-mechanisms-old-do = Tilby SCRAM-SHA-256. Nye avtrykk lages når folk setter et passord neste gang.
doctor-mechanisms-plain = Tjeneren vil ha selve passordet i stedet for et bevis. Det gir ikke Grend fra seg.
doctor-mechanisms-plain-do = Tilby SCRAM-SHA-256 eller SCRAM-SHA-1. Det krever passord lagret for SCRAM eller i klartekst, ikke i en database som bare sjekker dem.
doctor-mechanisms-none = Tjeneren tilbyr ingen måte å logge inn på som Grend kjenner ({ $all }).
doctor-mechanisms-none-do = Tilby SCRAM-SHA-256.
doctor-binding-good = Ingen mellom deg og tjeneren kan overta innloggingen ({ $all }).
doctor-binding-untold = Tjeneren kan knytte en innlogging til forbindelsen.
doctor-binding-none = Tjeneren knytter ikke innloggingen til forbindelsen, så noen med et falskt sertifikat kan lytte ubemerket.
doctor-binding-none-do = Nyere versjoner av Prosody og ejabberd tilbyr SCRAM med kanalbinding (SCRAM-SHA-256-PLUS med tls-exporter eller tls-server-end-point, XEP-0440).
doctor-binding-refused = Tjeneren tilbyr å knytte innloggingen til forbindelsen, og godtar det så ikke.
doctor-binding-refused-do = Dette er en feil i eldre versjoner med TLS 1.3. Oppdater tjeneren; ingen innstilling hjelper.
doctor-quick-sign-in = Det går raskt å komme på nett igjen (SASL2).

doctor-resumption-good = Korte brudd i forbindelsen mister ingenting.
doctor-resumption-none = Når forbindelsen brytes, vet ikke tjeneren hva som kom fram.
doctor-resumption-none-do = Slå på stream management (XEP-0198).
doctor-archive-good = Tjeneren tar vare på meldingene for de andre enhetene dine.
doctor-archive-none = Tjeneren tar ikke vare på meldinger: Det som er lest på én enhet, er ikke på de andre.
doctor-archive-none-do = Slå på meldingsarkivet (XEP-0313), for alle og uten at de må be om det.
doctor-archive-refused = Tjeneren sier at den tar vare på meldinger, men gir dem ikke fra seg ({ $reason }).
doctor-archive-refused-do = Se i tjenerens logg: Databasen til arkivet kan være full eller skadet.
doctor-carbons-good = Alle enhetene dine ser begge sider av en samtale.
doctor-carbons-none = De andre enhetene dine ser ikke det du skriver her.
doctor-carbons-none-do = Slå på message carbons (XEP-0280).
doctor-state-good = Tjeneren sparer batteriet på telefoner.
doctor-state-none = Tjeneren vekker telefoner for ting ingen ser på. Det bruker batteri.
doctor-state-none-do = Slå på client state indication (XEP-0352).

doctor-upload-good = Bilder og filer kan sendes og hentes (prøvd med { $host }, port { $port }).
doctor-upload-small =
    { $megabytes ->
        [one] Filer kan ikke være større enn { $megabytes } MB. En kort film er større.
       *[other] Filer kan ikke være større enn { $megabytes } MB. En kort film er større.
    }
doctor-upload-small-do = Tillat filer på 100 MB, hvis det er plass på disken.
doctor-upload-none = Bilder og filer kan ikke sendes.
doctor-upload-none-do = Slå på filopplasting (XEP-0363), og åpne porten utenfra.
doctor-upload-no-slot = Tjeneren gir ingen plass til en fil ({ $reason }).
doctor-upload-no-slot-do = Hvem får laste opp, hvor mye, og er disken full? Tjenerens logg sier mer.
doctor-upload-bad-slot = Tjeneren nevner et sted for filer som Grend ikke bruker, fordi det ikke er trygt.
doctor-upload-bad-slot-do = Adressene for opplasting og nedlasting må begynne med https:// og nevne en maskin.
doctor-upload-unreachable = Filer kan ikke sendes: { $host } slipper dem ikke gjennom på port { $port }. { $cause }
doctor-upload-unreachable-do = Filer går til https://{ $host }:{ $port }. Lytter tjeneren der, og slipper brannmur og ruter porten gjennom utenfra?
doctor-upload-certificate = Filer kan ikke sendes: Sertifikatet til { $host }, port { $port }, godtas ikke. { $cause }
doctor-upload-certificate-do = Filer går til https://{ $host }:{ $port }; sertifikatet der må være gyldig og gjelde for { $host }.
doctor-upload-refused = Filer kan ikke sendes: { $host }, port { $port }, avviste en fil (feil { $status }).
doctor-upload-refused-do = Tjeneren ga plass til filen og avviste den så med HTTP-status { $status }. Fører adressen til riktig program, kan mappen skrives til, og tillater en eventuell proxy PUT og store filer (nginx: client_max_body_size)?
doctor-upload-unreadable = En fil ble sendt, men den kan ikke hentes fra { $host }, port { $port }.
doctor-upload-unreadable-do = Det som ble lastet opp, kommer ikke uendret tilbake på adressen for nedlasting (https://{ $host }:{ $port }).

doctor-groups-good = Gruppesamtaler har et hjem ({ $host }).
doctor-groups-none = Tjeneren har ikke plass til gruppesamtaler.
doctor-groups-none-do = Slå på gruppesamtaler (XEP-0045), med arkiv (XEP-0313) for dem.

doctor-blocking-good = Du kan blokkere folk.
doctor-blocking-none = Du kan ikke blokkere folk på tjeneren.
doctor-blocking-none-do = Slå på blokkering (XEP-0191).
doctor-profiles-good = Tjeneren tar vare på profiler.
doctor-profiles-none = Tjeneren tar ikke vare på profiler.
doctor-profiles-none-do = Slå på profiler (vcard-temp, XEP-0054).
doctor-events-good = Kontakter får vite om et nytt profilbilde, og enhetene dine deler det som er privat.
doctor-events-old = Kontakter får vite om et nytt profilbilde, men det som er privat for enhetene dine, er ikke trygt der.
doctor-events-old-do = Personal eventing må tillate publish-options (XEP-0060, XEP-0223). Oppdater tjeneren.
doctor-events-none = Kontakter får ikke vite om et nytt profilbilde, og kryptering mellom enheter er ikke mulig.
doctor-events-none-do = Slå på personal eventing (PEP, XEP-0163).
doctor-pictures-good = Gamle og nye apper ser de samme profilbildene.
doctor-pictures-none = Folk med eldre apper ser ikke profilbildet ditt, og du ikke deres.
doctor-pictures-none-do = Slå på omforming av profilbilder (XEP-0398).
doctor-bookmarks-good = Gamle og nye apper deler én liste over gruppesamtaler.
doctor-bookmarks-none = Eldre og nyere apper kan vise ulike gruppesamtaler.
doctor-bookmarks-none-do = Slå på omforming av bokmerker (XEP-0402 med kompatibilitet).
doctor-notes-good = Eldre apper kan ha innstillinger på tjeneren.
doctor-notes-none = Eldre apper kan ikke ha innstillinger på tjeneren.
doctor-notes-none-do = Slå på private XML storage (XEP-0049).

doctor-push-good = Telefoner kan sove til det kommer en melding.
doctor-push-none = iPhoner blir ikke vekket når det kommer en melding.
doctor-push-none-do = Slå på push notifications (XEP-0357).

doctor-calls-none = Tjeneren hjelper ikke samtaler med å finne veien. Mellom noen nett blir det ingen lyd.
doctor-calls-none-do = Sett opp en STUN- og TURN-tjener, og kunngjør den (XEP-0215).
doctor-stun-answers = Hjelperen for samtaler svarer ({ $host }, port { $port }, { $transport }).
doctor-stun-silent = Hjelperen for samtaler som tjeneren nevner, svarer ikke ({ $host }, port { $port }, { $transport }).
doctor-stun-silent-do = STUN på { $host }, port { $port }, { $transport }: Er den i gang, og slipper brannmur og ruter porten gjennom?
doctor-turn-works = Samtaler kommer gjennom fra alle nett ({ $host }, port { $port }, { $transport }).
doctor-turn-silent = Formidleren for samtaler som tjeneren nevner, svarer ikke ({ $host }, port { $port }, { $transport }).
doctor-turn-silent-do = TURN på { $host }, port { $port }, { $transport }: Er den i gang, og slipper brannmur og ruter porten gjennom?
doctor-turn-refused = Formidleren for samtaler godtar ikke det tjeneren ga oss til den ({ $host }, port { $port }, { $transport }; feil { $code }).
doctor-turn-refused-do = TURN på { $host }, port { $port }, { $transport }, svarte { $code } på en tildeling med opplysningene fra XEP-0215. Kjenner begge samme hemmelighet, og får TURN formidle i det hele tatt?
doctor-turn-none = Det finnes ingen formidler for samtaler. Mellom noen nett blir det ingen lyd.
doctor-turn-none-do = Sett opp en TURN-tjener ved siden av STUN-tjeneren, og kunngjør den (XEP-0215).

doctor-contact-good = Tjeneren sier hvem man kan vende seg til: { $all }.
doctor-contact-none = Tjeneren sier ikke hvem som driver den.
doctor-contact-none-do = Kunngjør kontaktadresser (XEP-0157).

doctor-capabilities-good = Tjeneren sier kort hva den kan.
doctor-capabilities-none = Tjeneren sier ikke kort hva den kan, så apper spør oftere.
doctor-capabilities-none-do = Slå på entity capabilities (XEP-0115).
doctor-compliance-advanced = { $suite } (XMPP Compliance Suites 2023): avansert.
doctor-compliance-core = { $suite } (XMPP Compliance Suites 2023): grunnleggende. Til avansert mangler { $lacks }.
doctor-compliance-below = { $suite } (XMPP Compliance Suites 2023): ikke nådd. Det mangler { $lacks }.
doctor-compliance-below-do = Se xmpp.org/extensions/xep-0479.html.
doctor-too-slow = Tjeneren var for treg: Ikke alt kunne undersøkes.

# Rundt funnene
health-open = Er tjeneren i orden?
health-title = Er tjeneren i orden?
health-busy = Undersøker { $domain } … Det tar opptil 20 sekunder.
health-failed = Grend kunne ikke undersøke tjeneren.
health-again = Undersøk igjen
health-fine = Alt Grend undersøkte, virker.
health-usable =
    { $missing ->
        [one] Det som finnes, virker. { $missing } ting mangler.
       *[other] Det som finnes, virker. { $missing } ting mangler.
    }
health-broken =
    { $broken ->
        [one] { $broken } ting virker ikke.
       *[other] { $broken } ting virker ikke.
    }
health-copy = Kopier for den som driver tjeneren
health-copied = Kopiert. Lim det inn i en melding eller e-post.
health-does-not-work = Virker ikke
health-missing = Mangler
health-unknown = Kunne ikke finnes ut
health-works = Virker
health-letter = Grend undersøkte chattetjeneren { $domain } { $date }.
health-software = Den sier at den er { $software }.
health-outside = Bare utenfra: Det ble ikke oppgitt noe passord.
health-to-do = Hva som kan gjøres: { $text }
health-setting = I { $program }: { $text }
health-aside =
    { $count ->
        [one] { $count } melding til denne kontoen kunne ikke leses og ble utelatt.
       *[other] { $count } meldinger til denne kontoen kunne ikke leses og ble utelatt.
    }
