"""Scans of the papers by which customers pay no tax: which files are kept, and what is known of one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple, get_args

import msgspec

from jiedan.customers.values import ExemptionId

CertificateType = Literal["application/pdf", "image/jpeg", "image/png"]
CERTIFICATE_TYPES: tuple[CertificateType, ...] = get_args(CertificateType)

CERTIFICATE_BYTES_MAX = 5_000_000
CERTIFICATE_FORMATS = "PDF, PNG, JPEG"
DIGEST_BYTES = 32

FORMAT_NAMES: Mapping[CertificateType, str] = {
    "application/pdf": "PDF",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
}

_EXTENSIONS: Mapping[CertificateType, str] = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


class CertificateFile(msgspec.Struct, frozen=True):
    """A scan as it is kept with a tax exemption: of which kind its bytes are, how many, and their SHA-256."""

    exemption_id: ExemptionId
    media_type: CertificateType
    size_bytes: int
    digest: bytes
    kept_at: datetime

    @property
    def file_name(self) -> str:
        """What it is called where it is fetched: never what its sender called it."""
        return f"tax-certificate-{self.exemption_id}.{_EXTENSIONS[self.media_type]}"

    def told(self) -> dict[str, object]:
        """Return what customers are told of the file in what is stored about them."""
        return {
            "file_name": self.file_name,
            "media_type": self.media_type,
            "size_bytes": self.size_bytes,
            "sha256": self.digest.hex(),
            "kept_at": self.kept_at,
        }


class Certificate(NamedTuple):
    """A scan, with its bytes."""

    file: CertificateFile
    document: bytes
