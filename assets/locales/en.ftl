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
share-to = Send this to whom?
share-too-long = What the other program gave is too long for a message: { $most } characters fit. Send it in parts.
share-give-up = Do not send it
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
failure-not-taken = Your server does not take this message. It may be too long.
failure-no-devices = No device of theirs can read an encrypted message now.
failure-other = The server sent it back.

# Who can read
lock-closed = Locked
lock-open = Open
not-locked = Not locked: others could read this
readers-title = Who can read this
readers-locked = Only you and { $name } can read what you write here.
readers-nobody = No device of { $name } can read this now. What you write here is not sent.
readers-not-yet = The servers on the way can read this. It is locked as soon as { $name } has a device that can open it.
readers-open = The servers on the way can read what you write here.
readers-lock = Lock what I write
readers-lock-hint = Then only your devices and theirs can open it: no server can read it.
readers-lock-off = You switched this off. What you write goes unlocked.
devices-title = Your devices
devices-line = These devices can read what is written to you. If one is lost or does not belong to you, choose it and remove it.
devices-theirs = Devices of { $name }
devices-ours = Your devices
devices-none = { $name } has no device that can read locked messages.
device-this = This device
device-unnamed = Device { $place }
device-reads = Reads along
device-verified = Reads along, and you made sure whose it is
device-waits = Waits until you say that it may read
device-refused = May not read what you write
device-gone = Not in use any more
device-broken = Cannot read this yet
device-used = Last wrote: { $day }
device-not-used = Has not written yet
device-seen = Here since: { $day }
device-let-read = Let it read
device-no-read = Do not let it read
device-name = What you call it
device-name-hint = the tablet
device-name-keep = Keep this name
device-digits = Digits and letters of this device
device-digits-this = Somebody who wants to be sure that this is you compares them with what stands on their own screen.
device-digits-theirs = Ask { $name } to read aloud what stands there under Your devices. If one differs, somebody else may be reading: do not let it read.
device-digits-ours = Look at the other device under Your devices. If one differs, it is not yours: remove it.
device-digits-later = Nothing to compare yet. It comes with the first message.
device-digits-same = They are the same
device-remove = Remove this device
device-remove-note = It can read nothing new from now on. If somebody still uses it, it comes back: then change your password.
device-remove-sure = Remove it
device-keep = Leave it here
compare-title = Make sure
compare-open = Make sure that it is { $name }
compare-open-own = Make sure that they are yours
compare-why = Do this once, when you sit together or know the voice. From then on nobody can pretend to be { $name } without you being told.
compare-why-own = Do this once for each of your devices. From then on none can be added without you being told.
compare-paste = The code that { $name } sent or showed
compare-paste-own = The code of your other device
compare-paste-hint = xmpp:…
compare-brought = This code came with a link, and anybody can make a link. Compare it only if { $name } gave it to you in a way that nobody else can change.
compare-brought-own = This code came with a link, and anybody can make a link. Compare it only if you took it from your other device yourself.
compare-scan = Scan the code with the camera
compare-picture = Choose a picture of the code
scan-no-code = No code was found in the picture. Take one in which the whole code is sharp and fills most of it.
scan-no-picture = This is no picture that can be opened here, or it is too large. PNG and JPEG work.
scan-no-camera = The camera cannot be used. Allow it for Grend in the settings of the phone, or choose a picture of the code.
scan-no-files = This computer offers no window for choosing files. Copy the code and paste it above.
compare-check = Compare
compare-show = Your code, for { $name } to scan
compare-show-own = The code of this device, for your other one to scan
compare-copy = Copy the code
compare-copied = Copied. Paste it where nobody else can change it.
compare-aloud = Or read aloud
compare-read = These are yours. Those of { $name } stand under their devices, on the page before this one.
compare-read-own = These are the ones of this device. Those of the others stand on the page before this one.
compare-no-code = This is no code. It begins with xmpp: and has many digits and letters; copy all of it.
compare-other = This code belongs to { $address } and not to { $name }. Nothing was marked.
compare-differs = It does not match. Somebody else may be pretending to be { $name }. Nothing was marked. Write nothing private here until you have talked.
compare-differs-at = It does not match: { $devices }. Somebody else may be pretending to be { $name }. Nothing was marked. Write nothing private here until you have talked.
compare-same =
    { $count ->
        [0] It matches. There is no other device in it.
        [one] It matches. One device is marked now.
       *[other] It matches. { $count } devices are marked now.
    }
