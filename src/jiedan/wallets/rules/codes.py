"""Codes of gift cards: made from the card's id by a key that no table has, so none is stored.

A code is 16 characters of an alphabet in which none looks like another (no 0 O 1 I L, no 2 Z, no 5 S, no 8 B): more
than 74 bits, which nobody guesses under a throttle. Whoever has the installation's secret and a card's id can write its
code again, which is how a repeated request gets the same answer; whoever has the database alone cannot, nor can they
try codes against the stored hashes, which are keyed as well.
"""

import hashlib
import hmac
from uuid import UUID

ALPHABET = "34679ACDEFGHJKMNPQRTUVWXY"
CODE_CHARACTERS = 16
GROUP_CHARACTERS = 4
TYPED_CHARACTERS_MAX = 64


class Codes:
    """Make the codes of gift cards and the hashes they are found by, with this installation's secret.

    Cards from before the secret was changed are found by the `former` ones.
    """

    def __init__(self, secret: str, *former: str) -> None:
        self._key, *_ = self._keys = [hashlib.sha256(b"gift cards:" + x.encode()).digest() for x in (secret, *former)]

    def code_of(self, tenant: UUID, wallet_id: UUID) -> str:
        """Return the code of a card that is new, without spaces."""
        return _code(self._key, tenant, wallet_id)

    def hash_of(self, code: str) -> bytes:
        """Return what is stored of a canonical code."""
        return _hash(self._key, code)

    def hashes_of(self, code: str) -> list[bytes]:
        """Return everything that may be stored of a canonical code, the present hash first."""
        return [_hash(key, code) for key in self._keys]

    def code_behind(self, stored: bytes, tenant: UUID, wallet_id: UUID) -> str | None:
        """Return the code of a card of which this hash is stored; None when it was made under a secret not known."""
        made = (_code(key, tenant, wallet_id) for key in self._keys)
        return next((code for code in made if stored in self.hashes_of(code)), None)


def _code(key: bytes, tenant: UUID, wallet_id: UUID) -> str:
    number = int.from_bytes(hmac.digest(key, b"code:" + tenant.bytes + wallet_id.bytes, "sha256"))
    characters = []
    for _ in range(CODE_CHARACTERS):
        number, place = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[place])
    return "".join(characters)


def _hash(key: bytes, code: str) -> bytes:
    return hmac.digest(key, b"hash:" + code.encode(), "sha256")


def canonical(typed: str) -> str | None:
    """Return a code as it is hashed, from how somebody wrote it; None where it cannot be one.

    Case, spaces and dashes are not looked at, nor whether letters are full-width, as Chinese keyboards write them.
    """
    if len(typed) > TYPED_CHARACTERS_MAX:
        return None
    narrow = "".join(chr(ord(x) - 0xFEE0) if "！" <= x <= "～" else x for x in typed)
    code = "".join(x for x in narrow.upper() if not (x.isspace() or x in "-–—_."))
    return code if len(code) == CODE_CHARACTERS and set(code) <= set(ALPHABET) else None


def spelled(code: str) -> str:
    """Return a code in groups of four, as it is printed and read out."""
    groups = range(0, len(code), GROUP_CHARACTERS)
    return "-".join(code[at : at + GROUP_CHARACTERS] for at in groups)
