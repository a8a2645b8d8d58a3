# Norsk bokmål. Familiens ord, ikke fagets: se docs/glossary.md.

# Velkommen
welcome-title = Velkommen til Grend
welcome-line = Snakk med familien. Adressen får du av den som driver chattetjeneren deres.
welcome-address-door = Jeg har en adresse
form-title = Logg inn
form-address = Adresse
form-address-hint = navn@eksempel.no
form-password = Passord
form-sign-in = Logg inn
form-advanced = Avansert
form-advanced-hide = Skjul avansert
form-advanced-hint = Bare hvis den som driver tjeneren har sagt det.
form-host = Tjener
form-host-hint = chat.eksempel.no
form-port = Port
form-port-hint = { $default }
form-security = Sikring
form-starttls = STARTTLS
form-direct = Direkte TLS
form-certificate = Sertifikatfil
form-certificate-hint = /home/meg/familien.pem
form-busy = Logger inn …
form-address-wrong = Dette er ikke en adresse. Den ser ut som navn@eksempel.no.
form-password-missing = Skriv inn passordet ditt.
form-port-wrong = Porten er et tall fra 1 til 65535.
form-host-missing = Porten alene er ikke nok: skriv inn tjeneren også, eller la begge stå tomme.
vault-note = Denne maskinen har ikke noe trygt sted for passord, så Grend lagrer ditt i en fil som bare du kan lese.
back = Tilbake

# Hjem
tab-chats = Samtaler
tab-contacts = Kontakter
settings = Innstillinger
search = Finn en person eller samtale
search-none = Ingen heter «{ $text }».
chats-none = Ingen samtaler ennå. Velg noen under Kontakter.
contacts-none = Ingen kontakter ennå. Legg til den første med adressen.
share-to = Hvem skal få dette?
share-too-long = Det det andre programmet ga, er for langt for en melding: { $most } tegn får plass. Send det i deler.
share-give-up = Ikke send det
contact-add = Legg til kontakt
contact-add-send = Spør om å bli kontakter
contact-add-address = Adressen deres
contact-add-name = Hva du kaller dem
contact-add-hint = De blir spurt om de vil. Du kan skrive til dem med en gang.
contact-asks = { $name } vil bli kontakten din
contact-accept = Godta
contact-decline = Nei takk
contact-asked = Har ikke svart ennå
contact-there = Til stede
contact-away = Borte
contact-busy = Opptatt
contact-not-there = Ikke til stede
unread-count =
    { $count ->
        [one] { $count } ny melding
       *[other] { $count } nye meldinger
    }
draft = Utkast: { $text }
you = Du: { $text }
choose-chat = Velg en samtale

# Samtalen
typing = skriver …
composer-hint = Melding
send = Send
unread-from-here = Nye meldinger
day-today = I dag
day-yesterday = I går
day-this-year = { $weekday } { $day }. { $month }
day-other-year = { $weekday } { $day }. { $month } { $year }
day-short = { $day }. { $month }
day-short-year = { $day }. { $month } { $year }
state-queued = Venter
state-sent = På tjeneren
state-delivered = Hos mottakeren
state-displayed = Lest
state-failed = Ikke sendt
try-again = Prøv igjen
show-all = Vis alt
to-newest = Til de nyeste
older-loading = Henter eldre meldinger …
history-start = Her begynner samtalen deres.
conversation-empty = Ingen meldinger ennå. Si hei!
failed-because = Ikke sendt: { $reason }
failure-unknown-person = Det finnes ingen med denne adressen.
failure-refused = Tjeneren deres slipper ikke meldingen gjennom.
failure-server-gone = Tjeneren deres kan ikke nås.
failure-full = Tjeneren deres har ikke plass til flere meldinger.
failure-not-taken = Tjeneren din tar ikke imot meldingen. Den er kanskje for lang.
failure-no-devices = Ingen av enhetene deres kan lese en kryptert melding nå.
failure-other = Tjeneren sendte den tilbake.

