# English. Words of the family, not of the field: see docs/glossary.md.

# Welcome
welcome-title = Welcome to Grend
welcome-line = Talk with your family. Your address comes from whoever runs your chat server.
welcome-address-door = I have an address
form-title = Sign in
form-address = Address
form-address-hint = name@example.org
form-password = Password
form-sign-in = Sign in
form-advanced = Advanced
form-advanced-hide = Hide advanced
form-advanced-hint = Only if whoever runs your server told you so.
form-host = Server
form-host-hint = chat.example.org
form-port = Port
form-port-hint = { $default }
form-security = Security
form-starttls = STARTTLS
form-direct = Direct TLS
form-certificate = Certificate file
form-certificate-hint = /home/me/family.pem
form-busy = Signing in …
form-address-wrong = This is not an address. It looks like name@example.org.
form-password-missing = Please type your password.
form-port-wrong = The port is a number from 1 to 65535.
form-host-missing = A port alone is not enough: type the server too, or leave both empty.
vault-note = This computer has no safe for passwords, so Grend keeps yours in a file that only you can read.
back = Back

# Home
tab-chats = Chats
tab-contacts = Contacts
settings = Settings
search = Find a person or chat
search-none = Nobody is called “{ $text }”.
chats-none = No chats yet. Choose somebody under Contacts.
contacts-none = No contacts yet. Add the first by their address.
contact-add = Add a contact
contact-add-send = Ask to be contacts
contact-add-address = Their address
contact-add-name = What you call them
contact-add-hint = They are asked whether they want to. You can write to them at once.
contact-asks = { $name } wants to be your contact
contact-accept = Accept
contact-decline = No, thanks
contact-asked = Has not answered yet
contact-there = There
contact-away = Away
contact-busy = Busy
contact-not-there = Not there
unread-count =
    { $count ->
        [one] { $count } new message
       *[other] { $count } new messages
    }
draft = Draft: { $text }
you = You: { $text }
choose-chat = Choose a chat

# Conversation
typing = is typing …
composer-hint = Message
send = Send
unread-from-here = New messages
day-today = Today
day-yesterday = Yesterday
day-this-year = { $weekday } { $day } { $month }
day-other-year = { $weekday } { $day } { $month } { $year }
day-short = { $day } { $month }
day-short-year = { $day } { $month } { $year }
state-queued = Waiting
state-sent = On the server
state-delivered = On their device
state-displayed = Read
state-failed = Not sent
try-again = Try again
show-all = Show all
to-newest = To the newest
older-loading = Bringing older messages …
history-start = This is where your conversation begins.
conversation-empty = No messages yet. Say hello!
failed-because = Not sent: { $reason }
failure-unknown-person = There is nobody with this address.
failure-refused = Their server does not let this message through.
failure-server-gone = Their server cannot be reached.
failure-full = Their server has no room for more messages.
failure-other = The server sent it back.

# Connection
offline-line = No connection. Messages wait here.
connecting-line = Connecting …
stopped-line = Grend is signed out until you act.
stopped-open = See why

# Settings and trouble
settings-title = Settings
settings-account = Signed in as
settings-sign-out = Sign out
settings-sign-out-note = Removes your messages from this device. They stay on your other devices and, if your server keeps them, there.
settings-sign-out-sure = Sign out and remove messages
settings-keep = Stay signed in
settings-text-size = Text size
settings-smaller = Smaller
settings-larger = Larger
settings-percent = { $percent } %
trouble-title = Grend cannot connect
trouble-password = The server no longer accepts your password. If somebody changed it, type the new one. Your messages are all here.
trouble-new-password = New password
trouble-sign-in = Sign in again
trouble-start = Grend cannot start
trouble-close = Close Grend and start it again when this is mended.
later = Not now
window-title = Grend
window-title-unread = ({ $count }) Grend

# What can go wrong
cause-authentication = The server does not accept this address and password. Check both; capital letters matter.
cause-conflict = This account was signed in somewhere else in a way that pushed this device out.
cause-certificate-expired = The server's certificate has expired. Whoever runs the server must renew it.
cause-certificate-early = The server's certificate is not valid yet. Is the date of this device right?
cause-certificate-name = The server's certificate belongs to another name. You may be talking to the wrong server.
cause-certificate-issuer = The server's certificate is not signed by anybody this device trusts. If your family's server has a certificate file, give it under Advanced.
cause-certificate-invalid = The server's certificate is not valid. Whoever runs the server must mend it.
cause-network-unknown = There is no server with this name. Is the part after the @ right?
cause-network-refused = The server does not answer at this port. It may be switched off.
cause-network-silent = The server does not answer. It may be busy, or the network may be blocking it.
cause-network-unreachable = There is no connection to the network. Check Wi-Fi or cable.
cause-network-lost = The connection to the server was lost. Try again.
cause-network-not-xmpp = What answers there is not a chat server. Check the server under Advanced.
cause-refused = The server refused: { $text }
cause-invalid = That did not work: { $text }
cause-storage = Grend could not store this: { $text }

# Calendar
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
month-short-1 = Jan
month-short-2 = Feb
month-short-3 = Mar
month-short-4 = Apr
month-short-5 = May
month-short-6 = Jun
month-short-7 = Jul
month-short-8 = Aug
month-short-9 = Sep
month-short-10 = Oct
month-short-11 = Nov
month-short-12 = Dec
