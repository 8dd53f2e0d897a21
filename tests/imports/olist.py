"""A marketplace in small: nine files in the shape of Olist's, with one order of each kind of dirt. All ids are made up.

An order is told by its days in short, `07` for 2018-03-07, and by pieces of products from sellers.
"""

import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from jiedan.imports.presets.olist import files

PAID = ("credit_card", 1, "20.00")
"""What most orders cost: a cup for 15.00 and 5.00 of freight."""

CUP = ("cup", "ann", "15.00", "5.00")
BOWL = ("bowl", "bob", "7.50", "2.50")


class Order(NamedTuple):
    """An order of the slice; days of March 2018, empty where the file has nothing."""

    name: str
    status: str
    placed: str
    approved: str = ""
    handed_over: str = ""
    delivered: str = ""
    items: Sequence[tuple[str, str, str, str]] = (CUP,)
    payments: Sequence[tuple[str, int, str]] = (PAID,)
    person: str = ""


ORDERS = (
    Order("plain", "delivered", "01", "01", "03", "07", person="maria"),
    Order("plain-again", "delivered", "02", "02", "03", "07", person="maria"),
    Order(
        "split", "delivered", "01", "01", "03", "07",
        items=(CUP, CUP, BOWL, ("cup", "ann", "14.00", "5.00")), payments=(("boleto", 1, "69.00"),),
    ),
    Order("parts", "delivered", "02", "02", "03", "07", payments=(("credit_card", 3, "12.00"), ("voucher", 1, "8.00"))),
    Order("a-centavo-less", "delivered", "02", "02", "03", "07", payments=(("debit_card", 1, "19.99"),)),
    Order("interest", "delivered", "02", "02", "03", "07", payments=(("credit_card", 10, "23.10"),)),
    Order("unpaid-gift", "delivered", "02", "02", "03", "07", payments=()),
    Order("undated", "delivered", "02", "02", "04"),
    Order("undated-unsent", "delivered", "02", "02"),
    Order("never-approved", "delivered", "02", "", "04", "08"),
    Order("sent-before-approval", "delivered", "02", "06", "05", "09"),
    Order("there-before-it-left", "delivered", "02", "03", "09", "08"),
    Order("arrived-unsent", "delivered", "02", "03", "", "08"),
    Order("sent-before-purchase", "shipped", "10", "10", "09"),
    Order("on-its-way", "shipped", "10", "10", "11"),
    Order("itemless-on-its-way", "shipped", "10", "10", "11", items=()),
    Order("canceled-paid", "canceled", "10", "11"),
    Order("canceled-unpaid", "canceled", "10", payments=(("not_defined", 1, "0.00"),)),
    Order("canceled-itemless", "canceled", "10", "10", items=()),
    Order("canceled-on-its-way", "canceled", "10", "10", "12"),
    Order("canceled-yet-there", "canceled", "10", "10", "12", "20"),
    Order("gone", "unavailable", "10", "10", items=()),
    Order("gone-with-items", "unavailable", "10", "10"),
    Order("voucher-of-nothing", "delivered", "12", "12", "13", "14", payments=(PAID, ("voucher", 1, "0.00"))),
    Order("created", "created", "20"),
    Order("approved", "approved", "20", "20"),
    Order("processing", "processing", "20", "20"),
    Order("invoiced", "invoiced", "20", "20", items=(BOWL,), payments=(("credit_card", 0, "10.00"),)),
)  # fmt: skip


def write(folder: Path, orders: Sequence[Order] = ORDERS) -> Path:
    """Write the nine files into `folder`, one of them packed, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (header, rows) in _tables(orders).items():
        text = "\n".join(",".join(row) for row in (header, *rows)) + "\n"
        if name == files.ORDERS:
            (folder / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
        else:
            (folder / name).write_text(text, encoding="utf-8")
    return folder


_Table = tuple[Sequence[str], Sequence[Sequence[str]]]


def _tables(orders: Sequence[Order]) -> dict[str, _Table]:
    return {
        files.ORDERS: (files._ORDER_COLUMNS, [_order(order) for order in orders]),
        files.ITEMS: (files._ITEM_COLUMNS, [(order.name, *item) for order in orders for item in order.items]),
        files.PAYMENTS: (
            files._PAYMENT_COLUMNS,
            [
                (order.name, str(i), kind, str(installments), amount)
                for order in orders
                for i, (kind, installments, amount) in enumerate(order.payments, start=1)
            ],
        ),
        files.CUSTOMERS: (
            files._CUSTOMER_COLUMNS,
            [(f"c-{x.name}", x.person or f"p-{x.name}", "01001", "sao paulo", "SP") for x in orders],
        ),
        files.PRODUCTS: (
            files._PRODUCT_COLUMNS,
            [
                ("cup", "utilidades", "300", "10", "8", "0"),
                ("bowl", "sem_traducao", "", "", "", ""),
                ("rug", "", "", "", "", ""),
            ],
        ),
        files.SELLERS: (files._SELLER_COLUMNS, [("ann", "01001", "sao paulo", "SP"), ("bob", "99999", "chui", "RS")]),
        files.PLACES: (files._PLACE_COLUMNS, [("1001", "-23.55", "-46.63"), ("20031", "-22.91", "-43.17")]),
        files.CATEGORIES: (files._CATEGORY_COLUMNS, [("utilidades", "home_comfort")]),
        files.REVIEWS: (("review_id", "order_id"), [("r1", "plain")]),
    }


def _order(order: Order) -> tuple[str, ...]:
    days = (order.placed, order.approved, order.handed_over, order.delivered)
    dates = [f"2018-03-{day}" if day else "" for day in days]
    return (order.name, f"c-{order.name}", order.status, *dates, "2018-03-25")
