"""Pictures of what the demo shop sells: drawn, one for each product, the same each time.

A motif for each shelf on a ground whose color comes from the product's code: enough to tell goods apart, and nobody
could take them for photographs.
"""

import functools
import hashlib
import io
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from jiedan.base import lazy
from jiedan.base.db import Database, ReadTx, Scope
from jiedan.catalog import queries as catalog
from jiedan.catalog import service
from jiedan.catalog.values import ProductId
from jiedan.demo import goods
from jiedan.demo.goods import Goods

if TYPE_CHECKING:
    from PIL import Image, ImageDraw
else:  # most processes never see a picture
    Image = lazy.Deferred("PIL.Image")
    ImageDraw = lazy.Deferred("PIL.ImageDraw")

SIDE_PX = 640
QUALITY = 82

Color = tuple[int, int, int]

_GROUNDS: Mapping[str, tuple[Color, Color]] = {
    "green": ((226, 236, 214), (96, 136, 74)),
    "oolong": ((240, 230, 210), (150, 104, 54)),
    "black": ((244, 224, 212), (142, 62, 40)),
    "puer": ((232, 222, 214), (92, 62, 48)),
    "white": ((242, 240, 232), (150, 148, 120)),
    "flower": ((248, 228, 232), (190, 92, 112)),
    "pots": ((228, 232, 236), (120, 74, 60)),
    "cups": ((224, 236, 240), (64, 112, 136)),
    "tools": ((238, 230, 220), (128, 96, 64)),
    "sweets": ((250, 236, 216), (204, 132, 60)),
    "gifts": ((246, 224, 220), (176, 48, 48)),
    "services": ((230, 230, 242), (88, 88, 150)),
}


async def hang(database: Database, scope: Scope, storage: service.ImageStorage) -> int:
    """Give each product of the demo that has no picture one; return how many."""
    async with database.read(scope) as tx:
        bare = await _bare(tx)
    for product_id, product in bare:
        content = drawn(product)
        key = service.key_of(scope.tenant, content, "jpg")
        await storage.put(key, content)
        renditions = await service.keep_copies(storage, scope.tenant, await service.copies_aside(content))
        await database.write(
            scope,
            functools.partial(
                service.add_image,
                product_id=product_id,
                storage_key=key,
                media_type="image/jpeg",
                width_px=SIDE_PX,
                height_px=SIDE_PX,
                size_bytes=len(content),
                alt_text=product.name,
                renditions=renditions,
            ),
        )
    return len(bare)


async def _bare(tx: ReadTx) -> list[tuple[ProductId, Goods]]:
    """Return the products without a picture, by id."""
    codes = {goods.variants(product)[0].code: product for product in (*goods.GOODS, goods.CURTAIN)}
    skus = await tx.load_one(catalog.sellable_skus(codes))
    ids = {sku.product_id: codes[code] for code, sku in skus.items()}
    first = await catalog.first_images(tx, product_ids=ids)
    return [(product_id, product) for product_id, product in ids.items() if product_id not in first]


