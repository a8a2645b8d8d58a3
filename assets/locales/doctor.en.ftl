# The examination of a server. For each finding a sentence for the family; under the same name with "-do" what whoever
# runs the server can do about it. The settings of Prosody and ejabberd stand in core/src/doctor/says.rs.

doctor-names-both = DNS tells all apps where the server is.
doctor-names-no-direct = DNS tells apps where the server is, but not that it can be reached with encryption from the first moment.
doctor-names-no-direct-do = Add to DNS: _xmpps-client._tcp.{ $domain }. IN SRV 5 0 5223 { $host }.
doctor-names-no-starttls = DNS names only the newer kind of connection. Older apps do not find the server.
doctor-names-no-starttls-do = Add to DNS: _xmpp-client._tcp.{ $domain }. IN SRV 5 0 5222 { $host }.
doctor-names-none = DNS does not say where the server is, so apps have to guess.
doctor-names-none-do = Add to DNS, with the name of your server in place of { $host } if it is another: _xmpps-client._tcp.{ $domain }. IN SRV 5 0 5223 { $host }. and _xmpp-client._tcp.{ $domain }. IN SRV 5 0 5222 { $host }.
doctor-names-declined = DNS says that { $domain } has no chat server.
doctor-names-declined-do = Replace the SRV records of { $domain } whose target is a lone dot.
doctor-names-silent = The name servers did not answer, so it is not known what DNS says.
doctor-address-found = { $host } has an address: { $addresses }.
doctor-address-none = DNS has no address for { $host }.
doctor-address-none-do = Give { $host } an A record and, if it has IPv6, an AAAA record; or correct the name in the SRV records.
doctor-address-silent = The name servers did not answer when asked for { $host }.

doctor-direct-works = Apps can connect with encryption from the first moment ({ $host }, port { $port }).
doctor-direct-unannounced = Encryption from the first moment works ({ $host }, port { $port }), but DNS does not tell apps about it.
doctor-direct-unannounced-do = Add to DNS: _xmpps-client._tcp.{ $domain }. IN SRV 5 0 { $port } { $host }.
doctor-direct-absent = Apps cannot connect with encryption from the first moment. In some guest networks only that gets through.
doctor-direct-absent-do = Offer direct TLS (XEP-0368) at a port of its own, and name it in DNS: _xmpps-client._tcp.{ $domain }. IN SRV 5 0 5223 { $host }.
doctor-direct-fails = The connection with encryption from the first moment does not work ({ $host }, port { $port }). { $cause }
doctor-direct-fails-do = Does the server listen for direct TLS at port { $port } of { $host }, and does the firewall let it through? If not, remove the record _xmpps-client._tcp.{ $domain }.
doctor-starttls-works = Apps can connect in the usual way, which becomes encrypted (STARTTLS; { $host }, port { $port }).
doctor-starttls-unannounced = The usual connection (STARTTLS) works ({ $host }, port { $port }), but DNS does not tell apps about it.
doctor-starttls-unannounced-do = Add to DNS: _xmpp-client._tcp.{ $domain }. IN SRV 5 0 { $port } { $host }.
doctor-starttls-absent = Apps cannot connect in the usual way (STARTTLS). Older ones know no other.
doctor-starttls-absent-do = Offer STARTTLS at port 5222, and name it in DNS: _xmpp-client._tcp.{ $domain }. IN SRV 5 0 5222 { $host }.
doctor-starttls-fails = The usual connection (STARTTLS) does not work ({ $host }, port { $port }). { $cause }
doctor-starttls-fails-do = Does the server listen at port { $port } of { $host }, does the firewall let it through, and does it offer encryption?
doctor-unreachable = No app can connect. { $cause }
doctor-unreachable-do = Does the server run, does DNS lead to it, and does the firewall let ports 5222 and 5223 through?

