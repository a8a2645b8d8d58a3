"""What the OMEMO oracles have in common: JSON lines, and what a bundle and a message look like in them.

An oracle is somebody else's OMEMO without a network. It has devices, each with a name; what would go through a server
goes through the lines. One request in, {"id", "do", "device", ...}; one answer out, {"id", "ok"} or {"id", "error"}.
tests/src/oracle.rs is the other side. All bytes are base64, as they would be in the XML:

bundle   {"ik", "spk_id", "spk", "spks", "prekeys": {id: key}}
message  {"sid", "keys": [{"rid", "kex", "key"}], "iv", "payload"}; without "payload" it only carries a key

`devices` of an oracle has these, all of them coroutines:

new {address}                     {"device_id", "fingerprint", "bundle"}
bundle                            {"bundle"} as it would be published now
meet {address, device_id, bundle} somebody's device as the server would tell of it; no session yet. Again: a new bundle
forget {address, device_id}       that device is no longer on its list
encrypt {to: [address], text}     {"message", "also"}
decrypt {from: address, message}  {"text", "also"}; the text is null if the message had none. A failed one has "also" too
replace {address, device_id}      {"also"}: a new session, and what tells of it
rotate                            {"bundle"} with a new signed prekey
catch_up {on}                     {"also"}: the archive is being read, or is no longer
save                              {"state"}
load {state}                      the device as it was then; makes it if it is not there

"also" has what the library wants to send by itself: [{"to", "message"}].
"""

import asyncio
import base64
import json
import logging
import sys


class Refused(Exception):
    """A library said no. `also` is what it wants to be sent all the same."""

    def __init__(self, error, also=()):
        super().__init__(str(error))
        self.kind = type(error).__name__
        self.also = list(also)


def b64(data):
    return base64.b64encode(data).decode()


def unb64(text):
    return base64.b64decode(text, validate=True)


async def answer(oracle, request):
    try:
        return {"id": request["id"], "ok": await getattr(oracle, request["do"])(request)}
    except Refused as error:
        return {"id": request["id"], "error": {"kind": error.kind, "text": str(error), "also": error.also}}


async def serve(oracle):
    # Anything else that an oracle raises ends it: then the oracle is wrong, not the message.
    for line in sys.stdin:
        sys.stdout.write(json.dumps(await answer(oracle, json.loads(line))) + "\n")
        sys.stdout.flush()


def main(oracle):
    logging.disable()  # what a library has to say comes as an answer
    asyncio.run(serve(oracle))
