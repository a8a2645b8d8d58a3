"""Reads a whole archive page after page and throws it away: the speed a server can deliver at, which the benchmark
compares Grend with. Plain sockets, no XML parser. Arguments: host port domain user password ca page quickack(0/1).
Prints one JSON object.
"""

import base64
import json
import re
import socket
import ssl
import sys
import time

host, port, domain, user, password, ca, page, quick = sys.argv[1:9]
STREAM = (f"<?xml version='1.0'?><stream:stream to='{domain}' version='1.0' xmlns='jabber:client' "
          "xmlns:stream='http://etherx.jabber.org/streams'>").encode()
LAST = re.compile(rb"<last>([^<]*)</last>")


def until(end):
    """Everything up to and with the first answer that matches."""
    got = bytearray()
    while not end.search(got, max(0, len(got) - 70000)):
        piece = connection.recv(65536)
        if not piece:
            sys.exit(f"the server hung up: {bytes(got[-500:])!r}")
        got += piece
        if quick == "1":
            bare.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
    return bytes(got)


def ask(data, end):
    connection.sendall(data)
    return until(re.compile(end))


bare = connection = socket.create_connection((host, int(port)))
connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
ask(STREAM, rb"</stream:features>")
ask(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", rb"<proceed")
bare = connection = ssl.create_default_context(cafile=ca).wrap_socket(connection, server_hostname=domain)
ask(STREAM, rb"</stream:features>")
secret = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
ask(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>".encode(), rb"<success")
ask(STREAM, rb"</stream:features>")
ask(b"<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", rb"</iq>")

messages = pages = size = 0
after = ""
started = time.monotonic()
while True:
    query = (f"<iq type='set' id='p{pages}'><query xmlns='urn:xmpp:mam:2'>"
             f"<set xmlns='http://jabber.org/protocol/rsm'><max>{page}</max>{after}</set></query></iq>")
    got = ask(query.encode(), rb"<fin[^>]*/>|</fin>")
    count = got.count(b"<forwarded")
    messages, pages, size = messages + count, pages + 1, size + len(got)
    fin = got[got.rindex(b"<fin"):]
    last = LAST.search(fin)
    if b"complete='true'" in fin or b'complete="true"' in fin or not count or not last:
        break
    after = f"<after>{last.group(1).decode()}</after>"
seconds = time.monotonic() - started
print(json.dumps({"messages": messages, "pages": pages, "bytes": size, "seconds": seconds}))