doctor-certificate-good =
    { $days ->
        [one] The certificate is good for { $days } more day. It is for { $names } and was signed by { $issuer }.
       *[other] The certificate is good for { $days } more days. It is for { $names } and was signed by { $issuer }.
    }
doctor-certificate-soon =
    { $days ->
        [0] The certificate ends today. After that nobody can connect.
        [one] The certificate ends in { $days } day. After that nobody can connect.
       *[other] The certificate ends in { $days } days. After that nobody can connect.
    }
doctor-certificate-soon-do = The renewal of the certificate for { $names } (signed by { $issuer }) seems to have stopped. Renew it, and tell the server to read it again.
doctor-certificate-expired =
    { $days ->
        [one] The certificate ended { $days } day ago. Careful apps, and Grend is one, do not connect any more.
       *[other] The certificate ended { $days } days ago. Careful apps, and Grend is one, do not connect any more.
    }
doctor-certificate-expired-do = Renew the certificate for { $names } (signed by { $issuer }), and tell the server to read it again.
doctor-certificate-early = The certificate is not valid yet. Either it or the clock of this device is wrong.
doctor-certificate-early-do = Is the clock of the server right? The certificate for { $names } begins later than this device's today.
doctor-certificate-name = The certificate belongs to { $names } and not to { $domain }.
doctor-certificate-name-do = Get a certificate for { $domain }, the part of the addresses after the @. The name of the machine alone is not enough.
doctor-certificate-issuer = The certificate was signed by { $issuer }, which this device does not trust.
doctor-certificate-issuer-do = Use a certificate of a public authority such as Let's Encrypt, and let the server send the whole chain (fullchain.pem); or give everybody your authority's file.
doctor-certificate-invalid = The certificate is not valid.
doctor-certificate-invalid-do = Get a new certificate for { $domain }, and let the server send the whole chain (fullchain.pem).

doctor-signed-in = Signing in works.
doctor-not-signed-in = Signing in does not work. { $cause }
doctor-not-signed-in-do = If the password is right, what does the server's log say about this attempt?
doctor-mechanisms-good = Passwords stay secret: the server asks only for a proof ({ $all }).
doctor-mechanisms-old = Passwords stay secret, but the proof is of an older kind ({ $all }).
doctor-mechanisms-old-do = Offer SCRAM-SHA-256. New hashes are made when people next set a password.
doctor-mechanisms-plain = The server wants the password itself instead of a proof. Grend does not give it away.
doctor-mechanisms-plain-do = Offer SCRAM-SHA-256 or SCRAM-SHA-1. That needs passwords stored for SCRAM or in the clear, not in a database that only checks them.
doctor-mechanisms-none = The server offers no way to sign in that Grend knows ({ $all }).
doctor-mechanisms-none-do = Offer SCRAM-SHA-256.
doctor-binding-good = Nobody between you and the server can take over the sign-in ({ $all }).
doctor-binding-untold = The server can tie a sign-in to its connection.
doctor-binding-none = The server does not tie a sign-in to its connection, so somebody with a false certificate could listen unnoticed.
doctor-binding-none-do = Newer versions of Prosody and ejabberd offer SCRAM with channel binding (SCRAM-SHA-256-PLUS with tls-exporter or tls-server-end-point, XEP-0440).
doctor-binding-refused = The server offers to tie a sign-in to its connection and then does not accept it.
doctor-binding-refused-do = This is a fault of older versions with TLS 1.3. Update the server; no setting mends it.
doctor-quick-sign-in = Coming back online is quick (SASL2).