# Hvem som kan lese
lock-closed = Låst
lock-open = Åpen
not-locked = Ikke låst: andre kunne lese dette
readers-title = Hvem kan lese dette
readers-locked = Bare du og { $name } kan lese det du skriver her.
readers-nobody = Ingen av enhetene til { $name } kan lese dette nå. Det du skriver her, blir ikke sendt.
readers-not-yet = Tjenerne på veien kan lese dette. Det låses så snart { $name } har en enhet som kan åpne det.
readers-open = Tjenerne på veien kan lese det du skriver her.
readers-lock = Lås det jeg skriver
readers-lock-hint = Da kan bare enhetene dine og deres åpne det: ingen tjener kan lese det.
readers-lock-off = Du har slått det av. Det du skriver, går ulåst.
devices-title = Enhetene dine
devices-line = Disse enhetene kan lese det som skrives til deg. Er en av dem borte eller ikke din, velger du den og fjerner den.
devices-theirs = Enhetene til { $name }
devices-ours = Enhetene dine
devices-none = { $name } har ingen enhet som kan lese låste meldinger.
device-this = Denne enheten
device-unnamed = Enhet { $place }
device-reads = Leser med
device-verified = Leser med, og du har sjekket hvem den tilhører
device-waits = Venter til du sier at den kan lese
device-refused = Får ikke lese det du skriver
device-gone = Ikke i bruk lenger
device-broken = Kan ikke lese dette ennå
device-used = Skrev sist: { $day }
device-not-used = Har ikke skrevet ennå
device-seen = Her siden: { $day }
device-let-read = La den lese
device-no-read = Ikke la den lese
device-name = Hva du kaller den
device-name-hint = nettbrettet
device-name-keep = Behold navnet
device-digits = Tall og bokstaver for denne enheten
device-digits-this = Den som vil være sikker på at dette er deg, sammenligner dem med det som står på sin egen skjerm.
device-digits-theirs = Be { $name } lese høyt det som står under Enhetene dine hos dem. Er noe ulikt, kan det være en annen som leser: ikke la den lese.
device-digits-ours = Se på den andre enheten under Enhetene dine. Er noe ulikt, er den ikke din: fjern den.
device-digits-later = Ingenting å sammenligne ennå. Det kommer med den første meldingen.
device-digits-same = De er like
device-remove = Fjern denne enheten
device-remove-note = Fra nå av kan den ikke lese noe nytt. Er det noen som fortsatt bruker den, kommer den tilbake: bytt da passord.
device-remove-sure = Fjern den
device-keep = La den være
compare-title = Vær sikker
compare-open = Vær sikker på at det er { $name }
compare-open-own = Vær sikker på at de er dine
compare-why = Gjør dette én gang, når dere sitter sammen eller kjenner stemmen. Etterpå kan ingen gi seg ut for å være { $name } uten at du får vite det.
compare-why-own = Gjør dette én gang for hver av enhetene dine. Etterpå kan ingen legges til uten at du får vite det.
compare-paste = Koden som { $name } sendte eller viste
compare-paste-own = Koden til den andre enheten din
compare-paste-hint = xmpp:…
compare-brought = Denne koden kom med en lenke, og hvem som helst kan lage en lenke. Sammenlign den bare hvis { $name } ga den til deg på en måte som ingen andre kan endre.
compare-brought-own = Denne koden kom med en lenke, og hvem som helst kan lage en lenke. Sammenlign den bare hvis du selv hentet den fra den andre enheten din.
compare-scan = Skann koden med kameraet
compare-picture = Velg et bilde av koden
scan-no-code = Fant ingen kode i bildet. Ta et der hele koden er skarp og fyller det meste.
scan-no-picture = Dette er ikke et bilde som kan åpnes her, eller det er for stort. PNG og JPEG virker.
scan-no-camera = Kameraet kan ikke brukes. Tillat det for Grend i innstillingene på telefonen, eller velg et bilde av koden.
scan-no-files = Denne datamaskinen har ikke noe vindu for å velge filer. Kopier koden og lim den inn ovenfor.
compare-check = Sammenlign
compare-show = Koden din, som { $name } kan skanne
compare-show-own = Koden til denne enheten, som den andre kan skanne
compare-copy = Kopier koden
compare-copied = Kopiert. Lim den inn der ingen andre kan endre den.
compare-aloud = Eller les høyt
compare-read = Disse er dine. De som hører til { $name }, står ved enhetene deres, på siden før denne.
compare-read-own = Disse hører til denne enheten. De andres står på siden før denne.
compare-no-code = Dette er ingen kode. Den begynner med xmpp: og har mange tall og bokstaver; kopier hele.
compare-other = Denne koden tilhører { $address } og ikke { $name }. Ingenting ble merket.
compare-differs = Det stemmer ikke. En annen kan gi seg ut for å være { $name }. Ingenting ble merket. Skriv ikke noe privat her før dere har snakket sammen.
compare-differs-at = Det stemmer ikke: { $devices }. En annen kan gi seg ut for å være { $name }. Ingenting ble merket. Skriv ikke noe privat her før dere har snakket sammen.
compare-same =
    { $count ->
        [0] Det stemmer. Det er ingen annen enhet i den.
        [one] Det stemmer. Én enhet er merket nå.
       *[other] Det stemmer. { $count } enheter er merket nå.
    }
