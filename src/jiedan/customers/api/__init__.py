"""REST of customers."""

from jiedan.base.web import routing
from jiedan.customers.api import accounts, book, customers, merges

ROUTER = routing.api("Customers", [*customers.HANDLERS, *book.HANDLERS, *merges.HANDLERS, *accounts.HANDLERS])
