"""What the demo shop sells: a tea house's goods, named in Chinese and English, prices in fen."""

from typing import NamedTuple


class Shelf(NamedTuple):
    """A category."""

    code: str
    name: str
    parent: str | None = None


class Axis(NamedTuple):
    """An option: its name and, for each choice, (choice, end of the SKU's code, price and weight beside the base)."""

    name: str
    choices: tuple[tuple[str, str, int, int], ...]


class Goods(NamedTuple):
    """A product: base price in fen, base weight in grams; `popularity` is how often it is bought beside others.

    `least` and `pack` are in which quantities it is sold.
    """

    code: str
    name: str
    shelf: str
    unit_minor: int
    weight_g: int
    axes: tuple[Axis, ...] = ()
    popularity: int = 4
    kind: str = "goods"
    parts: tuple[tuple[str, int], ...] = ()
    least: int = 0
    pack: int = 1

    def allowed(self, quantity: int) -> int:
        """Return the smallest quantity in which it is sold, from so many on."""
        return -(-max(quantity, self.least) // self.pack) * self.pack


SHELVES = (
    Shelf("tea", "茶叶 Tea"),
    Shelf("green", "绿茶 Green tea", "tea"),
    Shelf("oolong", "乌龙茶 Oolong", "tea"),
    Shelf("black", "红茶 Black tea", "tea"),
    Shelf("puer", "普洱 Pu'er", "tea"),
    Shelf("white", "白茶 White tea", "tea"),
    Shelf("flower", "花茶 Flower tea", "tea"),
    Shelf("ware", "茶具 Teaware"),
    Shelf("pots", "茶壶 Teapots", "ware"),
    Shelf("cups", "茶杯 Cups", "ware"),
    Shelf("tools", "茶道具 Tools", "ware"),
    Shelf("sweets", "茶点 Sweets"),
    Shelf("gifts", "礼盒 Gifts"),
    Shelf("services", "服务 Services"),
)

_LEAVES = Axis("规格 Size", (("50 g", "50", 0, 0), ("100 g", "100", 0, 50), ("250 g", "250", 0, 200)))
"""Weights of a bag; prices of larger ones are worked out by `variants`."""

_CAKE = Axis("规格 Size", (("100 g", "100", 0, 0), ("357 g", "357", 0, 257)))
_GLAZE = Axis(
    "釉色 Glaze",
    (
        ("白 White", "W", 0, 0),
        ("青 Celadon", "C", 400, 0),
        ("黑 Black", "K", 400, 0),
        ("天蓝 Sky blue", "B", 800, 0),
    ),
)
_CLAY = Axis("泥料 Clay", (("紫泥 Purple", "P", 0, 0), ("朱泥 Red", "R", 6000, -20), ("段泥 Buff", "D", 3000, 10)))
_VOLUME = Axis("容量 Volume", (("150 ml", "150", 0, 0), ("220 ml", "220", 2500, 90)))
_WOOD = Axis("材质 Wood", (("竹 Bamboo", "B", 0, 0), ("胡桃 Walnut", "W", 4000, 120)))
_TASTE = Axis(
    "口味 Taste",
    (("绿豆 Mung bean", "MB", 0, 0), ("桂花 Osmanthus", "OS", 200, 0), ("抹茶 Matcha", "MA", 400, 0)),
)

LIMITED = "PUER-2008"
"""What never lasts until the next delivery."""

PRICE_OF_SIZE = {"50": 100, "100": 190, "250": 440, "357": 330}
"""Percent of the base price that a size costs; the larger the bag, the cheaper the gram."""

GOODS = (
    Goods("TEA-LJ", "西湖龙井 West Lake Longjing", "green", 9800, 65, (_LEAVES,), 12),
    Goods("TEA-BLC", "碧螺春 Biluochun", "green", 8800, 65, (_LEAVES,), 8),
    Goods("TEA-HS", "黄山毛峰 Huangshan Maofeng", "green", 6800, 65, (_LEAVES,), 6),
    Goods("TEA-AJ", "安吉白茶 Anji Baicha", "green", 8200, 65, (_LEAVES,), 5),
    Goods("TEA-GP", "六安瓜片 Lu'an Guapian", "green", 7200, 65, (_LEAVES,), 4),
    Goods("TEA-XYMJ", "信阳毛尖 Xinyang Maojian", "green", 6400, 65, (_LEAVES,), 4),
    Goods("TEA-TGY", "安溪铁观音 Anxi Tieguanyin", "oolong", 6600, 65, (_LEAVES,), 10),
    Goods("TEA-DHP", "大红袍 Da Hong Pao", "oolong", 12800, 65, (_LEAVES,), 8),
    Goods("TEA-DD", "冻顶乌龙 Dong Ding Oolong", "oolong", 8800, 65, (_LEAVES,), 6),
    Goods("TEA-FH", "凤凰单丛 Phoenix Dancong", "oolong", 11800, 65, (_LEAVES,), 5),
    Goods("TEA-DFMR", "东方美人 Oriental Beauty", "oolong", 13800, 65, (_LEAVES,), 4),
    Goods("TEA-ZSXZ", "正山小种 Lapsang Souchong", "black", 7600, 65, (_LEAVES,), 8),
    Goods("TEA-JJM", "金骏眉 Jin Jun Mei", "black", 16800, 65, (_LEAVES,), 5),
    Goods("TEA-QM", "祁门红茶 Keemun", "black", 6200, 65, (_LEAVES,), 7),
    Goods("TEA-DH", "滇红 Yunnan Dianhong", "black", 4800, 65, (_LEAVES,), 7),
    Goods("PUER-S", "普洱生茶 Raw Pu'er cake", "puer", 8800, 120, (_CAKE,), 6),
    Goods("PUER-R", "普洱熟茶 Ripe Pu'er cake", "puer", 7800, 120, (_CAKE,), 7),
    Goods("PUER-TC", "小青柑 Tangerine Pu'er", "puer", 5800, 260, (), 6),
    Goods("PUER-2008", "老班章 2008 Laobanzhang 2008", "puer", 268000, 380, (), 1),
    Goods("WHITE-YZ", "白毫银针 Silver Needle", "white", 15800, 65, (_LEAVES,), 4),
    Goods("WHITE-MD", "白牡丹 White Peony", "white", 8800, 65, (_LEAVES,), 5),
    Goods("WHITE-SM", "寿眉茶饼 Shoumei cake", "white", 5200, 120, (_CAKE,), 3),
    Goods("FLW-JAS", "茉莉花茶 Jasmine tea", "flower", 4200, 65, (_LEAVES,), 10),
    Goods("FLW-CHR", "杭白菊 Chrysanthemum", "flower", 3200, 60, (_LEAVES,), 6),
    Goods("FLW-ROSE", "平阴玫瑰 Rose buds", "flower", 3600, 60, (_LEAVES,), 6),
    Goods("FLW-OSM", "桂花乌龙 Osmanthus oolong", "flower", 5200, 65, (_LEAVES,), 5),
    Goods("FLW-8T", "八宝茶 Eight treasures tea", "flower", 4600, 320, (), 4),
    Goods("POT-XS", "西施紫砂壶 Xishi Yixing pot", "pots", 38800, 420, (_CLAY, _VOLUME), 3),
    Goods("POT-SP", "石瓢紫砂壶 Shipiao Yixing pot", "pots", 42800, 440, (_CLAY, _VOLUME), 3),
    Goods("POT-DRY", "德化白瓷盖碗 Dehua gaiwan", "pots", 12800, 260, (), 6),
    Goods("POT-GLS", "玻璃茶壶 Glass teapot", "pots", 8800, 380, (_VOLUME,), 6),
    Goods("POT-IRON", "铸铁壶 Cast-iron kettle", "pots", 58800, 1850, (), 2),
    Goods("POT-TRVL", "旅行茶具 Travel tea set", "pots", 15800, 620, (_GLAZE,), 6),
    Goods("CUP-RU", "汝窑品茗杯 Ru-ware cup", "cups", 6800, 90, (_GLAZE,), 8),
    Goods("CUP-JZ", "建盏 Jian tenmoku cup", "cups", 12800, 140, (), 5),
    Goods("CUP-QH", "青花瓷杯 Blue-and-white cup", "cups", 4200, 110, (), 8, pack=2),
    Goods("CUP-GLS", "双层玻璃杯 Double-wall glass", "cups", 5600, 190, (_VOLUME,), 7),
    Goods("CUP-MUG", "办公室茶杯 Mug with infuser", "cups", 7800, 430, (_GLAZE,), 9),
    Goods("CUP-FAIR", "公道杯 Fairness pitcher", "cups", 5200, 180, (), 5),
    Goods("TRAY-S", "小茶盘 Tea tray, small", "tools", 16800, 950, (_WOOD,), 4),
    Goods("TRAY-L", "大茶盘 Tea tray, large", "tools", 36800, 2600, (_WOOD,), 2),
    Goods("TOOL-6", "茶道六君子 Tea tools, six", "tools", 8800, 310, (_WOOD,), 4),
    Goods("TOOL-STR", "茶漏 Strainer", "tools", 2200, 60, (), 6),
    Goods("TOOL-CAN", "茶叶罐 Tea caddy", "tools", 6800, 280, (_GLAZE,), 6),
    Goods("TOOL-TWL", "茶巾 Tea towel", "tools", 1200, 40, (), 7, pack=3),
    Goods("TOOL-KTL", "电陶炉 Electric stove", "tools", 29800, 1900, (), 2),
    Goods("TOOL-PET", "茶宠 Tea pet", "tools", 3800, 150, (), 5),
    Goods("SWT-CAKE", "绿豆糕 Bean cakes", "sweets", 2800, 240, (_TASTE,), 9),
    Goods("SWT-NUT", "琥珀核桃 Candied walnuts", "sweets", 3600, 250, (), 6),
    Goods("SWT-PLUM", "话梅 Dried plums", "sweets", 2400, 200, (), 6),
    Goods("SWT-SES", "芝麻糖 Sesame brittle", "sweets", 2600, 220, (), 5),
    Goods("SWT-MOON", "茶月饼 Tea mooncakes", "sweets", 16800, 640, (), 3),
    Goods(
        "GIFT-START", "入门礼盒 Starter set", "gifts", 19800, 0, (), 6, "kit",
        (("TEA-LJ-50", 1), ("POT-DRY", 1), ("CUP-QH", 2)),
    ),
    Goods(
        "GIFT-OFFICE", "办公礼盒 Office set", "gifts", 15800, 0, (), 6, "kit",
        (("FLW-JAS-100", 1), ("CUP-MUG-W", 1), ("SWT-NUT", 1)),
    ),
    Goods(
        "GIFT-FEST", "节庆礼盒 Festival set", "gifts", 45800, 0, (), 4, "kit",
        (("TEA-DHP-50", 1), ("TEA-JJM-50", 1), ("SWT-MOON", 1), ("TOOL-CAN-C", 1)),
    ),
    Goods("GIFT-CARD", "手写贺卡 Handwritten card", "gifts", 900, 10, (), 5),
    Goods("GIFT-BAG", "礼品袋 Gift bag", "gifts", 600, 30, (), 6, least=10, pack=5),
    Goods("SVC-ENGR", "茶壶刻字 Engraving", "services", 6800, 0, (), 2, "service"),
    Goods("SVC-CLASS", "茶艺课 Tea class", "services", 19800, 0, (), 2, "service"),
    Goods("SVC-WRAP", "礼品包装 Gift wrapping", "services", 1500, 0, (), 4, "service"),
)  # fmt: skip


CURTAIN = Goods("CURTAIN-ROOM", "定制茶室布帘 Tea room curtain, made to measure", "tools", 7900, 1200)
"""What is made to measure: in nobody's basket by chance. Lists begin with the price of the smallest one."""


class Variant(NamedTuple):
    """One SKU of a product."""

    code: str
    choices: tuple[str, ...]
    unit_minor: int
    weight_g: int | None


def variants(goods: Goods) -> list[Variant]:
    """Return the SKUs of a product, in the order of its choices; without options it has one, named like itself."""
    made = [Variant(goods.code, (), goods.unit_minor, goods.weight_g or None)]
    for axis in goods.axes:
        made = [
            Variant(
                f"{before.code}-{end}",
                (*before.choices, choice),
                _price(before.unit_minor, end) + more_minor,
                None if before.weight_g is None else before.weight_g + more_g,
            )
            for before in made
            for choice, end, more_minor, more_g in axis.choices
        ]
    return made


def _price(unit_minor: int, end: str) -> int:
    """Return the price of a size, to whole yuan."""
    percent = PRICE_OF_SIZE.get(end, 100)
    return unit_minor if percent == 100 else round(unit_minor * percent / 10_000) * 100  # noqa: PLR2004 - whole price
