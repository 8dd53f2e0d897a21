"""Decide whether a file is kept as the scan of a certificate, by its bytes alone: pure."""

from jiedan.customers import errors
from jiedan.customers.values.certificates import CERTIFICATE_BYTES_MAX, CertificateType

_BEGINNINGS: tuple[tuple[bytes, CertificateType], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)


def type_of(document: bytes) -> CertificateType:
    """Return of which kind a file is. Raises CertificateTooLarge, or CertificateUnreadable where it is of none."""
    if len(document) > CERTIFICATE_BYTES_MAX:
        raise errors.CertificateTooLarge(CERTIFICATE_BYTES_MAX)
    for beginning, media_type in _BEGINNINGS:
        if document.startswith(beginning):
            return media_type
    raise errors.CertificateUnreadable