compare-others = Not in this code, and can read too: { $devices }. Ask { $name } whether it belongs there.
bar-new-device = { $name } has a new device. May it read what you write?
bar-let-read = Let it read
bar-later = Not yet
bar-look = Look
bar-lock = Lock
bar-open = Not locked: others than { $name } could read what you write.
bar-nobody = No device of { $name } can read this now. What you write is not sent.
bar-blind = A device of { $name } cannot read this yet.
bar-blind-own = Your own “{ $device }” cannot read this yet.
bar-blind-named = “{ $device }” cannot read this yet.
bar-blind-several = { $count } devices cannot read this yet.
new-device = A new device of { $address } can read along. If it is not yours, remove it and change your password.
new-device-waits = A new device of { $address } wants to read along. If it is not yours, remove it and change your password.
new-device-mine = It is mine
unreadable-short = A message that cannot be read here
unreadable-mine = You wrote this on another device, before this one could read along.
unreadable-not-for-us = This was locked before this device could read along.
unreadable-lost = This device had lost the key to it. What comes after this can be read again.
unreadable-foreign = This comes from a device that is not the one it was. Make sure whose it is before you answer.
unreadable-changed = This was changed on the way, so it is not shown.
unreadable-other = This came damaged and cannot be read.
ask-again = Ask to send it again
ask-again-done = You asked to have it sent again.
ask-again-text = Could you send that again? My device could not read it.

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
settings-start = Start with the computer
settings-start-on = On
settings-start-off = Off
settings-start-turn-on = Turn on
settings-start-turn-off = Turn off
settings-start-hint = Grend starts without a window, and messages arrive as soon as you sign in to this computer.
trouble-title = Grend cannot connect
trouble-password = The server no longer accepts your password. If somebody changed it, type the new one. Your messages are all here.
trouble-new-password = New password
trouble-sign-in = Sign in again
trouble-changed = Only if whoever runs your server told you that they changed it:
trouble-sign-in-anew = They changed it: sign in anew
trouble-start = Grend cannot start
trouble-close = Close Grend and start it again when this is mended.
later = Not now
window-title = Grend
window-title-unread = ({ $count }) Grend

# Without a window
tray-open = Open Grend
tray-quit = Quit
notice-reply = Reply
notice-read = Mark as read
reply-unsent = Your answer was not sent
stays-title = Grend keeps running
stays-line = New messages still arrive. To end Grend, choose Quit in the menu of its icon, or press Ctrl+Q in its window.

# Do messages come in time?
arrivals-title = Do messages come in time?
arrivals-head = In time?
arrivals-line = Messages may come late on this phone.
arrivals-good = Nothing here holds Grend back while you are not looking.
arrivals-notices = Notices from Grend are switched off: you would not hear of a message.
arrivals-notices-lift = Switch on notices
arrivals-background = This phone does not let Grend work while you are not looking: messages come when you open it.
arrivals-background-lift = Let Grend work
arrivals-battery = To save battery, this phone lets Grend sleep after a while: messages may come late.
arrivals-battery-lift = Keep Grend awake
arrivals-data = The data saver is on, and Grend is no exception: over this network messages come when you open it.
arrivals-data-lift = Make an exception
arrivals-power = Power saving is on: until it is off, messages may come late.
arrivals-power-lift = Look at power saving
arrivals-power-computer = This computer saves power. When it falls asleep, messages wait until it wakes up.
arrivals-none = No message has come to this device yet that would show how long it takes.
arrivals-on-time =
    { $count ->
        [one] The last message came within a minute after it was sent.
       *[other] The last { $count } messages all came within a minute after they were sent.
    }
