"""REST of customers."""

from jiedan.base.web import routing
from jiedan.customers.api import accounts, book, customers, exemptions, groups, merges

ROUTER = routing.api(
    "Customers",
    [
        *customers.HANDLERS,
        *book.HANDLERS,
        *exemptions.HANDLERS,
        *groups.HANDLERS,
        *merges.HANDLERS,
        *accounts.HANDLERS,
    ],
)
