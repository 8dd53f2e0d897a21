"""What a device is asked for a passkey, and what its answer is worth (WebAuthn level 2).

Nothing is stored when a device is asked: the challenge goes to the browser and comes back in a sealed token, which says
when it was made and for whom. Whoever takes an answer spends the challenge, so it is answered once.
"""

import base64
import binascii
import secrets
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from jiedan.accounts import errors
from jiedan.accounts.values import Staff, StaffId
from jiedan.base import lazy
from jiedan.base.ids import TenantId
from jiedan.base.sealing import Place, SealBroken, Sealer

if TYPE_CHECKING:
    import webauthn
    from webauthn import helpers
    from webauthn.helpers import structs
else:  # most processes see no passkey for hours
    webauthn = lazy.Deferred("webauthn")
    helpers = lazy.Deferred("webauthn.helpers")
    structs = lazy.Deferred("webauthn.helpers.structs")

T = TypeVar("T")

CHALLENGE_BYTES = 32
ANSWER_MAX = timedelta(minutes=5)
"""So long a person may take to find their device."""

HANDLE_BYTES = 32
"""What a device keeps of whose passkey it is: the merchant's id and the person's."""

_PLACE = Place(UUID(int=0), "passkey", "challenge", "")
"""A challenge belongs to no merchant: whose passkey comes is seen from the answer."""

_PORT_BY_SCHEME = {"http": 80, "https": 443}


class Party(NamedTuple):
    """Whom passkeys are for: the name of our host, and the origin that browsers see us at."""

    id: str
    origin: str

    def is_at(self, hostname: str) -> bool:
        """Tell whether a browser that has opened `hostname` may use our passkeys."""
        return hostname == self.id


class Asked(NamedTuple):
    """What a browser hands to its device, and the token that comes back with the answer."""

    token: str
    options: dict[str, Any]


class Challenge(NamedTuple):
    """What a device was asked, and until when it may answer."""

    value: bytes
    expires_at: datetime


class Made(NamedTuple):
    """A passkey that a device has made."""

    credential_id: bytes
    public_key: bytes
    uses: int
    is_synced: bool


class Given(NamedTuple):
    """An answer that claims to be of a person's passkey; nothing of it is proven."""

    tenant: TenantId
    staff_id: StaffId
    credential_id: bytes
    credential: "structs.AuthenticationCredential"


class Proven(NamedTuple):
    """What a right answer tells of its passkey."""

    uses: int
    is_synced: bool


class _Token(msgspec.Struct):
    challenge: bytes
    expires_at: datetime
    staff_id: UUID | None


def party(base_url: str) -> Party:
    """Return whom passkeys are for, where people open Jiedan at `base_url`."""
    parts = urlsplit(base_url)
    host = (parts.hostname or "").lower()
    is_usual = parts.port in {None, _PORT_BY_SCHEME.get(parts.scheme)}
    return Party(host, f"{parts.scheme}://{host}" + ("" if is_usual else f":{parts.port}"))


def ask_to_make(
    sealer: Sealer, party: Party, *, tenant: TenantId, person: Staff, known: Collection[bytes], now: datetime
) -> Asked:
    """Ask a device for a passkey of `person`, unless it has one of those that are `known` already."""
    token, challenge = _asked(sealer, now=now, staff_id=person.staff_id)
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name="Jiedan",
        user_id=tenant.bytes + person.staff_id.bytes,
        user_name=person.email,
        user_display_name=person.name,
        challenge=challenge,
        timeout=int(ANSWER_MAX.total_seconds() * 1000),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=each) for each in known],
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
    )
    return Asked(token, helpers.options_to_json_dict(options))


def ask_to_prove(sealer: Sealer, party: Party, *, now: datetime) -> Asked:
    """Ask a device for whichever passkey of ours its person chooses."""
    token, challenge = _asked(sealer, now=now, staff_id=None)
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=int(ANSWER_MAX.total_seconds() * 1000),
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return Asked(token, helpers.options_to_json_dict(options))


def challenge_of(sealer: Sealer, token: str, *, staff_id: UUID | None, now: datetime) -> Challenge:
    """Return what was asked for `staff_id`, or for anybody. Raises PasskeyExpired, also for another's token."""
    try:
        opened = sealer.open(base64.urlsafe_b64decode(token), place=_PLACE)
        found = msgspec.msgpack.decode(opened, type=_Token)
    except (binascii.Error, ValueError, SealBroken, msgspec.DecodeError) as error:
        raise errors.PasskeyExpired from error
    if found.staff_id != staff_id or found.expires_at <= now:
        raise errors.PasskeyExpired
    return Challenge(found.challenge, found.expires_at)


def made(answer: str, *, challenge: Challenge, party: Party) -> Made:
    """Return the passkey that a device has made. Raises PasskeyUnusable."""
    verified = _judged(
        lambda: webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge.value,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        ),
        errors.PasskeyUnusable,
    )
    return Made(
        verified.credential_id, verified.credential_public_key, verified.sign_count, verified.credential_backed_up
    )


def given(answer: str) -> Given:
    """Return whose passkey an answer claims to be of. Raises PasskeyRefused."""

    def read() -> Given:
        credential = helpers.parse_authentication_credential_json(answer)
        handle = credential.response.user_handle or b""
        tenant, staff_id = UUID(bytes=handle[:16]), UUID(bytes=handle[16:])
        return Given(TenantId(tenant), StaffId(staff_id), credential.raw_id, credential)

    return _judged(read, errors.PasskeyRefused)


def proven(given: Given, *, public_key: bytes, challenge: Challenge, party: Party) -> Proven:
    """Return what the passkey of `public_key` has proven. Raises PasskeyRefused.

    How often it was used is for the caller to compare.
    """
    verified = _judged(
        lambda: webauthn.verify_authentication_response(
            credential=given.credential,
            expected_challenge=challenge.value,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        ),
        errors.PasskeyRefused,
    )
    return Proven(verified.new_sign_count, verified.credential_backed_up)


def _asked(sealer: Sealer, *, now: datetime, staff_id: StaffId | None) -> tuple[str, bytes]:
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    content = msgspec.msgpack.encode(_Token(challenge, now + ANSWER_MAX, staff_id))
    return base64.urlsafe_b64encode(sealer.seal(content, place=_PLACE)).decode(), challenge


def _judged(judge: Callable[[], T], refusal: type[errors.PasskeyRefused | errors.PasskeyUnusable]) -> T:
    """Return what `judge` does of a device's bytes; whatever they make the library raise refuses them."""
    try:
        return judge()
    except Exception as error:
        raise refusal from error
