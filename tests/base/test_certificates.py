"""The certificate that an installation makes for itself: for which names, how long, and read by whom."""

import ipaddress
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from jiedan.base import certificates

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NAMES = frozenset({"localhost", "127.0.0.1", "desk.local", "192.168.1.7", "fe80::1"})


def read(found: certificates.Certificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(found.cert.read_bytes())


def test_it_names_the_machine_and_fits_its_key(tmp_path: Path) -> None:
    found = certificates.kept(tmp_path, names=NAMES, at=NOON)
    certificate = read(found)
    stated = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(stated.get_values_for_type(x509.DNSName)) == {"localhost", "desk.local"}
    addresses = {"127.0.0.1", "192.168.1.7", "fe80::1"}
    assert set(stated.get_values_for_type(x509.IPAddress)) == {ipaddress.ip_address(each) for each in addresses}
    key = load_pem_private_key(found.key.read_bytes(), None)
    assert key.public_key() == certificate.public_key()
    certificate.verify_directly_issued_by(certificate)
    assert stat.S_IMODE(found.key.stat().st_mode) == 0o600
    assert certificate.not_valid_after_utc - NOON <= timedelta(days=398), "phones refuse more"


@pytest.mark.parametrize(
    ("names", "later", "is_kept"),
    [
        (NAMES, timedelta(days=300), True),
        (frozenset({"localhost"}), timedelta(0), True),
        (NAMES, timedelta(days=340), False),
        (NAMES | {"10.0.0.9"}, timedelta(0), False),
    ],
)
def test_it_is_kept_until_it_runs_out_or_the_machine_is_called_otherwise(
    tmp_path: Path, names: frozenset[str], later: timedelta, is_kept: bool
) -> None:
    first = read(certificates.kept(tmp_path, names=NAMES, at=NOON))
    second = read(certificates.kept(tmp_path, names=names, at=NOON + later))
    assert (first == second) is is_kept


@pytest.mark.parametrize("broken", ["", "none", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_broken_one_is_replaced(tmp_path: Path, broken: str) -> None:
    found = certificates.kept(tmp_path, names=NAMES, at=NOON)
    found.cert.write_text(broken, encoding="ascii")
    assert read(certificates.kept(tmp_path, names=NAMES, at=NOON)).not_valid_after_utc > NOON


def test_this_machine_is_called_something() -> None:
    assert {"localhost", "127.0.0.1", "::1"} < certificates.names_of_this_machine()
