"""The oracle on omemo-dr, the second implementation of eu.siacs.conversations.axolotl, which Gajim uses. oracle.py says
what it understands. What an application does around this library is done here: a kex is answered with a key transport,
and who is trusted is not asked."""

import json
import time

from omemo_dr import exceptions
from omemo_dr.identitykey import IdentityKey
from omemo_dr.identitykeypair import IdentityKeyPair
from omemo_dr.session_manager import OMEMOSessionManager
from omemo_dr.state.prekeyrecord import PreKeyRecord
from omemo_dr.state.sessionrecord import SessionRecord
from omemo_dr.state.signedprekeyrecord import SignedPreKeyRecord
from omemo_dr.state.store import Store
from omemo_dr.structs import OMEMOBundle, OMEMOConfig, OMEMOMessage, OMEMOTrust

import oracle
from oracle import Refused, b64, unb64

NAMESPACE = "eu.siacs.conversations.axolotl"
DAY = 86400
CONFIG = OMEMOConfig(
    default_prekey_amount=100, min_prekey_amount=80, spk_archive_seconds=15 * DAY, spk_cycle_seconds=DAY,
    unacknowledged_count=2000)

# What foreign bytes can lead to.
REFUSALS = tuple(
    kind for kind in vars(exceptions).values() if isinstance(kind, type) and issubclass(kind, Exception)) + (ValueError,)


class Memory(Store):
    """A database that is a few dictionaries of bytes. Everybody is trusted."""

    def __init__(self):
        self.own = None
        self.prekeys, self.signed, self.sessions = {}, {}, {}
        self.signed_is_old = False

    def dump(self):
        return {
            "own": [self.own[0], b64(self.own[1])],
            "prekeys": [[number, b64(record)] for number, record in self.prekeys.items()],
            "signed": [[number, b64(record)] for number, record in self.signed.items()],
            "sessions": [[*device, b64(record)] for device, record in self.sessions.items()],
        }

    @classmethod
    def restored(cls, dump):
        store = cls()
        store.own = dump["own"][0], unb64(dump["own"][1])
        store.prekeys = {number: unb64(record) for number, record in dump["prekeys"]}
        store.signed = {number: unb64(record) for number, record in dump["signed"]}
        store.sessions = {(address, number): unb64(record) for address, number, record in dump["sessions"]}
        return store

    # The identity

    def needs_init(self):
        return self.own is None

    def set_our_identity(self, device_id, identity_key_pair):
        self.own = device_id, identity_key_pair.serialize()

    def get_our_device_id(self):
        return self.own[0]

    def get_identity_key_pair(self):
        return IdentityKeyPair.from_bytes(self.own[1])

    # Prekeys

    def store_pre_key(self, pre_key_id, pre_key_record):
        self.prekeys[pre_key_id] = pre_key_record.serialize()

    def load_pre_key(self, pre_key_id):
        if pre_key_id not in self.prekeys:
            raise exceptions.InvalidKeyIdException(f"no prekey {pre_key_id}")
        return PreKeyRecord.from_bytes(self.prekeys[pre_key_id])

    def load_pending_pre_keys(self):
        return [PreKeyRecord.from_bytes(record) for record in self.prekeys.values()]

    def contains_pre_key(self, pre_key_id):
        return pre_key_id in self.prekeys

    def remove_pre_key(self, pre_key_id):
        self.prekeys.pop(pre_key_id, None)

    def get_pre_key_count(self):
        return len(self.prekeys)

    def get_current_pre_key_id(self):
        return max(self.prekeys, default=None)

    # Signed prekeys

    def store_signed_pre_key(self, signed_pre_key_id, signed_pre_key_record):
        self.signed[signed_pre_key_id] = signed_pre_key_record.serialize()
        self.signed_is_old = False

    def load_signed_pre_key(self, signed_pre_key_id):
        if signed_pre_key_id not in self.signed:
            raise exceptions.InvalidKeyIdException(f"no signed prekey {signed_pre_key_id}")
        return SignedPreKeyRecord.from_bytes(self.signed[signed_pre_key_id])

    def load_signed_pre_keys(self):
        return [SignedPreKeyRecord.from_bytes(record) for record in self.signed.values()]

    def contains_signed_pre_key(self, signed_pre_key_id):
        return signed_pre_key_id in self.signed

    def remove_signed_pre_key(self, signed_pre_key_id):
        self.signed.pop(signed_pre_key_id, None)

    def get_current_signed_pre_key_id(self):
        return next(reversed(self.signed), None)

    def get_signed_pre_key_timestamp(self, signed_pre_key_id):
        if self.signed_is_old:
            return int(time.time()) - 2 * DAY
        return self.load_signed_pre_key(signed_pre_key_id).get_timestamp()

    def remove_old_signed_pre_keys(self, timestamp):
        for record in self.load_signed_pre_keys():
            if record.get_timestamp() < timestamp:
                self.remove_signed_pre_key(record.get_id())

    # Sessions

    def contains_session(self, recipient_id, device_id):
        return (recipient_id, device_id) in self.sessions

    def load_session(self, recipient_id, device_id):
        return SessionRecord(serialized=self.sessions.get((recipient_id, device_id)))

    def store_session(self, recipient_id, device_id, session_record):
        self.sessions[recipient_id, device_id] = session_record.serialize()

    def delete_session(self, recipient_id, device_id):
        self.sessions.pop((recipient_id, device_id), None)

    def delete_all_sessions(self, recipient_id):
        self.sessions = {device: record for device, record in self.sessions.items() if device[0] != recipient_id}

    def get_active_device_tuples(self):
        return list(self.sessions)

    # Trust, which is not what is tested

    def is_trusted_identity(self, recipient_id, identity_key):
        return True

    def is_trusted(self, recipient_id, device_id):
        return True

    def get_trust_for_identity(self, recipient_id, identity_key):
        return OMEMOTrust.BLIND

    def get_unacknowledged_count(self, recipient_id, device_id):
        return 0

    def get_inactive_sessions_keys(self, recipient_id):
        return []

    def get_identity_infos(self, recipient_ids):
        return []

    def save_identity(self, recipient_id, identity_key):
        pass

    def delete_identity(self, recipient_id, identity_key):
        pass

    def set_trust(self, recipient_id, identity_key, trust):
        pass

    def set_active_state(self, address, devicelist):
        pass

    def set_inactive(self, address, device_id):
        pass

    def set_identity_last_seen(self, recipient_id, identity_key):
        pass


