"""A client written by others (slixmpp), driven by JSON lines: what Grend is tested against.

One request per line in, {"id", "do", ...}; one answer per request out, {"id", "ok"} or {"id", "error"}; between them
events, {"event", ...}. The end of the input is an abrupt end of the connection. tests/src/peer.rs is the other side.
"""

import asyncio
import json
import ssl
import sys
import time
from xml.etree import ElementTree

import slixmpp
from slixmpp.exceptions import IqError
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

PLUGINS = [
    "xep_0004", "xep_0030", "xep_0045", "xep_0059", "xep_0060", "xep_0077", "xep_0085", "xep_0115", "xep_0184",
    "xep_0191", "xep_0198", "xep_0199", "xep_0203", "xep_0280", "xep_0313", "xep_0333", "xep_0334", "xep_0359",
]
ORIGIN_ID = "{urn:xmpp:sid:0}origin-id"
STANZA_ID = "{urn:xmpp:sid:0}stanza-id"
HINTS = "urn:xmpp:hints"
WRAPPERS = {"{urn:xmpp:carbons:2}sent", "{urn:xmpp:carbons:2}received", "{urn:xmpp:mam:2}result"}


def say(value):
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def described(message):
    """What a test wants to know of a message, whichever way it came."""
    xml = message.xml
    origin, archived = xml.find(ORIGIN_ID), xml.find(STANZA_ID)
    return {
        "from": str(message["from"]),
        "to": str(message["to"]),
        "type": xml.get("type", "normal"),
        "id": xml.get("id"),
        "body": xml.findtext("{jabber:client}body"),
        "origin_id": None if origin is None else origin.get("id"),
        "archive_id": None if archived is None else archived.get("id"),
        "asks_receipt": xml.find("{urn:xmpp:receipts}request") is not None,
        "markable": xml.find("{urn:xmpp:chat-markers:0}markable") is not None,
        "delayed": xml.find("{urn:xmpp:delay}delay") is not None,
    }


class Peer(slixmpp.ClientXMPP):
    """One connection. Every event becomes a line."""

    def __init__(self, request):
        jid = request["address"] + ("/" + request["resource"] if request.get("resource") else "")
        # slixmpp would answer receipts by itself; the tests say when.
        config = {"xep_0184": {"auto_ack": False, "auto_request": False}}
        super().__init__(jid, request["password"], plugin_config=config)
        for plugin in PLUGINS:
            if plugin != "xep_0198" or request.get("stream_management"):
                self.register_plugin(plugin)
        context = ssl.create_default_context(cafile=request["ca"])
        self.ssl_context = context
        self.ca_certs = request["ca"]
        self.enable_direct_tls = request.get("tls") == "direct"
        self.enable_starttls = not self.enable_direct_tls
        self.online = asyncio.get_running_loop().create_future()
        self.closing = False
        self.awaited = {}  # receipts that somebody measures, by what they are for
        self.add_event_handler("session_start", lambda _: self.online.done() or self.online.set_result(None))
        for event in ("failed_all_auth", "connection_failed", "ssl_invalid_chain", "ssl_invalid_cert"):
            self.add_event_handler(event, lambda detail, event=event: self.refused(event, detail))
        # Not the event "message": that is only for messages with a text.
        everything = Callback("everything", MatchXPath("{jabber:client}message"), self.heard_directly)
        self.register_handler(everything)
        self.add_event_handler("carbon_received", lambda m: self.heard(m["carbon_received"], "received"))
        self.add_event_handler("carbon_sent", lambda m: self.heard(m["carbon_sent"], "sent"))
        for event in ("presence_available", "presence_unavailable", "presence_subscribe", "presence_subscribed"):
            self.add_event_handler(event, lambda p, event=event: say(
                {"event": "presence", "kind": event[len("presence_"):], "from": str(p["from"]), "to": str(p["to"])}))
        self.add_event_handler("stream_error", lambda error: say({"event": "stream_error", "kind": error["condition"]}))
        self.add_event_handler("disconnected", lambda reason: self.left(reason))

    def refused(self, event, detail):
        if not self.online.done():
            self.online.set_exception(Refused(event, str(detail)))

    def left(self, reason):
        say({"event": "disconnected", "reason": str(reason or "")})
        self.refused("disconnected", reason)

    def heard_directly(self, message):
        wrapped = {child.tag for child in message.xml} & WRAPPERS
        if not wrapped:
            self.heard(message)

    def heard(self, message, carbon=None):
        xml = message.xml
        about = described(message) | {"carbon": carbon}
        receipt = xml.find("{urn:xmpp:receipts}received")
        if receipt is not None:
            waiting = self.awaited.pop(receipt.get("id"), None)
            if waiting:
                waiting.set_result(time.perf_counter())
                return
            say({"event": "receipt", "of": receipt.get("id")} | about)
        for child in xml:
            namespace, _, name = child.tag[1:].partition("}")
            if namespace == "urn:xmpp:chat-markers:0" and name != "markable":
                say({"event": "marker", "kind": name, "of": child.get("id")} | about)
            if namespace == "http://jabber.org/protocol/chatstates":
                say({"event": "chat_state", "state": name} | about)
        if about["type"] == "error":
            error = xml.find("{jabber:client}error")
            say({"event": "error", "condition": None if error is None else error[0].tag.partition("}")[2]} | about)
        elif about["body"] is not None:
            say({"event": "message"} | about)


