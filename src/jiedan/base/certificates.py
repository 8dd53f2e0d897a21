"""A certificate that this installation signs itself, for `jiedan serve --tls`: phones in the same network need https.

It names this machine as others in its network may call it, and is kept in the home folder until it runs out or the
machine is called otherwise. Browsers warn of it once; for the public, put a proxy with a real one in front.
"""

import contextlib
import ipaddress
import socket
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jiedan.base import home as homes
from jiedan.base import lazy

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509 import oid
else:  # few installations make one
    x509 = lazy.Deferred("cryptography.x509")
    oid = lazy.Deferred("cryptography.x509.oid")
    hashes = lazy.Deferred("cryptography.hazmat.primitives.hashes")
    serialization = lazy.Deferred("cryptography.hazmat.primitives.serialization")
    ec = lazy.Deferred("cryptography.hazmat.primitives.asymmetric.ec")

VALID = timedelta(days=365)
"""Phones refuse what is valid for longer than 398 days."""

RENEWED_BEFORE_END = timedelta(days=30)
_CLOCKS_APART = timedelta(hours=1)

_NOWHERE = ("192.0.2.1", 9)
"""An address for documentation (RFC 5737): nothing is sent to it, but the system says from where it would be."""

COMMON_NAME_CHARACTERS_MAX = 64


class Certificate(NamedTuple):
    """The files of a certificate and of its key."""

    cert: Path
    key: Path


def kept(home: Path, *, names: frozenset[str], at: datetime) -> Certificate:
    """Return the certificate of `home` for `names`, made or made anew where it is missing, old or for other names.

    `home` is prepared. Raises HomeNotWritable or DiskFull.
    """
    found = Certificate(home / "tls-certificate.pem", home / "tls-key.pem")
    if not _is_good(found, names, at):
        cert, key = made(names, at=at)
        with homes.explained(home):
            homes.write_private(found.key, key)
            homes.write_private(found.cert, cert)
    return found


def names_of_this_machine() -> frozenset[str]:
    """Return what this machine may be called in its network: names and addresses."""
    host = socket.gethostname()
    names = {"localhost", "127.0.0.1", "::1"}
    if host and host.isascii() and len(host) <= COMMON_NAME_CHARACTERS_MAX:
        names |= {host.lower(), f"{host.lower().removesuffix('.local')}.local"}
    with contextlib.suppress(OSError, UnicodeError):
        names |= {str(found[4][0]).partition("%")[0] for found in socket.getaddrinfo(host, None)}
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(_NOWHERE)
        names.add(probe.getsockname()[0])
    return frozenset(names)


def made(names: frozenset[str], *, at: datetime) -> tuple[str, str]:
    """Return a new certificate for `names` and its key, both as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name([x509.NameAttribute(oid.NameOID.COMMON_NAME, "Jiedan")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(own)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _CLOCKS_APART)
        .not_valid_after(at + VALID)
        .add_extension(x509.SubjectAlternativeName([_named(name) for name in sorted(names)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([oid.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


def _named(name: str) -> "x509.GeneralName":
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _is_good(found: Certificate, names: frozenset[str], at: datetime) -> bool:
    """Tell whether what is there is for all of `names`, and valid for long enough."""
    try:
        certificate = x509.load_pem_x509_certificate(found.cert.read_bytes())
        stated = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    known = {str(name.value) for name in stated}
    return found.key.is_file() and names <= known and certificate.not_valid_after_utc > at + RENEWED_BEFORE_END