arrivals-late =
    { $count ->
        [one] The last message came { $longest } after it was sent. If this device was off or without a network then, that is why.
       *[other] Of the last { $count } messages, { $late } came later than a minute after they were sent; the slowest came { $longest } late. If this device was off or without a network then, that is why.
    }
arrivals-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
arrivals-hours = { $count } hours
arrivals-days = { $count } days
arrivals-metered = This network may cost by use. Grend fetches only what is written to you.

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
cause-certificate-unproven = The server did not prove that it knows this password. You may be talking to the wrong server.
cause-certificate-unbound = Until now your server proved that nobody listens between it and you. Now it does not, so Grend did not sign in. Somebody may stand in between. Try another network, and ask whoever runs your server.
cause-certificate-weaker = Your server no longer offers the safer way to sign in that it had, so Grend did not sign in. Somebody may stand in between. Try another network, and ask whoever runs your server.
cause-certificate-tampered = Somebody between you and your server changes what it says, so Grend did not sign in. Try another network, and tell whoever runs your server.
cause-certificate-doubtful = The server does not accept this password. If you are sure that it is right, somebody may stand between you and your server: ask whoever runs it.
cause-refused-words = The server refused: { $text }
cause-refused-no-service = The server refused: this domain says that it has no chat service.
cause-refused-not-served = The server refused: it does not serve this address. Is the part after the @ right?
cause-refused-elsewhere = The server refused: it sends us to another server, and Grend does not follow.
cause-refused-unencrypted = The server refused: it offers no encryption, and Grend does not talk without.
cause-refused-cannot-encrypt = The server refused: it cannot encrypt at the moment.
cause-refused-no-common-encryption = The server refused: it and this device know no encryption in common.
cause-refused-injected = Something was put into the connection before it was encrypted. Try another network.
cause-refused-only-plain = The server asks for the password itself instead of a proof. Grend does not give it away.
cause-refused-no-mechanism = The server offers no way to sign in that Grend knows.
cause-refused-next-step = The server asks for something besides the password, and Grend cannot answer that.
cause-refused-disabled = The server refused: this account is disabled.
cause-refused-rules = The server does not sign in by the rules.
cause-refused-no-place = The server has no place for this device ({ $text }).
cause-refused-no-older = The server does not give older messages now.
cause-invalid-address = “{ $text }” is not an address like name@server.
cause-invalid-no-name = The address needs a name before the @.
cause-invalid-server-name = The part after the @ is not the name of a server.
cause-invalid-ca-unreadable = The certificate file cannot be read.
cause-invalid-ca-empty = The certificate file holds no certificate.
cause-invalid-ca-other = The certificate file holds something else than a certificate authority.
cause-invalid-device = The keys of this device were never seen.
cause-invalid-nothing = There is nothing to send.
cause-invalid-request = This line is not a request: { $text }.
cause-storage-full = The disk is full. Make some room; nothing that was stored is lost.
cause-storage-busy = Another program holds Grend's database. Close it and try again.
cause-storage-read-only = Grend cannot write to its folder. Check who owns it.
cause-storage-damaged = Grend's database is damaged. It was left as it is; restore a copy, or move it away to start anew.
cause-storage-newer = These messages were stored by a newer Grend. Update Grend to read them; nothing was changed.
cause-storage-running = Grend is already running with this folder.
cause-storage-folder = Grend cannot use its folder { $text }.
cause-storage-other = Grend's database did not accept this.
cause-storage-passwords = The password could not be kept: { $text }
cause-storage-threads = This device has no room for another thread.
cause-storage-no-trust = This device has no list of trusted certificate authorities.
cause-storage-no-encryption = Encryption is not available on this device.
cause-storage-closing = Grend is closing.

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