compare-others = Ikke i denne koden, men kan også lese: { $devices }. Spør { $name } om den hører til der.
bar-new-device = { $name } har en ny enhet. Får den lese det du skriver?
bar-let-read = La den lese
bar-later = Ikke ennå
bar-look = Se
bar-lock = Lås
bar-open = Ikke låst: andre enn { $name } kan lese det du skriver.
bar-nobody = Ingen av enhetene til { $name } kan lese dette nå. Det du skriver, blir ikke sendt.
bar-blind = En av enhetene til { $name } kan ikke lese dette ennå.
bar-blind-own = Din egen «{ $device }» kan ikke lese dette ennå.
bar-blind-named = «{ $device }» kan ikke lese dette ennå.
bar-blind-several = { $count } enheter kan ikke lese dette ennå.
new-device = En ny enhet for { $address } kan lese med. Er den ikke din, fjerner du den og bytter passord.
new-device-waits = En ny enhet for { $address } vil lese med. Er den ikke din, fjerner du den og bytter passord.
new-device-mine = Den er min
unreadable-short = En melding som ikke kan leses her
unreadable-mine = Dette skrev du på en annen enhet, før denne kunne lese med.
unreadable-not-for-us = Dette ble låst før denne enheten kunne lese med.
unreadable-lost = Denne enheten hadde mistet nøkkelen til dette. Det som kommer etter, kan leses igjen.
unreadable-foreign = Dette kommer fra en enhet som ikke er den samme som før. Finn ut hvem den tilhører før du svarer.
unreadable-changed = Dette ble endret på veien, så det vises ikke.
unreadable-other = Dette kom skadet fram og kan ikke leses.
ask-again = Be om å få den på nytt
ask-again-done = Du har bedt om å få den på nytt.
ask-again-text = Kan du sende det en gang til? Enheten min kunne ikke lese det.

# Forbindelsen
offline-line = Ingen forbindelse. Meldingene venter her.
connecting-line = Kobler til …
stopped-line = Grend er logget ut til du gjør noe.
stopped-open = Se hvorfor

# Innstillinger og feil
settings-title = Innstillinger
settings-account = Logget inn som
settings-sign-out = Logg ut
settings-sign-out-note = Fjerner meldingene fra denne enheten. De blir liggende på de andre enhetene dine, og på tjeneren hvis den tar vare på dem.
settings-sign-out-sure = Logg ut og fjern meldingene
settings-keep = Fortsett å være innlogget
settings-text-size = Tekststørrelse
settings-smaller = Mindre
settings-larger = Større
settings-percent = { $percent } %
settings-start = Start sammen med maskinen
settings-start-on = På
settings-start-off = Av
settings-start-turn-on = Slå på
settings-start-turn-off = Slå av
settings-start-hint = Grend starter uten vindu, og meldinger kommer så snart du logger inn på maskinen.
trouble-title = Grend får ikke forbindelse
trouble-password = Tjeneren godtar ikke lenger passordet ditt. Har noen endret det, så skriv inn det nye. Alle meldingene dine er her.
trouble-new-password = Nytt passord
trouble-sign-in = Logg inn igjen
trouble-changed = Bare hvis den som driver tjeneren din har sagt at de har endret den:
trouble-sign-in-anew = De har endret den: logg inn på nytt
trouble-start = Grend kan ikke starte
trouble-close = Lukk Grend, og start det igjen når dette er ordnet.
later = Ikke nå
window-title = Grend
window-title-unread = ({ $count }) Grend

# Uten vindu
tray-open = Åpne Grend
tray-quit = Avslutt
notice-reply = Svar
notice-read = Marker som lest
reply-unsent = Svaret ditt ble ikke sendt
stays-title = Grend er fortsatt på
stays-line = Nye meldinger kommer som før. Velg Avslutt i menyen til ikonet, eller trykk Ctrl+Q i vinduet, for å avslutte Grend.

