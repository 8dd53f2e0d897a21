"""Sealed secrets open in their place, under their key, and nowhere else."""

from uuid import UUID

import pytest

from jiedan.base.sealing import Place, SealBroken, Sealer

PLACE = Place(UUID(int=7), "payment_provider", "sealed", "sandbox")


def test_what_is_sealed_opens_in_its_place_only() -> None:
    sealer = Sealer("a secret of this installation, long enough")
    sealed = sealer.seal(b"sk_live", place=PLACE)
    assert b"sk_live" not in sealed
    assert sealer.open(sealed, place=PLACE) == b"sk_live"
    assert sealer.seal(b"sk_live", place=PLACE) != sealed
    elsewhere = (
        PLACE._replace(tenant=UUID(int=8)),
        PLACE._replace(table="x"),
        PLACE._replace(column="x"),
        PLACE._replace(id="x"),
    )
    for place in elsewhere:
        with pytest.raises(SealBroken):
            sealer.open(sealed, place=place)


def test_a_changed_byte_is_found_wherever_it_is() -> None:
    sealer = Sealer("a secret of this installation, long enough")
    sealed = sealer.seal(b"sk_live", place=PLACE)
    for i in range(len(sealed)):
        with pytest.raises(SealBroken):
            sealer.open(sealed[:i] + bytes([sealed[i] ^ 1]) + sealed[i + 1 :], place=PLACE)
        with pytest.raises(SealBroken):
            sealer.open(sealed[:i], place=PLACE)


def test_a_secret_is_changed_without_a_pause() -> None:
    old, new = (
        Sealer("the former secret, long enough"),
        Sealer("the new secret", former=["the former secret, long enough"]),
    )
    sealed = old.seal(b"sk_live", place=PLACE)
    assert new.open(sealed, place=PLACE) == b"sk_live"
    assert not new.is_current(sealed)
    assert new.is_current(new.seal(b"sk_live", place=PLACE))
    with pytest.raises(SealBroken):
        old.open(new.seal(b"sk_live", place=PLACE), place=PLACE)
