"""Secrets: made here, shown once, kept as SHA-256.

A secret has 256 random bits, so a plain hash is enough: there is no dictionary to try (Argon2id is for passwords).
"""

import hashlib
import secrets

from jiedan.base.ids import TenantId

SECRET_BYTES = 32
HINT_CHARACTERS = 4
PASSWORD_GROUPS = 5
PASSWORD_GROUP_CHARACTERS = 4
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without characters that look alike."""


def new_secret() -> str:
    """Return a fresh secret of 256 bits in characters that travel in cookies, headers and addresses."""
    return secrets.token_urlsafe(SECRET_BYTES)


def secret_hash(secret: str) -> bytes:
    """Return what is stored of a secret, and looked for when it comes back."""
    return hashlib.sha256(secret.encode()).digest()


def session_credential(tenant: TenantId, secret: str) -> str:
    """Return the cookie's value."""
    return f"{tenant.hex}.{secret}"


def api_key_credential(tenant: TenantId, secret: str) -> str:
    """Return the API key as its holder sends it."""
    return f"jd_{tenant.hex}_{secret}"


def hint(secret: str) -> str:
    """Return the end of a secret, by which people tell keys apart."""
    return secret[-HINT_CHARACTERS:]


def new_password() -> str:
    """Return a random password of 99 bits that is easy to read out: five groups of four characters."""
    return "-".join(
        "".join(secrets.choice(READABLE) for _ in range(PASSWORD_GROUP_CHARACTERS)) for _ in range(PASSWORD_GROUPS)
    )
