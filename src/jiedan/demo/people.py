"""The demo shop's customers: invented, with addresses that pass the checks of their countries.

Telephone numbers are of ranges kept for fiction where a country has one; e-mail addresses are of example domains.
"""

import random  # noqa: TID251 - seeded, so that the same people come out
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from jiedan.customers.values import Address
from jiedan.demo.places import TOWNS, Town

COMPANY_SHARE = 0.12
"""How many of the customers are companies: hotels, restaurants, offices."""

CONSENT_SHARE = 0.55

_CHINESE_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
_CHINESE_GIVEN = (
    "伟", "芳", "娜", "秀英", "敏", "静", "丽", "强", "磊", "军", "洋", "艳", "勇", "杰", "娟", "涛", "明", "超",
    "秀兰", "霞", "平", "刚", "桂英", "欣怡", "梓涵", "浩然", "雨桐", "子轩", "诗涵", "一诺", "宇航", "思远",
)  # fmt: skip
_TRADITIONAL_SURNAMES = "陳林黃張李王吳劉蔡楊許鄭謝郭洪"
_TRADITIONAL_GIVEN = ("志明", "淑芬", "家豪", "美玲", "俊傑", "雅婷", "怡君", "冠宇", "詩涵", "承翰")
_JAPANESE = ("佐藤 陽菜", "鈴木 蓮", "高橋 結衣", "田中 湊", "伊藤 葵", "渡辺 樹")
_ENGLISH_GIVEN = ("Emma", "Oliver", "Amelia", "Noah", "Mia", "Henry", "Grace", "Leo", "Ruby", "Arthur")
_ENGLISH_SURNAMES = ("Miller", "Carter", "Hughes", "Bennett", "Foster", "Palmer", "Reed", "Sutton", "Wells", "Doyle")
_GERMAN = ("Anna Schäfer", "Jonas Köhler", "Lena Brandt", "Felix Großmann", "Marie Vogel", "Paul Jäger")
_COMPANIES = (
    "云上茶馆", "静心酒店", "清风会所", "山水民宿", "时光咖啡", "禾木餐厅", "知行书院", "半日闲茶室", "竹里馆",
    "听雨轩", "海岸办公", "星桥科技", "北辰设计", "青禾教育", "白鹭旅行",
)  # fmt: skip


class Person(NamedTuple):
    """A customer to be; `town` is where the address is."""

    external_id: str
    name: str
    is_company: bool
    phone: str
    email: str
    locale: str
    consents: bool
    address: Address
    town: Town


def people(count: int, *, seed: int) -> list[Person]:
    """Return `count` customers; the same seed makes the same ones."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    weights = [town.weight for town in TOWNS]
    return [_person(number, dice.choices(TOWNS, weights)[0], dice) for number in range(1, count + 1)]


def _person(number: int, town: Town, dice: random.Random) -> Person:
    is_company = town.country == "CN" and dice.random() < COMPANY_SHARE
    name = _COMPANIES[number % len(_COMPANIES)] + f"（{town.city}）" if is_company else _NAMES[town.country](dice)
    phone = _PHONES[town.country](number)
    contact = _NAMES["CN"](dice) if is_company else name
    street = dice.choice(town.streets)
    address = Address(
        country=town.country,
        name=contact,
        phone=phone,
        company=name if is_company else "",
        region=town.region,
        city=town.city,
        district=dice.choice(town.districts) if town.districts else "",
        line1=_line(town.country, street, dice),
        postal_code=_postal_code(town, dice),
        lat=round(town.lat + dice.uniform(-0.08, 0.08), 5),
        lon=round(town.lon + dice.uniform(-0.08, 0.08), 5),
    )
    return Person(
        external_id=f"D-{number:06d}",
        name=name,
        is_company=is_company,
        phone=phone,
        email=f"customer{number}@example.{'org' if is_company else 'com'}",
        locale=_LOCALES.get(town.country, "en"),
        consents=dice.random() < CONSENT_SHARE,
        address=address,
        town=town,
    )


def _simplified(dice: random.Random) -> str:
    return dice.choice(_CHINESE_SURNAMES) + dice.choice(_CHINESE_GIVEN)


def _traditional(dice: random.Random) -> str:
    return dice.choice(_TRADITIONAL_SURNAMES) + dice.choice(_TRADITIONAL_GIVEN)


def _english(dice: random.Random) -> str:
    return f"{dice.choice(_ENGLISH_GIVEN)} {dice.choice(_ENGLISH_SURNAMES)}"


_NAMES: Mapping[str, Callable[[random.Random], str]] = MappingProxyType(
    {
        "CN": _simplified,
        "HK": _traditional,
        "TW": _traditional,
        "SG": _english,
        "JP": lambda dice: dice.choice(_JAPANESE),
        "GB": _english,
        "DE": lambda dice: dice.choice(_GERMAN),
        "US": _english,
    }
)

_PHONES: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "CN": lambda n: f"+86130{n % 100_000_000:08d}",
        "HK": lambda n: f"+8525{n % 10_000_000:07d}",
        "TW": lambda n: f"+8869{n % 100_000_000:08d}",
        "SG": lambda n: f"+658{n % 10_000_000:07d}",
        "JP": lambda n: f"+8190{n % 100_000_000:08d}",
        "GB": lambda n: f"+447700900{n % 1_000:03d}",
        "DE": lambda n: f"+4917{n % 1_000_000_000:09d}",
        "US": lambda n: f"+1415555{100 + n % 100:04d}",
    }
)

_LOCALES: Mapping[str, str] = MappingProxyType({"CN": "zh_Hans", "HK": "zh_Hant", "TW": "zh_Hant"})


def _line(country: str, street: str, dice: random.Random) -> str:
    number = dice.randint(1, 280)
    match country:
        case "CN":
            return f"{street}{number}号{dice.randint(1, 20)}栋{dice.randint(101, 3204)}室"
        case "HK" | "TW":
            return f"{street}{number}號{dice.randint(1, 24)}樓"
        case "JP":
            return f"{street}{dice.randint(1, 6)}-{dice.randint(1, 30)}-{dice.randint(1, 20)}"
        case "DE":
            return f"{street} {number}"
        case _:
            return f"{number} {street}"


def _postal_code(town: Town, dice: random.Random) -> str:
    match town.country:
        case "HK":
            return ""
        case "JP":
            return f"{town.prefix}{dice.randint(0, 9999):04d}"
        case "GB":
            return f"{town.prefix} {dice.randint(1, 9)}{dice.choice('ABDEF')}{dice.choice('GHJL')}"
        case _:
            length = {"CN": 6, "TW": 3, "SG": 6, "DE": 5, "US": 5}[town.country]
            missing = length - len(town.prefix)
            return town.prefix + (f"{dice.randrange(10**missing):0{missing}d}" if missing else "")