doctor-resumption-good = A short break of the connection loses nothing.
doctor-resumption-none = When the connection breaks, the server does not know what arrived.
doctor-resumption-none-do = Switch on stream management (XEP-0198).
doctor-archive-good = The server keeps your messages for your other devices.
doctor-archive-none = The server does not keep messages: what is read on one device is not on the others.
doctor-archive-none-do = Switch on the message archive (XEP-0313), for everybody and by default.
doctor-archive-refused = The server says that it keeps messages, and does not hand them out ({ $reason }).
doctor-archive-refused-do = Look into the server's log: the archive's database may be full or damaged.
doctor-carbons-good = All your devices see both sides of a conversation.
doctor-carbons-none = Your other devices do not see what you write here.
doctor-carbons-none-do = Switch on message carbons (XEP-0280).
doctor-state-good = The server is gentle with the battery of phones.
doctor-state-none = The server wakes phones for things nobody looks at. That costs battery.
doctor-state-none-do = Switch on client state indication (XEP-0352).

doctor-upload-good = Pictures and files can be sent and fetched (tried out with { $host }, port { $port }).
doctor-upload-small =
    { $megabytes ->
        [one] Files may be no larger than { $megabytes } MB. A short film is larger.
       *[other] Files may be no larger than { $megabytes } MB. A short film is larger.
    }
