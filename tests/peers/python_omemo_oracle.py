"""The oracle on python-omemo, which slixmpp-omemo uses too: `oldmemo` for eu.siacs.conversations.axolotl, `twomemo` for
urn:xmpp:omemo:2. The word on the command line says which. oracle.py says what it understands."""

import json
import sys
from xml.etree import ElementTree

import oldmemo
import oldmemo.etree
import omemo
import twomemo
import twomemo.etree

import oracle
from oracle import Refused

NAMESPACES = {"oldmemo": "eu.siacs.conversations.axolotl", "twomemo": "urn:xmpp:omemo:2"}
TRUSTED = "blindly"


class Memory(omemo.Storage):
    """A database that is a dictionary."""

    def __init__(self, values):
        super().__init__(disable_cache=True)
        self.values = values

    async def _load(self, key):
        return omemo.Just(json.loads(self.values[key])) if key in self.values else omemo.Nothing()

    async def _store(self, key, value):
        self.values[key] = json.dumps(value)

    async def _delete(self, key):
        self.values.pop(key, None)


class Wire:
    """Between a library's objects and JSON, by way of the library's own XML."""

    def __init__(self, word):
        self.word, self.namespace = word, NAMESPACES[word]
        self.xml = {"oldmemo": oldmemo.etree, "twomemo": twomemo.etree}[word]
        names = {
            "oldmemo": ("identityKey", "signedPreKeyPublic", "signedPreKeyId", "signedPreKeySignature", "preKeyPublic",
                        "preKeyId", "prekey"),
            "twomemo": ("ik", "spk", "id", "spks", "pk", "id", "kex"),
        }
        self.ik, self.spk, self.spk_id, self.spks, self.prekey, self.prekey_id, self.kex = names[word]

    def tag(self, name):
        return f"{{{self.namespace}}}{name}"

    def backend(self, storage):
        return oldmemo.Oldmemo(storage) if self.word == "oldmemo" else twomemo.Twomemo(storage)

    def bundle_out(self, bundle):
        xml = self.xml.serialize_bundle(bundle)
        spk = xml.find(self.tag(self.spk))
        return {
            "ik": xml.findtext(self.tag(self.ik)),
            "spk_id": int(spk.get(self.spk_id)),
            "spk": spk.text,
            "spks": xml.findtext(self.tag(self.spks)),
            "prekeys": {key.get(self.prekey_id): key.text for key in xml.iter(self.tag(self.prekey))},
        }

    def bundle_in(self, bundle, address, device_id):
        xml = ElementTree.Element(self.tag("bundle"))
        spk = ElementTree.SubElement(xml, self.tag(self.spk), {self.spk_id: str(bundle["spk_id"])})
        spk.text = bundle["spk"]
        ElementTree.SubElement(xml, self.tag(self.spks)).text = bundle["spks"]
        ElementTree.SubElement(xml, self.tag(self.ik)).text = bundle["ik"]
        prekeys = ElementTree.SubElement(xml, self.tag("prekeys"))
        for number, key in bundle["prekeys"].items():
            ElementTree.SubElement(prekeys, self.tag(self.prekey), {self.prekey_id: number}).text = key
        return self.xml.parse_bundle(xml, address, device_id)

    def message_out(self, message):
        xml = self.xml.serialize_message(message)
        header = xml.find(self.tag("header"))
        return {
            "sid": int(header.get("sid")),
            "keys": [
                {"rid": int(key.get("rid")), "kex": key.get(self.kex) in ("true", "1"), "key": key.text}
                for key in header.iter(self.tag("key"))],
            "iv": header.findtext(self.tag("iv")),
            "payload": xml.findtext(self.tag("payload")),
        }

    async def message_in(self, message, sender, device):
        xml = ElementTree.Element(self.tag("encrypted"))
        header = parent = ElementTree.SubElement(xml, self.tag("header"), {"sid": str(message["sid"])})
        if self.word == "twomemo":
            parent = ElementTree.SubElement(header, self.tag("keys"), {"jid": device.address})
        for key in message["keys"]:
            attributes = {"rid": str(key["rid"])} | ({self.kex: "true"} if key["kex"] else {})
            ElementTree.SubElement(parent, self.tag("key"), attributes).text = key["key"]
        if self.word == "oldmemo":
            ElementTree.SubElement(header, self.tag("iv")).text = message["iv"]
        if message["payload"] is not None:
            ElementTree.SubElement(xml, self.tag("payload")).text = message["payload"]
        if self.word == "oldmemo":
            return await self.xml.parse_message(xml, sender, device.address, device.manager)
        return self.xml.parse_message(xml, sender)


class Device:
    """One installation: its storage, and what it knows of the server."""

    def __init__(self, wire, address, values):
        self.wire, self.address, self.values = wire, address, values
        self.published = None
        self.lists, self.bundles, self.outbox = {}, {}, []
        self.backend = self.manager = None

    async def start(self):
        storage = Memory(self.values)
        self.backend = self.wire.backend(storage)
        self.manager = await manager_class(self).create([self.backend], storage, self.address, None, TRUSTED)
        await self.manager.after_history_sync()

    async def device_id(self):
        return (await self.manager.get_own_device_information())[0].device_id

    async def bundle(self):
        return self.wire.bundle_out(await self.backend.get_bundle(self.address, await self.device_id()))

    def also(self):
        waiting, self.outbox = self.outbox, []
        return waiting


