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
failure-other = Tjeneren sendte den tilbake.

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
trouble-title = Grend får ikke forbindelse
trouble-password = Tjeneren godtar ikke lenger passordet ditt. Har noen endret det, så skriv inn det nye. Alle meldingene dine er her.
trouble-new-password = Nytt passord
trouble-sign-in = Logg inn igjen
trouble-start = Grend kan ikke starte
trouble-close = Lukk Grend, og start det igjen når dette er ordnet.
later = Ikke nå
window-title = Grend
window-title-unread = ({ $count }) Grend

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
cause-refused = Tjeneren sa nei: { $text }
cause-invalid = Det gikk ikke: { $text }
cause-storage = Grend fikk ikke lagret dette: { $text }

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
