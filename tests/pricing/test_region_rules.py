"""Regions as people write them, and the code that rules of places know."""

import pytest

from jiedan.pricing.rules.regions import is_region_unknown, region_code
from jiedan.pricing.values import regions as values


@pytest.mark.parametrize(
    ("country", "text", "code"),
    [
        ("CN", "广东省", "GD"),
        ("CN", "廣東", "GD"),
        ("CN", "Guangdong Province", "GD"),
        ("CN", " guangdong sheng ", "GD"),
        ("CN", "CN-GD", "GD"),
        ("CN", "44", "GD"),
        ("CN", "新疆维吾尔自治区", "XJ"),
        ("CN", "新疆維吾爾自治區", "XJ"),
        ("CN", "北京市", "BJ"),
        ("CN", "Inner Mongolia", "NM"),
        ("CN", "Shaanxi", "SN"),
        ("CN", "Shanxi", "SX"),
        ("CN", "贵州", "GZ"),
        ("CN", "臺灣省", "TW"),
        ("US", "California", "CA"),
        ("US", "ca", "CA"),
        ("US", "US-CA", "CA"),
        ("US", "加州", "CA"),
        ("US", "加利福尼亞州", "CA"),
        ("US", "New York State", "NY"),
        ("CA", "Québec", "QC"),
        ("CA", "Quebec", "QC"),
        ("CA", "魁北克省", "QC"),
        ("AU", "New South Wales", "NSW"),
        ("AU", "新南威尔士州", "NSW"),
        ("DE", "Bayern", "BY"),
        ("DE", "Bavaria", "BY"),
        ("DE", "Baden-Wuerttemberg", "BW"),
        ("DE", "巴伐利亞州", "BY"),
        ("JP", "東京都", "13"),
        ("TW", "台北市", "TPE"),
        ("ES", "Madrid", "M"),
        ("FR", "IDF", "IDF"),
        ("FR", "Île-de-France", ""),
        ("US", "Nowhere", ""),
        ("US", "", ""),
    ],
)
def test_a_region_is_known_by_its_code_and_by_its_names(country: str, text: str, code: str) -> None:
    assert region_code(country, text) == code


@pytest.mark.parametrize(
    ("country", "text", "expected"),
    [("US", "Nowhere", True), ("US", "CA", False), ("US", " ", False), ("FR", "Île-de-France", False)],
)
def test_only_a_region_of_a_country_whose_regions_are_known_is_unknown(
    country: str, text: str, *, expected: bool
) -> None:
    assert is_region_unknown(country, text) is expected


def test_every_name_of_our_own_leads_to_its_region() -> None:
    for country, rows in values.NAMES.items():
        for row in rows.split(";"):
            code, _, names = row.strip().partition(" ")
            assert {region_code(country, name) for name in names.split(",")} == {code}
    assert len(values.SIMPLE) > 0


def test_every_number_of_china_is_a_code_of_its_own() -> None:
    codes = {region_code("CN", number) for number in values.CHINA_OF_OLD}
    assert codes == set(values.CHINA_OF_OLD.values())
    assert len(codes) == 34
