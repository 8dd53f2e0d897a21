"""Barcodes in photos: read on the server, for browsers that do not let a page use the camera."""

import io

import pytest
import zxingcpp
from PIL import Image

from jiedan.base.web import barcodes
from jiedan.base.web.csrf import FIELD
from jiedan.base.web.site import SESSION_COOKIE
from tests.base import web_client

CALLER = web_client.principal(permissions={"account:self"})


def photo(*codes: tuple[str, int], kind: str = "JPEG") -> bytes:
    """Return a photo of barcodes: text and scale."""
    sheet = Image.new("L", (1600, 1200), 200)
    top = 40
    for text, scale in codes:
        drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128).to_image(scale=scale)
        picture = Image.fromarray(drawn)
        sheet.paste(picture, (40, top))
        top += picture.height + 60
    output = io.BytesIO()
    sheet.rotate(3, fillcolor=200).save(output, kind)
    return output.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_largest_barcode_comes_first(kind: str) -> None:
    assert barcodes.codes(photo(("SMALL-1", 2), ("LARGE-2", 5), kind=kind)) == ["LARGE-2", "SMALL-1"]


@pytest.mark.parametrize(
    "sent", [b"", b"no picture", photo(("TEA", 3))[:400], b"\xff" * (barcodes.PHOTO_BYTES_MAX + 1)]
)
def test_what_is_no_photo_is_refused(sent: bytes) -> None:
    with pytest.raises(barcodes.PhotoUnreadable):
        barcodes.codes(sent)


@pytest.mark.parametrize(
    ("sent", "back", "target"),
    [
        (photo(("TEA-01", 4)), "/c/acme/pack?x=1", "/c/acme/pack?x=1&code=TEA-01"),
        (photo(("TEA-01", 4)), "/c/acme/pack", "/c/acme/pack?code=TEA-01"),
        (photo(), "/c/acme/pack", "/c/acme/pack"),
        (b"no picture", "/c/acme/pack", "/c/acme/pack"),
        (photo(("TEA-01", 4)), "//evil.example", "/c/acme/?code=TEA-01"),
        (photo(("TEA-01", 4)), "/c/globex/pack", "/c/acme/?code=TEA-01"),
    ],
)
async def test_a_photo_leads_back_with_its_code(sent: bytes, back: str, target: str) -> None:
    async with web_client.open_client(principal=CALLER, session=True) as client:
        token = client.frame.site.csrf.token(client.cookies[SESSION_COOKIE])
        answer = await client.post(
            "/c/acme/scanned-photo",
            data={"back": back, "field": "code", FIELD: token},
            files={"photo": ("photo.jpg", sent, "image/jpeg")},
        )
    assert answer.headers["location"] == target
