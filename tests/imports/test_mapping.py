import pytest

from jiedan.base.errors import Refusal
from jiedan.imports import cells, mapping
from jiedan.imports.targets import TARGETS, target
from jiedan.imports.values import Field, Row

FIELDS = (
    Field("sku", "SKU", ("stock code", "商品编码"), is_required=True),
    Field("price", "Price", ("unit price",)),
    Field("name", "Name"),
)


def test_columns_are_told_from_their_names_in_any_spelling() -> None:
    assert mapping.suggest(["Stock_Code", "UNIT PRICE", "Country"], FIELDS) == {
        "sku": "Stock_Code",
        "price": "UNIT PRICE",
    }
    assert mapping.suggest(["商品编码"], FIELDS) == {"sku": "商品编码"}


def test_a_column_serves_one_field() -> None:
    fields = (Field("a", "A", ("x",)), Field("b", "B", ("x",)))
    assert mapping.suggest(["x"], fields) == {"a": "x"}


def test_a_mapping_is_refused_by_field() -> None:
    found = mapping.refusals({"price": "Cost", "color": "Price"}, ["Price"], FIELDS)
    assert [(refusal.code, refusal.field) for refusal in found] == [
        ("field_unknown", "mapping.color"),
        ("column_unknown", "mapping.price"),
        ("field_not_mapped", "mapping.sku"),
    ]


def test_card_numbers_are_masked_in_prose_and_left_in_codes() -> None:
    card = "4111 1111 1111 1111"
    columns = ["who", "where", "barcode"]
    given = mapping.values([card, f"pay {card}", card], columns, {"name": "who", "line1": "where", "sku": "barcode"})
    assert given == {"name": "**** **** **** 1111", "line1": "pay **** **** **** 1111", "sku": card}
    for name in ("attributes", "measures"):
        assert mapping.values([f"engraving={card}"], ["said"], {name: "said"}) == {
            name: "engraving=**** **** **** 1111",
        }


def test_empty_cells_are_left_out() -> None:
    assert mapping.values(["A", " ", "9 "], ["s", "n", "p"], {"sku": "s", "name": "n", "price": "p"}) == {
        "sku": "A",
        "price": "9",
    }


def row(text: str) -> Row:
    return Row(2, {"x": text})


@pytest.mark.parametrize(
    ("text", "number"), [("12", 12), ("1,000", 1_000), ("12.0", 12), (" 7", 7), ("-3", -3), ("1,234,567", 1_234_567)]
)
def test_whole_numbers(text: str, number: int) -> None:
    assert cells.integer(row(text), "x") == number


@pytest.mark.parametrize("text", ["1.5", "1,5", "1,00", "twelve", "1e3", "٣", "9" * 30, "--1", "0x10"])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        cells.integer(row(text), "x")
    assert refused.value.field == "x"


@pytest.mark.parametrize(
    ("text", "currency", "minor"), [("12.5", "CNY", 1_250), ("1,299.50", "EUR", 129_950), ("120", "JPY", 120)]
)
def test_amounts(text: str, currency: str, minor: int) -> None:
    assert cells.amount(row(text), "x", currency) == minor


@pytest.mark.parametrize(("text", "currency"), [("12,5", "EUR"), ("1.5", "JPY"), ("NaN", "EUR"), ("1e400", "EUR")])
def test_what_is_no_amount_is_refused(text: str, currency: str) -> None:
    with pytest.raises(Refusal):
        cells.amount(row(text), "x", currency)


@pytest.mark.parametrize("text", ["nan", "inf", "1e300", "north"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        cells.decimal(row(text), "x")


def test_yes_and_no() -> None:
    assert [cells.yes(row(text), "x") for text in ("Yes", "否", "1", "FALSE")] == [True, False, True, False]
    with pytest.raises(Refusal):
        cells.yes(row("maybe"), "x")


def test_every_target_names_its_fields_once_and_its_aliases_lead_to_it() -> None:
    for each in TARGETS.values():
        names = [field.name for field in each.fields]
        assert len(set(names)) == len(names)
        for field in each.fields:
            for alias in (field.name, *field.aliases):
                assert mapping.suggest([alias], each.fields).get(field.name) == alias, (each.kind, alias)


def test_an_unknown_kind_names_the_known() -> None:
    with pytest.raises(Refusal, match="opening-stock"):
        target("unicorns")
