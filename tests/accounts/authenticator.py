"""A device of software that makes passkeys and answers by them, for tests."""

import base64
import dataclasses
import hashlib
import json
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from jiedan.accounts import queries, service
from jiedan.accounts.service import Party, ceremonies
from jiedan.accounts.values import Passkey
from jiedan.base.db import Database
from jiedan.base.sealing import Sealer
from tests.accounts.factories import Opened

LOCAL = ceremonies.party("http://localhost:8000")
"""Whom passkeys are for where nothing is set."""

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(content: bytes) -> str:
    """Return bytes as browsers send them."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(content: str) -> bytes:
    return base64.urlsafe_b64decode(content + "=" * (-len(content) % 4))


@dataclasses.dataclass
class Device:
    """Make one passkey and answer by it; `uses` is its count, and `flags` what it says it did with its person."""

    origin: str
    credential_id: bytes = b"a credential of a device of ours"
    uses: int = 0
    flags: int = PRESENT | VERIFIED
    handle: bytes = b""
    rp_id: str = ""
    key: ec.EllipticCurvePrivateKey = dataclasses.field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: dict[str, Any]) -> str:
        """Return the answer to what `navigator.credentials.create` is asked."""
        self.handle, self.rp_id = _bytes(options["user"]["id"]), options["rp"]["id"]
        numbers = self.key.public_key().public_numbers()
        public_key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + cbor2.dumps(public_key)
        data = self._data(self.flags | ATTESTED) + attested
        told = {
            "clientDataJSON": text(self._client_data("webauthn.create", options["challenge"])),
            "attestationObject": text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return self._answer(told)

    def prove(self, options: dict[str, Any], *, rp_id: str = "") -> str:
        """Return the answer to what `navigator.credentials.get` is asked."""
        self.rp_id = rp_id or options["rpId"]
        client_data, data = self._client_data("webauthn.get", options["challenge"]), self._data(self.flags)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        told = {"clientDataJSON": client_data, "authenticatorData": data, "signature": signature}
        told["userHandle"] = self.handle
        return self._answer({name: text(content) for name, content in told.items()})

    def _answer(self, told: dict[str, str]) -> str:
        credential_id = text(self.credential_id)
        return json.dumps({"id": credential_id, "rawId": credential_id, "type": "public-key", "response": told})

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + struct.pack(">BI", flags, self.uses)


async def enrolled(
    db: Database, at: Opened, *, sealer: Sealer, party: Party = LOCAL, credential_id: bytes = b"a first device"
) -> tuple[Device, Passkey]:
    """Give a merchant's owner a device with a passkey."""
    device = Device(party.origin, credential_id)
    async with db.begin(at.scope) as tx:
        person = await queries.person(tx, at.owner_id)
        asked = ceremonies.ask_to_make(sealer, party, tenant=at.tenant, person=person, known=[], now=tx.now)
        made = await service.add_passkey(
            tx,
            sealer,
            staff_id=at.owner_id,
            name="Phone",
            token=asked.token,
            answer=device.make(asked.options),
            party=party,
        )
    return device, made