def drawn(product: Goods) -> bytes:
    """Return the picture of a product as a JPEG."""
    ground, ink = _GROUNDS[product.shelf]
    turn = hashlib.sha256(product.code.encode()).digest()
    ground, ink = _tinted(ground, turn[0], 10), _tinted(ink, turn[1], 22)
    side = SIDE_PX * 2
    image = Image.new("RGB", (side, side), ground)
    canvas = ImageDraw.Draw(image)
    light = _tinted(ground, 255, 14)
    canvas.ellipse((side * 0.14, side * 0.14, side * 0.86, side * 0.86), fill=light)
    canvas.ellipse((side * 0.24, side * 0.76, side * 0.76, side * 0.84), fill=_mixed(ground, ink, 0.22))
    _MOTIFS[product.shelf](canvas, side, ink, light, turn)
    output = io.BytesIO()
    image.resize((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS).save(output, "JPEG", quality=QUALITY, progressive=True)
    return output.getvalue()


def _tinted(color: Color, byte: int, span: int) -> Color:
    red, green, blue = (max(0, min(255, part + (byte - 128) * span // 128)) for part in color)
    return red, green, blue


def _mixed(one: Color, other: Color, share: float) -> Color:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


Motif = Callable[["ImageDraw.ImageDraw", int, Color, Color, bytes], None]


def _leaves(canvas: "ImageDraw.ImageDraw", side: int, ink: Color, light: Color, turn: bytes) -> None:
    """Draw two leaves and a bud, turned a little."""
    middle = side / 2
    for place, angle in enumerate((-0.75, 0.75, 0.0)):
        tilt = angle + (turn[2] - 128) / 900
        length = side * (0.34 if place < 2 else 0.4)  # noqa: PLR2004 - two leaves, then the bud
        width = side * (0.11 if place < 2 else 0.06)  # noqa: PLR2004 - as above
        points = []
        for step in range(41):
            t = step / 40
            bulge = math.sin(t * math.pi) ** 0.8 * width
            points.append((t * length, bulge))
        outline = points + [(x, -y) for x, y in reversed(points)]
        turned = [
            (
                middle + x * math.sin(tilt) + y * math.cos(tilt),
                side * 0.72 - x * math.cos(tilt) + y * math.sin(tilt),
            )
            for x, y in outline
        ]
        canvas.polygon(turned, fill=_mixed(ink, light, 0.12 * place))
        tip = turned[len(points) - 1]
        canvas.line([(middle, side * 0.72), tip], fill=_mixed(ink, light, 0.5), width=side // 160)
    canvas.line([(middle, side * 0.7), (middle, side * 0.8)], fill=ink, width=side // 90)


def _pot(canvas: "ImageDraw.ImageDraw", side: int, ink: Color, light: Color, turn: bytes) -> None:
    """Draw a teapot."""
    fat = 0.02 * (turn[2] % 5)
    shade = _mixed(ink, (0, 0, 0), 0.18)
    canvas.arc((side * 0.64, side * 0.42, side * 0.84, side * 0.68), -90, 90, fill=shade, width=side // 28)
    canvas.polygon(
        [(side * 0.34, side * 0.6), (side * 0.16, side * 0.42), (side * 0.21, side * 0.4), (side * 0.36, side * 0.5)],
        fill=shade,
    )
    canvas.ellipse((side * (0.28 - fat), side * 0.4, side * (0.72 + fat), side * 0.78), fill=ink)
    canvas.ellipse((side * 0.37, side * 0.37, side * 0.63, side * 0.47), fill=shade)
    canvas.ellipse((side * 0.465, side * 0.31, side * 0.535, side * 0.38), fill=ink)
    canvas.ellipse((side * 0.36, side * 0.48, side * 0.44, side * 0.6), fill=_mixed(ink, light, 0.35))


def _cup(canvas: "ImageDraw.ImageDraw", side: int, ink: Color, light: Color, turn: bytes) -> None:
    """Draw a cup with steam."""
    lean = (turn[2] % 7 - 3) * side // 200
    canvas.polygon(
        [(side * 0.3, side * 0.46), (side * 0.7, side * 0.46), (side * 0.6, side * 0.78), (side * 0.4, side * 0.78)],
        fill=ink,
    )
    canvas.ellipse((side * 0.3, side * 0.41, side * 0.7, side * 0.51), fill=_mixed(ink, light, 0.4))
    canvas.ellipse((side * 0.34, side * 0.43, side * 0.66, side * 0.5), fill=(150, 104, 54))
    for offset in (-0.08, 0.0, 0.08):
        points = [
            (
                side * (0.5 + offset) + math.sin(step / 3 + offset * 40) * side * 0.018 + lean,
                side * (0.38 - step * 0.008),
            )
            for step in range(18)
        ]
        canvas.line(points, fill=_mixed(light, ink, 0.35), width=side // 110)


def _board(canvas: "ImageDraw.ImageDraw", side: int, ink: Color, light: Color, turn: bytes) -> None:
    """Draw a board with a caddy and a scoop."""
    canvas.rounded_rectangle((side * 0.2, side * 0.68, side * 0.8, side * 0.78), side * 0.02, fill=ink)
    left = 0.3 + (turn[2] % 6) / 60
    canvas.rounded_rectangle(
        (side * left, side * 0.36, side * (left + 0.2), side * 0.68), side * 0.03, fill=_mixed(ink, light, 0.25)
    )
    canvas.rounded_rectangle(
        (side * (left - 0.01), side * 0.31, side * (left + 0.21), side * 0.39),
        side * 0.02,
        fill=_mixed(ink, (0, 0, 0), 0.15),
    )
    canvas.line(
        [(side * 0.62, side * 0.66), (side * 0.74, side * 0.38)], fill=_mixed(ink, (0, 0, 0), 0.2), width=side // 36
    )


def _cakes(canvas: "ImageDraw.ImageDraw", side: int, ink: Color, light: Color, turn: bytes) -> None:
    """Draw three little cakes on a plate."""
    canvas.ellipse((side * 0.18, side * 0.6, side * 0.82, side * 0.8), fill=_mixed(light, ink, 0.18))
    for place, (x, y) in enumerate(((0.36, 0.6), (0.62, 0.6), (0.49, 0.48))):
        shade = _mixed(ink, light, 0.1 * place + turn[2] % 3 * 0.05)
        canvas.rounded_rectangle(
            (side * (x - 0.12), side * (y - 0.08), side * (x + 0.12), side * (y + 0.09)), side * 0.04, fill=shade
        )
        canvas.ellipse(
            (side * (x - 0.05), side * (y - 0.05), side * (x + 0.05), side * (y + 0.03)), fill=_mixed(shade, light, 0.5)
        )


def _box(canvas: "ImageDraw.ImageDraw", side: int, ink: Color, light: Color, turn: bytes) -> None:
    """Draw a box with a ribbon."""
    gold = (214, 178, 98)
    top = 0.42 - turn[2] % 4 / 100
    canvas.rounded_rectangle((side * 0.25, side * top, side * 0.75, side * 0.78), side * 0.02, fill=ink)
    canvas.rectangle((side * 0.47, side * top, side * 0.53, side * 0.78), fill=gold)
    canvas.rounded_rectangle(
        (side * 0.22, side * (top - 0.05), side * 0.78, side * (top + 0.05)), side * 0.02, fill=_mixed(ink, light, 0.18)
    )
    canvas.rectangle((side * 0.47, side * (top - 0.05), side * 0.53, side * (top + 0.05)), fill=gold)
    for sign in (-1, 1):
        canvas.ellipse(
            (
                side * (0.5 + sign * 0.09 - 0.07),
                side * (top - 0.14),
                side * (0.5 + sign * 0.09 + 0.07),
                side * (top - 0.04),
            ),
            outline=gold,
            width=side // 50,
        )


def _star(canvas: "ImageDraw.ImageDraw", side: int, ink: Color, light: Color, turn: bytes) -> None:
    """Draw a star."""
    points = []
    for step in range(10):
        radius = side * (0.3 if step % 2 == 0 else 0.14)
        angle = step * math.pi / 5 - math.pi / 2 + (turn[2] - 128) / 1500
        points.append((side / 2 + radius * math.cos(angle), side * 0.52 + radius * math.sin(angle)))
    canvas.polygon(points, fill=ink)
    canvas.ellipse((side * 0.44, side * 0.46, side * 0.56, side * 0.58), fill=light)


_MOTIFS: Mapping[str, Motif] = {
    **dict.fromkeys(("green", "oolong", "black", "puer", "white", "flower"), _leaves),
    "pots": _pot,
    "cups": _cup,
    "tools": _board,
    "sweets": _cakes,
    "gifts": _box,
    "services": _star,
}