class Refused(Exception):
    """A refusal with a word that tests can compare."""

    def __init__(self, kind, text):
        super().__init__(text)
        self.kind = kind


class Session:
    """What a test may ask. One method per request, named like it."""

    client = Peer
    peer = None

    async def connect(self, request):
        peer = self.peer = self.client(request)
        peer.connect(request.get("host", "127.0.0.1"), request["port"])
        try:
            await asyncio.wait_for(peer.online, request.get("timeout", 15))
        except Exception:
            peer.cancel_connection_attempt()
            peer.abort()
            raise
        if request.get("presence", True):
            await peer.get_roster()
            await peer.plugin["xep_0280"].enable()
            peer.send_presence()
            # Answered after the presence was handled: from now on messages come here.
            await self.ping({})
        return {"jid": str(peer.boundjid)}

    async def send(self, request):
        message = self.peer.make_message(request["to"], request["body"], mtype=request.get("type", "chat"))
        message["id"] = request.get("wire_id") or self.peer.new_id()
        origin = request.get("origin_id", message["id"])
        if origin:
            ElementTree.SubElement(message.xml, ORIGIN_ID, {"id": origin})
        if request.get("receipt", True):
            ElementTree.SubElement(message.xml, "{urn:xmpp:receipts}request")
        if request.get("markable", True):
            ElementTree.SubElement(message.xml, "{urn:xmpp:chat-markers:0}markable")
        message.send()
        return {"id": message["id"]}

    async def flood(self, request):
        """Many messages in one go, numbered."""
        for number in range(request["count"]):
            await self.send(request | {"body": f"{request['body']} {number}"})
        return {"count": request["count"]}

    async def receipts(self, request):
        """How many ms each of some messages takes until its receipt is here, one at a time."""
        times = []
        for number in range(request["count"]):
            wire_id = self.peer.new_id()
            arrived = self.peer.awaited[wire_id] = asyncio.get_running_loop().create_future()
            started = time.perf_counter()
            await self.send(request | {"body": f"receipt {number}", "wire_id": wire_id})
            times.append((await asyncio.wait_for(arrived, 10) - started) * 1000)
        return {"ms": times}

    async def pings(self, request):
        """The same for pings to the server, which only has to say yes."""
        times = []
        for _ in range(request["count"]):
            started = time.perf_counter()
            await self.ping({})
            times.append((time.perf_counter() - started) * 1000)
        return {"ms": times}

    async def receipt(self, request):
        self.about(request, "{urn:xmpp:receipts}received")
        return {}

    async def marker(self, request):
        self.about(request, "{urn:xmpp:chat-markers:0}" + request.get("kind", "displayed"))
        return {}

    def about(self, request, tag):
        message = self.peer.make_message(request["to"], mtype="chat")
        message["id"] = self.peer.new_id()
        ElementTree.SubElement(message.xml, tag, {"id": request["of"]})
        ElementTree.SubElement(message.xml, f"{{{HINTS}}}store")
        message.send()

    async def typing(self, request):
        message = self.peer.make_message(request["to"], mtype="chat")
        message["chat_state"] = "composing" if request["on"] else "paused"
        message.send()
        return {}

    async def raw(self, request):
        """Anything at all, well-formed or not."""
        self.peer.send_raw(request["xml"])
        return {}

    async def ping(self, request):
        """Comes back when the server has handled everything that was sent before."""
        await self.peer.plugin["xep_0199"].ping(jid=request.get("to") or self.peer.boundjid.domain)
        return {}

    async def archive(self, request):
        """All pages; with "quiet" only counts, for measuring."""
        page, count, pages, messages, after = request.get("page", 100), 0, 0, [], request.get("after")
        started = time.monotonic()
        while True:
            rsm = {"max": page} | ({"after": after} if after else {})
            iq = await self.peer.plugin["xep_0313"].retrieve(
                jid=request.get("of"), with_jid=request.get("with"), rsm=rsm, timeout=60)
            found, pages = iq["mam"]["results"], pages + 1
            count += len(found)
            if not request.get("quiet"):
                messages += [
                    described(result["mam_result"]["forwarded"]["stanza"]) | {"archive_id": result["mam_result"]["id"]}
                    for result in found]
            after = iq["mam_fin"]["rsm"]["last"]
            if not found or iq["mam_fin"].xml.get("complete") == "true":
                break
        seconds = time.monotonic() - started
        return {"count": count, "pages": pages, "seconds": seconds, "messages": messages}

    async def roster(self, _request):
        # Without a version: the whole list, not "nothing is new".
        iq = await self.peer.make_iq_get(queryxmlns="jabber:iq:roster").send()
        items = iq["roster"]["items"]
        return {"contacts": [
            {"address": str(jid), "name": item["name"], "subscription": item["subscription"],
             "groups": list(item["groups"])} for jid, item in items.items()]}

    async def set_contact(self, request):
        self.peer.update_roster(request["address"], name=request.get("name", ""), groups=request.get("groups", []))
        await self.ping({})
        return {}

    async def subscribe(self, request):
        self.peer.send_presence_subscription(pto=request["to"], ptype=request.get("kind", "subscribe"))
        return {}

    async def presence(self, request):
        self.peer.send_presence(pshow=request.get("show"), pstatus=request.get("status"), ptype=request.get("kind"))
        return {}

    async def disco(self, request):
        to = request.get("to", self.peer.boundjid.domain)
        info = await self.peer.plugin["xep_0030"].get_info(jid=to)
        identities = [[category, kind, name] for category, kind, _, name in info["disco_info"]["identities"]]
        found = {"features": sorted(info["disco_info"]["features"]), "identities": identities}
        if request.get("items"):
            items = await self.peer.plugin["xep_0030"].get_items(jid=to)
            found["items"] = [str(item[0]) for item in items["disco_items"]["items"]]
        return found

    async def iq(self, request):
        """Any question, and the answer as XML."""
        iq = self.peer.make_iq(ito=request.get("to"), itype=request.get("type", "get"))
        iq.append(ElementTree.fromstring(request["payload"]))
        return {"xml": str(await iq.send(timeout=10))}

    async def join(self, request):
        await self.peer.plugin["xep_0045"].join_muc_wait(request["room"], request["nick"], timeout=10)
        return {}

    async def change_password(self, request):
        await self.peer.plugin["xep_0077"].change_password(
            request["password"], jid=self.peer.boundjid.domain, ifrom=self.peer.boundjid)
        return {}

    async def drop(self, _request):
        """The cable is pulled: no goodbye."""
        self.peer.cancel_connection_attempt()
        self.peer.abort()
        return {}

    async def disconnect(self, _request):
        await self.peer.disconnect()
        return {}


async def answer(session, request):
    try:
        say({"id": request["id"], "ok": await getattr(session, request["do"])(request)})
    except IqError as error:
        say({"id": request["id"], "error": {"kind": error.condition, "text": error.text}})
    except Refused as error:
        say({"id": request["id"], "error": {"kind": error.kind, "text": str(error)}})
    except Exception as error:  # whatever slixmpp throws belongs into the test's output
        say({"id": request["id"], "error": {"kind": type(error).__name__, "text": str(error)}})


async def main(session):
    reader = asyncio.StreamReader(limit=2**26)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        # One after the other: a test's requests have an order.
        await answer(session, json.loads(line))


if __name__ == "__main__":
    asyncio.run(main(Session()))