# Kommer meldingene i tide?
arrivals-title = Kommer meldingene i tide?
arrivals-head = I tide?
arrivals-line = Meldinger kan komme for sent på denne telefonen.
arrivals-good = Ingenting her holder Grend tilbake mens du ikke ser på.
arrivals-notices = Varsler fra Grend er slått av: du ville ikke fått vite om en melding.
arrivals-notices-lift = Slå på varsler
arrivals-background = Denne telefonen lar ikke Grend arbeide mens du ikke ser på: meldinger kommer når du åpner den.
arrivals-background-lift = La Grend arbeide
arrivals-battery = For å spare batteri lar denne telefonen Grend sove etter en stund: meldinger kan komme for sent.
arrivals-battery-lift = Hold Grend våken
arrivals-data = Datasparing er på, og Grend er ikke unntatt: over dette nettet kommer meldinger når du åpner Grend.
arrivals-data-lift = Gjør et unntak
arrivals-power = Strømsparing er på: til den er av, kan meldinger komme for sent.
arrivals-power-lift = Se på strømsparing
arrivals-power-computer = Denne datamaskinen sparer strøm. Når den sovner, venter meldingene til den våkner.
arrivals-none = Ingen melding har kommet til denne enheten ennå som kunne vise hvor lang tid det tar.
arrivals-on-time =
    { $count ->
        [one] Den siste meldingen kom innen ett minutt etter at den ble sendt.
       *[other] De siste { $count } meldingene kom alle innen ett minutt etter at de ble sendt.
    }
arrivals-late =
    { $count ->
        [one] Den siste meldingen kom { $longest } etter at den ble sendt. Var denne enheten av eller uten nett da, er det grunnen.
       *[other] Av de siste { $count } meldingene kom { $late } senere enn ett minutt etter at de ble sendt; den tregeste kom { $longest } for sent. Var denne enheten av eller uten nett da, er det grunnen.
    }
arrivals-minutes =
    { $count ->
        [one] { $count } minutt
       *[other] { $count } minutter
    }
arrivals-hours = { $count } timer
arrivals-days = { $count } dager
arrivals-metered = Dette nettet kan koste etter bruk. Grend henter bare det som er skrevet til deg.