class Device:
    """One installation: its storage, and what it knows of the server."""

    def __init__(self, address, store):
        self.address, self.store = address, store
        self.manager = OMEMOSessionManager(address, store, CONFIG)
        self.known = {}  # bundles as they came, by address and device

    def bundle(self):
        bundle = self.manager.get_bundle(NAMESPACE)
        return {
            "ik": b64(bundle.ik),
            "spk_id": bundle.spk["id"],
            "spk": b64(bundle.spk["key"]),
            "spks": b64(bundle.spk_signature),
            "prekeys": {str(key["id"]): b64(key["key"]) for key in bundle.otpks},
        }

    def meet(self, address, device_id, bundle):
        self.known[address, device_id] = bundle
        self.list_devices(address)

    def list_devices(self, address):
        devices = [number for known, number in self.known if known == address]
        if address == self.address:
            devices.append(self.manager.get_our_device())
        self.manager.update_devicelist(address, devices)

    def build_session(self, address, device_id):
        bundle = self.known[address, device_id]
        self.manager.build_session(address, OMEMOBundle(
            device_id=device_id,
            ik=unb64(bundle["ik"]),
            namespace=NAMESPACE,
            otpks=[{"id": int(number), "key": unb64(key)} for number, key in bundle["prekeys"].items()],
            spk={"id": bundle["spk_id"], "key": unb64(bundle["spk"])},
            spk_signature=unb64(bundle["spks"])))

    def key_transport(self, address, device_id):
        return {"to": address, "message": message_out(self.manager.encrypt_key_transport(address, [device_id]))}


def message_out(message):
    return {
        "sid": message.sid,
        "keys": [{"rid": rid, "kex": kex, "key": b64(key)} for rid, (key, kex) in message.keys.items()],
        "iv": b64(message.iv),
        "payload": None if message.payload is None else b64(message.payload),
    }


def message_in(message):
    return OMEMOMessage(
        sid=message["sid"],
        iv=unb64(message["iv"]),
        keys={key["rid"]: (unb64(key["key"]), key["kex"]) for key in message["keys"]},
        payload=None if message["payload"] is None else unb64(message["payload"]))


class Oracle:
    """All devices of this process. One method per request."""

    def __init__(self):
        self.devices = {}

    async def new(self, request):
        device = self.devices[request["device"]] = Device(request["address"], Memory())
        manager = device.manager
        return {
            "device_id": manager.get_our_device(),
            "fingerprint": manager.get_our_fingerprint(),
            "bundle": device.bundle(),
        }

    async def bundle(self, request):
        return {"bundle": self.devices[request["device"]].bundle()}

    async def meet(self, request):
        self.devices[request["device"]].meet(request["address"], request["device_id"], request["bundle"])
        return {}

    async def forget(self, request):
        device = self.devices[request["device"]]
        del device.known[request["address"], request["device_id"]]
        device.list_devices(request["address"])
        return {}

    async def encrypt(self, request):
        device = self.devices[request["device"]]
        for address in request["to"]:
            for number in device.manager.get_devices_without_sessions(address):
                device.build_session(address, number)
        message = device.manager.encrypt(request["to"][0], request["text"], groupchat=False)
        return {"message": message_out(message), "also": []}

    async def decrypt(self, request):
        device, sender, message = self.devices[request["device"]], request["from"], request["message"]
        own = device.manager.get_our_device()
        also, text = [], None
        try:
            text = device.manager.decrypt_message(message_in(message), sender)[0]
        except exceptions.KeyExchangeMessage:
            pass  # the library's word for a message without text
        except REFUSALS as error:
            raise Refused(error) from error
        if any(key["rid"] == own and key["kex"] for key in message["keys"]):
            also.append(device.key_transport(sender, message["sid"]))
        return {"text": text, "also": also}

    async def replace(self, request):
        device, address, number = self.devices[request["device"]], request["address"], request["device_id"]
        device.build_session(address, number)
        return {"also": [device.key_transport(address, number)]}

    async def rotate(self, request):
        device = self.devices[request["device"]]
        device.store.signed_is_old = True
        return {"bundle": device.bundle()}

    async def catch_up(self, _request):
        return {"also": []}

    async def save(self, request):
        device = self.devices[request["device"]]
        return {"state": json.dumps({
            "address": device.address,
            "store": device.store.dump(),
            "known": [[address, number, bundle] for (address, number), bundle in device.known.items()],
        })}

    async def load(self, request):
        state = json.loads(request["state"])
        device = Device(state["address"], Memory.restored(state["store"]))
        self.devices[request["device"]] = device
        for address, number, bundle in state["known"]:
            device.meet(address, number, bundle)
        return {}


if __name__ == "__main__":
    oracle.main(Oracle())