def manager_class(device):
    """A SessionManager whose server is `device`. The library wants static methods, so each device has a class."""

    class Manager(omemo.SessionManager):
        @staticmethod
        async def _upload_bundle(bundle):
            device.published = bundle

        @staticmethod
        async def _download_bundle(namespace, bare_jid, device_id):
            if (bare_jid, device_id) not in device.bundles:
                raise omemo.BundleNotFound(f"{bare_jid} {device_id}")
            return device.bundles[bare_jid, device_id]

        @staticmethod
        async def _delete_bundle(namespace, device_id):
            device.published = None

        @staticmethod
        async def _upload_device_list(namespace, device_list):
            device.lists[device.address] = device_list

        @staticmethod
        async def _download_device_list(namespace, bare_jid):
            return device.lists.get(bare_jid, {})

        async def _evaluate_custom_trust_level(self, known):
            return omemo.TrustLevel.TRUSTED

        async def _make_trust_decision(self, undecided, identifier):
            raise omemo.TrustDecisionFailed("everybody is trusted")

        @staticmethod
        async def _send_message(message, bare_jid):
            device.outbox.append({"to": bare_jid, "message": device.wire.message_out(message)})

    return Manager


class Oracle:
    """All devices of this process. One method per request."""

    def __init__(self, word):
        self.wire = Wire(word)
        self.devices = {}

    async def new(self, request):
        device = self.devices[request["device"]] = Device(self.wire, request["address"], {})
        await device.start()
        own = (await device.manager.get_own_device_information())[0]
        fingerprint = "".join(omemo.SessionManager.format_identity_key(own.identity_key))
        return {"device_id": own.device_id, "fingerprint": fingerprint, "bundle": await device.bundle()}

    async def bundle(self, request):
        return {"bundle": await self.devices[request["device"]].bundle()}

    async def meet(self, request):
        device, address, number = self.devices[request["device"]], request["address"], request["device_id"]
        device.bundles[address, number] = self.wire.bundle_in(request["bundle"], address, number)
        await self.listed(device, address, device.lists.get(address, {}) | {number: None})
        return {}

    async def forget(self, request):
        device, address, number = self.devices[request["device"]], request["address"], request["device_id"]
        left = {known: label for known, label in device.lists.get(address, {}).items() if known != number}
        await self.listed(device, address, left)
        return {}

    async def listed(self, device, address, devices):
        device.lists[address] = devices
        await device.manager.update_device_list(self.wire.namespace, address, devices)

    async def encrypt(self, request):
        device = self.devices[request["device"]]
        plaintext = {self.wire.namespace: request["text"].encode()}
        try:
            messages, errors = await device.manager.encrypt(frozenset(request["to"]), plaintext)
        except omemo.OMEMOException as error:
            raise Refused(error, device.also()) from error
        if errors:
            raise Refused(next(iter(errors)).exception, device.also())
        return {"message": self.wire.message_out(next(iter(messages))), "also": device.also()}

    async def decrypt(self, request):
        device = self.devices[request["device"]]
        try:
            message = await self.wire.message_in(request["message"], request["from"], device)
            plaintext, _, _ = await device.manager.decrypt(message)
        except (omemo.OMEMOException, ValueError) as error:
            raise Refused(error, device.also()) from error
        return {"text": None if plaintext is None else plaintext.decode(), "also": device.also()}

    async def replace(self, request):
        device = self.devices[request["device"]]
        known = await device.manager.get_device_information(request["address"])
        wanted = next(it for it in known if it.device_id == request["device_id"])
        for error in (await device.manager.replace_sessions(wanted)).values():
            raise Refused(error, device.also())
        return {"also": device.also()}

    async def rotate(self, request):
        device = self.devices[request["device"]]
        await device.backend.rotate_signed_pre_key()
        return await self.bundle(request)

    async def catch_up(self, request):
        device = self.devices[request["device"]]
        if request["on"]:
            device.manager.before_history_sync()
        else:
            await device.manager.after_history_sync()
        return {"also": device.also()}

    async def save(self, request):
        device = self.devices[request["device"]]
        return {"state": json.dumps({
            "address": device.address,
            "values": device.values,
            "known": [
                {"address": address, "device_id": number, "bundle": self.wire.bundle_out(bundle)}
                for (address, number), bundle in device.bundles.items()],
            "lists": [[address, list(devices)] for address, devices in device.lists.items()],
        })}

    async def load(self, request):
        state = json.loads(request["state"])
        old = self.devices.get(request["device"])
        if old is not None:
            await old.manager.shutdown()
        device = self.devices[request["device"]] = Device(self.wire, state["address"], state["values"])
        for it in state["known"]:
            key = it["address"], it["device_id"]
            device.bundles[key] = self.wire.bundle_in(it["bundle"], *key)
        device.lists = {address: dict.fromkeys(devices) for address, devices in state["lists"]}
        await device.start()
        return {}


if __name__ == "__main__":
    oracle.main(Oracle(sys.argv[1]))
