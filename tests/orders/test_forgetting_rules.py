"""Of the texts on goods, what is left when their customer is forgotten."""

from uuid import UUID

from msgspec.structs import replace

from jiedan.orders.rules import forgetting
from jiedan.orders.rules.forgetting import SaidOfLine
from jiedan.pricing.values import Said

ONE, OTHER = UUID(int=1), UUID(int=2)
SIZE = Said("size", "52", "Size")


def engraved(text: str, letters: int) -> Said:
    return Said("engraving", text, "Engraving", letters=letters)


def line(number: int, *said: Said, placed: tuple[Said, ...] = (), order_id: UUID = ONE) -> SaidOfLine:
    return SaidOfLine(order_id, UUID(int=100 + number), said, placed)


def test_as_many_letters_stay_and_what_was_different_stays_different() -> None:
    lines = [
        line(1, SIZE, engraved("Anna", 4)),
        line(2, SIZE, engraved("Otto", 4)),
        line(3, replace(SIZE, value="60"), engraved("Anna", 4)),
        line(4, engraved("", 0)),
        line(5, SIZE),
        line(6, engraved("Emma & Tom", 8), placed=(engraved("Otto", 4),)),
        line(7, engraved("Otto", 4), order_id=OTHER),
    ]
    found = forgetting.without_texts(lines)
    assert [(x.line_id.int - 100, x.said[-1].value) for x in found] == [
        (1, "⣿⣿⣿⣿"),
        (2, "⣾⣾⣾⣾"),
        (3, "⣿⣿⣿⣿"),
        (6, "⣼⣼⣼⣼⣼⣼⣼⣼"),
        (7, "⣿⣿⣿⣿"),
    ]
    assert found[3].placed[0].value == "⣾⣾⣾⣾", "as another line says it still"
    assert [x.said[0] for x in found[:2]] == [SIZE, SIZE]
    assert all(x.said[-1].letters == len(x.said[-1].value) for x in found)


def test_doing_it_again_changes_nothing() -> None:
    lines = [line(i, engraved(text, 4)) for i, text in enumerate(("Anna", "Otto", "Anna", "Emma"), start=1)]
    once = forgetting.without_texts(lines)
    assert forgetting.without_texts(once) == []


def test_nothing_is_left_of_many_texts() -> None:
    lines = [line(i, engraved(f"Name {i:03}", 7)) for i in range(300)]
    found = forgetting.without_texts(lines)
    assert len(found) == 300
    assert {len(x.said[0].value) for x in found} == {7}
    assert not any("N" in x.said[0].value for x in found)