doctor-upload-small-do = Allow files of 100 MB, if the disk has room.
doctor-upload-none = Pictures and files cannot be sent.
doctor-upload-none-do = Switch on file upload (XEP-0363) and open its port to the outside.
doctor-upload-no-slot = The server gives no place for a file ({ $reason }).
doctor-upload-no-slot-do = Who may upload, how much, and is the disk full? The server's log says more.
doctor-upload-bad-slot = The server names a place for files that Grend does not use, because it is not a safe one.
doctor-upload-bad-slot-do = The addresses for upload and download must begin with https:// and name a host.
doctor-upload-unreachable = Files cannot be sent: { $host } does not let them through at port { $port }. { $cause }
doctor-upload-unreachable-do = Files go to https://{ $host }:{ $port }. Does the server listen there, and do firewall and router let that port through from outside?
doctor-upload-certificate = Files cannot be sent: the certificate of { $host }, port { $port }, is not accepted. { $cause }
doctor-upload-certificate-do = Files go to https://{ $host }:{ $port }; the certificate there must be valid and for { $host }.
doctor-upload-refused = Files cannot be sent: { $host }, port { $port }, refused one (error { $status }).
doctor-upload-refused-do = The server gave a place for the file and then refused it with HTTP status { $status }. Does the address lead to the right program, is its folder writable, does a proxy in between allow PUT and large files (nginx: client_max_body_size)?
doctor-upload-unreadable = A file was sent, but it cannot be fetched from { $host }, port { $port }.
doctor-upload-unreadable-do = What was uploaded does not come back unchanged at the address for downloads (https://{ $host }:{ $port }).

doctor-groups-good = Group chats have a home ({ $host }).
doctor-groups-none = The server has no place for group chats.
doctor-groups-none-do = Switch on group chats (XEP-0045), with an archive (XEP-0313) for them.

doctor-blocking-good = You can block people.
doctor-blocking-none = You cannot block people on the server.
doctor-blocking-none-do = Switch on blocking (XEP-0191).
doctor-profiles-good = The server keeps profiles.
doctor-profiles-none = The server keeps no profiles.
doctor-profiles-none-do = Switch on profiles (vcard-temp, XEP-0054).
doctor-events-good = Contacts learn of a new profile picture, and devices share what is private.
doctor-events-old = Contacts learn of a new profile picture, but what is private to your devices is not safe there.
doctor-events-old-do = Personal eventing must allow publish-options (XEP-0060, XEP-0223). Update the server.
doctor-events-none = Contacts do not learn of a new profile picture, and encryption between devices is not possible.
doctor-events-none-do = Switch on personal eventing (PEP, XEP-0163).
doctor-pictures-good = Old and new apps see the same profile pictures.
doctor-pictures-none = People with older apps do not see your profile picture, nor you theirs.
doctor-pictures-none-do = Switch on the conversion of profile pictures (XEP-0398).
doctor-bookmarks-good = Old and new apps share one list of group chats.
doctor-bookmarks-none = Older and newer apps of yours may show different group chats.
doctor-bookmarks-none-do = Switch on the conversion of bookmarks (XEP-0402 with its compatibility feature).
doctor-notes-good = Older apps can keep their settings on the server.
doctor-notes-none = Older apps cannot keep their settings on the server.
doctor-notes-none-do = Switch on private XML storage (XEP-0049).

doctor-push-good = Phones can sleep until a message comes.
doctor-push-none = iPhones are not woken up when a message comes.
doctor-push-none-do = Switch on push notifications (XEP-0357).

doctor-calls-none = The server does not help calls to find their way. Between some networks there will be no sound.
doctor-calls-none-do = Run a STUN and TURN server and announce it (XEP-0215).
doctor-stun-answers = The helper for calls answers ({ $host }, port { $port }, { $transport }).
doctor-stun-silent = The helper for calls that the server names does not answer ({ $host }, port { $port }, { $transport }).
doctor-stun-silent-do = STUN at { $host }, port { $port }, { $transport }: does it run, and do firewall and router let that port through?
doctor-turn-works = Calls get through from any network ({ $host }, port { $port }, { $transport }).
doctor-turn-silent = The relay for calls that the server names does not answer ({ $host }, port { $port }, { $transport }).
doctor-turn-silent-do = TURN at { $host }, port { $port }, { $transport }: does it run, and do firewall and router let that port through?
doctor-turn-refused = The relay for calls does not accept what the server gave us for it ({ $host }, port { $port }, { $transport }; error { $code }).
doctor-turn-refused-do = TURN at { $host }, port { $port }, { $transport }, answered { $code } to an allocation with the credentials of XEP-0215. Do both know the same secret, and may TURN relay at all?
doctor-turn-none = There is no relay for calls. Between some networks there will be no sound.
doctor-turn-none-do = Add a TURN server to the STUN server and announce it (XEP-0215).

doctor-contact-good = The server says whom to turn to: { $all }.
doctor-contact-none = The server does not say who runs it.
doctor-contact-none-do = Announce contact addresses (XEP-0157).

doctor-capabilities-good = The server says in short what it can do.
doctor-capabilities-none = The server does not say in short what it can do, so apps ask more often.
doctor-capabilities-none-do = Switch on entity capabilities (XEP-0115).
doctor-compliance-advanced = { $suite } (XMPP Compliance Suites 2023): advanced.
doctor-compliance-core = { $suite } (XMPP Compliance Suites 2023): core. For advanced it lacks { $lacks }.
doctor-compliance-below = { $suite } (XMPP Compliance Suites 2023): not reached. It lacks { $lacks }.
doctor-compliance-below-do = See xmpp.org/extensions/xep-0479.html.
doctor-too-slow = The server was too slow: not everything could be looked at.

# Around the findings
health-open = Is the server all right?
health-title = Is the server all right?
health-busy = Looking at { $domain } … This takes up to 20 seconds.
health-failed = Grend could not look at the server.
health-again = Look again
health-fine = Everything that Grend looked at works.
health-usable =
    { $missing ->
        [one] What is there works. { $missing } thing is missing.
       *[other] What is there works. { $missing } things are missing.
    }
health-broken =
    { $broken ->
        [one] { $broken } thing does not work.
       *[other] { $broken } things do not work.
    }
health-copy = Copy for whoever runs your server
health-copied = Copied. Paste it into a message or a mail.
health-does-not-work = Does not work
health-missing = Missing
health-unknown = Could not be found out
health-works = Works
health-letter = Grend looked at the chat server { $domain } on { $date }.
health-software = It says that it is { $software }.
health-outside = Only from outside: no password was given.
health-to-do = What to do: { $text }
health-setting = In { $program }: { $text }
health-aside =
    { $count ->
        [one] { $count } message to this account could not be read and was left out.
       *[other] { $count } messages to this account could not be read and were left out.
    }
