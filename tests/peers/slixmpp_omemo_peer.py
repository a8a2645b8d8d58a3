"""The slixmpp client with OMEMO (slixmpp-omemo). It understands what slixmpp_peer.py does, and more:

connect {..., keys: FILE}           keys are kept in FILE; a client whose FILE is gone has lost its database
send {..., encrypted: true}         answers when sent; "left_out" has the devices that cannot read it
archive {..., decrypt: true}        reads what the archive has, in its order, as a client that was away
devices {address}                   the devices of an address: [{"device", "fingerprint", "namespaces", "active"}]

A message that was encrypted comes as {"event": "message", ..., "encryption": namespace, "device"}, or as
{"event": "unreadable", ..., "why"}.
"""

import asyncio
import json
import logging
import os
import sys

import omemo
import slixmpp.plugins
from slixmpp.jid import JID
from slixmpp_omemo import XEP_0384

import slixmpp_peer
from slixmpp_peer import described, say


class Database(omemo.Storage):
    """A JSON file, written at each change."""

    def __init__(self, path):
        super().__init__()
        self.path = path
        self.values = {}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                self.values = json.load(file)

    async def _load(self, key):
        return omemo.Just(self.values[key]) if key in self.values else omemo.Nothing()

    async def _store(self, key, value):
        self.values[key] = value
        self.write()

    async def _delete(self, key):
        self.values.pop(key, None)
        self.write()

    def write(self):
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            json.dump(self.values, file)
        os.replace(self.path + ".new", self.path)


class Omemo(XEP_0384):
    """The plugin with blind trust before verification."""

    default_config = XEP_0384.default_config | {"keys": None}

    def plugin_init(self):
        self.database = Database(self.keys)
        super().plugin_init()

    @property
    def storage(self):
        return self.database

    @property
    def _btbv_enabled(self):
        return True

    async def _prompt_manual_trust(self, manually_trusted, identifier):
        raise omemo.TrustDecisionFailed("nobody is here to ask")


slixmpp.plugins.register_plugin(Omemo)


class Peer(slixmpp_peer.Peer):
    """A connection with keys."""

    def __init__(self, request):
        super().__init__(request)
        for plugin in ("xep_0060", "xep_0163", "xep_0380"):
            self.register_plugin(plugin)
        self.register_plugin("xep_0384", {"keys": request["keys"]}, module=sys.modules[__name__])
        self.ready = asyncio.get_running_loop().create_future()
        self.add_event_handler("omemo_initialized", lambda _: self.ready.done() or self.ready.set_result(None))
        # One after the other, in the order in which they came.
        self.incoming = asyncio.Queue()
        self.reading = asyncio.get_running_loop().create_task(self.read_all())

    @property
    def omemo(self):
        return self.plugin["xep_0384"]

    def heard(self, message, carbon=None):
        if self.omemo.is_encrypted(message) and message["type"] != "error":
            self.incoming.put_nowait((message, carbon))
        else:
            super().heard(message, carbon)

    async def read_all(self):
        while True:
            message, carbon = await self.incoming.get()
            say(await self.read(message) | {"carbon": carbon})

    async def read(self, message):
        """What a test wants to know of an encrypted message, as an event."""
        about = described(message) | {"encryption": sorted(self.omemo.is_encrypted(message))[0]}
        try:
            plain, device = await self.omemo.decrypt_message(message)
        except Exception as error:  # all that a foreign message can lead to
            return about | {"event": "unreadable", "body": None, "why": f"{type(error).__name__}: {error}", "xml": str(message)}
        about |= {"body": plain.xml.findtext("{jabber:client}body"), "device": device.device_id}
        return {"event": "message" if about["body"] else "empty"} | about


class Session(slixmpp_peer.Session):
    """What a test may ask."""

    client = Peer

    async def connect(self, request):
        connected = await super().connect(request)
        await asyncio.wait_for(self.peer.ready, 20)
        return connected | {"device": (await self.own_device()).device_id}

    async def own_device(self):
        manager = await self.peer.omemo.get_session_manager()
        return (await manager.get_own_device_information())[0]

    async def send(self, request):
        if not request.get("encrypted"):
            return await super().send(request)
        peer = self.peer
        message = peer.make_message(request["to"], request["body"], mtype=request.get("type", "chat"))
        message["id"] = peer.new_id()
        message.set_from(peer.boundjid)
        encrypted, errors = await peer.omemo.encrypt_message(message, JID(request["to"]))
        encrypted["id"] = message["id"]
        encrypted["request_receipt"] = True
        encrypted["origin_id"]["id"] = message["id"]
        encrypted.send()
        return {"id": message["id"], "left_out": [error.device_id for error in errors]}

    async def archive(self, request):
        if not request.get("decrypt"):
            return await super().archive(request)
        manager = await self.peer.omemo.get_session_manager()
        manager.before_history_sync()
        found = []
        iq = await self.peer.plugin["xep_0313"].retrieve(
            with_jid=request.get("with"), rsm={"max": request.get("page", 100)}, timeout=60)
        for result in iq["mam"]["results"]:
            message = result["mam_result"]["forwarded"]["stanza"]
            if self.peer.omemo.is_encrypted(message):
                found.append(await self.peer.read(message))
            else:
                found.append(described(message))
        await manager.after_history_sync()
        return {"count": len(found), "messages": found}

    async def devices(self, request):
        manager = await self.peer.omemo.get_session_manager()
        address = request.get("address", self.peer.boundjid.bare)
        await manager.refresh_device_lists(address)
        known = await manager.get_device_information(address)
        return {"devices": [
            {"device": it.device_id, "fingerprint": "".join(manager.format_identity_key(it.identity_key)),
             "namespaces": sorted(it.namespaces), "active": all(active for _, active in it.active)} for it in known]}


if __name__ == "__main__":
    logging.getLogger("slixmpp").setLevel(logging.ERROR)
    asyncio.run(slixmpp_peer.main(Session()))
