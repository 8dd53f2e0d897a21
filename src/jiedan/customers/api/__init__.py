"""REST of customers."""

from jiedan.base.web import routing
from jiedan.customers.api import accounts, book, certificates, customers, exemptions, groups, merges

ROUTER = routing.api(
    "Customers",
    [
        *customers.HANDLERS,
        *book.HANDLERS,
        *exemptions.HANDLERS,
        *certificates.HANDLERS,
        *groups.HANDLERS,
        *merges.HANDLERS,
        *accounts.HANDLERS,
    ],
)
