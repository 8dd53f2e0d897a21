"""What the merchant of the stage sells, where, to whom."""

from typing import Any

ADDRESS = {
    "country": "CN",
    "name": "李雷",
    "region": "北京市",
    "city": "北京市",
    "district": "东城区",
    "line1": "长安街 1 号",
    "postal_code": "100006",
    "lat": 39.9,
    "lon": 116.4,
}
PLACES: list[dict[str, Any]] = [
    {"code": "SH-1", "name": "Shanghai", "kind": "warehouse", "priority": 1, "lat": 31.2, "lon": 121.5},
    {"code": "BJ-1", "name": "Beijing", "kind": "warehouse", "priority": 2, "lat": 31.3, "lon": 121.6},
    {"code": "STORE", "name": "Store", "kind": "store", "priority": 3, "lat": 31.4, "lon": 121.7},
    {"code": "EMPTY", "name": "Closed", "kind": "warehouse", "priority": 4},
]
STOCK = {
    ("TEA-250", "SH-1"): 30,
    ("TEA-250", "BJ-1"): 3,
    ("TEA-250", "STORE"): 3,
    ("TEA-500", "SH-1"): 20,
    ("TEA-POT", "SH-1"): 3,
}


def _sku(code: str, unit_minor: int, **facts: Any) -> dict[str, Any]:
    return {"code": code, "prices": [{"currency": "CNY", "unit_minor": unit_minor}], **facts}


PRODUCTS: list[dict[str, Any]] = [
    {
        "code": "TEA",
        "name": "Tea",
        "status": "active",
        "category": "tea",
        "options": [{"name": "Size", "choices": ["250 g", "500 g", "1 kg"]}],
        "skus": [
            _sku("TEA-250", 3_900, option_values=["250 g"]),
            _sku("TEA-500", 6_900, option_values=["500 g"]),
        ],
    },
    {"code": "POT", "name": "Tea pot", "status": "active", "skus": [_sku("TEA-POT", 12_800)]},
    {
        "code": "WRAPPING",
        "name": "Gift wrapping",
        "status": "active",
        "kind": "service",
        "skus": [_sku("WRAP", 500)],
    },
]
_HOME = {"country": "CN", "region": "上海市", "city": "上海市", "district": "黄浦区", "line1": "南京东路 1 号"}
PEOPLE: dict[str, dict[str, Any]] = {
    "wang": {
        "name": "王敏",
        "phone": "138 0013 8000",
        "tags": ["VIP"],
        "addresses": [{**_HOME, "postal_code": "200001"}],
    },
    "twin": {"name": "王敏", "phone": "138 0013 8001"},
    "li": {"name": "李雷", "phone": "138 0013 8002", "addresses": [{**_HOME, "postal_code": "200002"}]},
}
CARRIER = {
    "adapter": "rates",
    "code": "OWN",
    "name": "Own couriers",
    "settings": {
        "currency": "CNY",
        "prefix": "JD",
        "zones": [
            {
                "code": "CITY",
                "country": "CN",
                "p50_days": 1,
                "p90_days": 2,
                "prefixes": ["10"],
                "steps": [{"price_minor": 800, "up_to_g": 20_000}],
            }
        ],
    },
}
BOX = {"code": "M", "name": "Medium", "length_mm": 320, "width_mm": 240, "height_mm": 140, "tare_g": 180}
DEVICE = {"endpoint": "https://push.example/send/f00d", "p256dh": "B" * 87, "auth": "A" * 22}
