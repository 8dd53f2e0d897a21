"""Names of copies differ from their originals, and from each other."""

import pytest

from benchmarks.multiply import VARIANTS, varied


@pytest.mark.parametrize("name", ["王伟", "李秀英", "Emma Miller", "Cher", "Jonas Köhler"])
def test_each_variant_of_a_name_is_another(name: str) -> None:
    found = [varied(name, variant) for variant in range(VARIANTS)]
    assert found[0] == name
    assert len(set(found)) == VARIANTS


def test_nobody_stays_nobody() -> None:
    assert varied("", 3) == ""