# Hva som kan gå galt
cause-authentication = Tjeneren godtar ikke denne adressen med dette passordet. Sjekk begge; store og små bokstaver teller.
cause-conflict = Kontoen ble logget inn et annet sted, på en måte som skjøv ut denne enheten.
cause-certificate-expired = Tjenerens sertifikat er utløpt. Den som driver tjeneren, må fornye det.
cause-certificate-early = Tjenerens sertifikat er ikke gyldig ennå. Er datoen på denne enheten riktig?
cause-certificate-name = Tjenerens sertifikat tilhører et annet navn. Det kan være feil tjener.
cause-certificate-issuer = Tjenerens sertifikat er ikke signert av noen denne enheten stoler på. Har familiens tjener en sertifikatfil, så oppgi den under Avansert.
cause-certificate-invalid = Tjenerens sertifikat er ikke gyldig. Den som driver tjeneren, må ordne det.
cause-network-unknown = Det finnes ingen tjener med dette navnet. Er delen etter @ riktig?
cause-network-refused = Tjeneren svarer ikke på denne porten. Kanskje den er slått av.
cause-network-silent = Tjeneren svarer ikke. Den kan være opptatt, eller nettet kan stenge for den.
cause-network-unreachable = Det er ingen forbindelse til nettet. Sjekk wifi eller kabel.
cause-network-lost = Forbindelsen til tjeneren ble brutt. Prøv igjen.
cause-network-not-xmpp = Det som svarer der, er ikke en chattetjener. Sjekk tjeneren under Avansert.
cause-certificate-unproven = Tjeneren beviste ikke at den kjenner dette passordet. Det kan være feil tjener.
cause-certificate-unbound = Til nå har tjeneren din bevist at ingen lytter mellom den og deg. Nå gjør den ikke det, så Grend logget ikke inn. Noen kan stå imellom. Prøv et annet nettverk, og spør den som driver tjeneren din.
cause-certificate-weaker = Tjeneren din tilbyr ikke lenger den tryggere innloggingen den hadde, så Grend logget ikke inn. Noen kan stå imellom. Prøv et annet nettverk, og spør den som driver tjeneren din.
cause-certificate-tampered = Noen mellom deg og tjeneren din endrer det den sier, så Grend logget ikke inn. Prøv et annet nettverk, og si fra til den som driver tjeneren din.
cause-certificate-doubtful = Tjeneren godtar ikke dette passordet. Er du sikker på at det er riktig, kan noen stå mellom deg og tjeneren din: spør den som driver den.
cause-refused-words = Tjeneren sa nei: { $text }
cause-refused-no-service = Tjeneren sa nei: Dette domenet sier at det ikke har noen chattetjeneste.
cause-refused-not-served = Tjeneren sa nei: Den kjenner ikke denne adressen. Er delen etter @ riktig?
cause-refused-elsewhere = Tjeneren sa nei: Den sender oss til en annen tjener, og det følger ikke Grend.
cause-refused-unencrypted = Tjeneren tilbyr ingen kryptering, og uten den snakker ikke Grend.
cause-refused-cannot-encrypt = Tjeneren kan ikke kryptere akkurat nå.
cause-refused-no-common-encryption = Tjeneren og denne enheten har ingen kryptering til felles.
cause-refused-injected = Noe ble lagt inn i forbindelsen før den var kryptert. Prøv et annet nett.
cause-refused-only-plain = Tjeneren vil ha selve passordet i stedet for et bevis. Det gir ikke Grend fra seg.
cause-refused-no-mechanism = Tjeneren tilbyr ingen måte å logge inn på som Grend kjenner.
cause-refused-next-step = Tjeneren ber om noe mer enn passordet, og det kan ikke Grend svare på.
cause-refused-disabled = Tjeneren sa nei: Denne kontoen er stengt.
cause-refused-rules = Tjeneren følger ikke reglene for innlogging.
cause-refused-no-place = Tjeneren har ikke plass til denne enheten ({ $text }).
cause-refused-no-older = Tjeneren gir ikke fra seg eldre meldinger nå.
cause-invalid-address = «{ $text }» er ikke en adresse som navn@tjener.
cause-invalid-no-name = Adressen trenger et navn foran @.
cause-invalid-server-name = Delen etter @ er ikke navnet på en tjener.
cause-invalid-ca-unreadable = Sertifikatfilen kan ikke leses.
cause-invalid-ca-empty = Sertifikatfilen inneholder ikke noe sertifikat.
cause-invalid-ca-other = Sertifikatfilen inneholder noe annet enn en sertifikatutsteder.
cause-invalid-device = Nøklene til denne enheten er aldri sett.
cause-invalid-nothing = Det er ingenting å sende.
cause-invalid-request = Denne linjen er ingen forespørsel: { $text }.
cause-storage-full = Disken er full. Rydd litt plass; ingenting som var lagret, er tapt.
cause-storage-busy = Et annet program holder på Grends database. Lukk det, og prøv igjen.
cause-storage-read-only = Grend kan ikke skrive i mappen sin. Sjekk hvem som eier den.
cause-storage-damaged = Grends database er skadet. Den ble latt urørt; legg tilbake en kopi, eller flytt den for å begynne på nytt.
cause-storage-newer = Disse meldingene ble lagret av en nyere Grend. Oppdater Grend for å lese dem; ingenting ble endret.
cause-storage-running = Grend kjører allerede med denne mappen.
cause-storage-folder = Grend kan ikke bruke mappen sin { $text }.
cause-storage-other = Grends database tok ikke imot dette.
cause-storage-passwords = Passordet kunne ikke lagres: { $text }
cause-storage-threads = Denne enheten har ikke plass til en tråd til.
cause-storage-no-trust = Denne enheten har ingen liste over sertifikatutstedere den stoler på.
cause-storage-no-encryption = Kryptering er ikke tilgjengelig på denne enheten.
cause-storage-closing = Grend lukkes.

# Kalender
weekday-1 = mandag
weekday-2 = tirsdag
weekday-3 = onsdag
weekday-4 = torsdag
weekday-5 = fredag
weekday-6 = lørdag
weekday-7 = søndag
month-1 = januar
month-2 = februar
month-3 = mars
month-4 = april
month-5 = mai
month-6 = juni
month-7 = juli
month-8 = august
month-9 = september
month-10 = oktober
month-11 = november
month-12 = desember
month-short-1 = jan.
month-short-2 = feb.
month-short-3 = mars
month-short-4 = apr.
month-short-5 = mai
month-short-6 = juni
month-short-7 = juli
month-short-8 = aug.
month-short-9 = sep.
month-short-10 = okt.
month-short-11 = nov.
month-short-12 = des.
