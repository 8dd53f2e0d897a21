"""Use cases of customers: save in sets, edit with versions, keep addresses, notes, tags and consents, merge."""

from jiedan.customers.service.book import add_address, add_note, record_consent, remove_address, set_tags
from jiedan.customers.service.edit import edit_customers
from jiedan.customers.service.merge import Merged, merge_customers, undo_merge
from jiedan.customers.service.upsert import upsert_customers

__all__ = [
    "Merged",
    "add_address",
    "add_note",
    "edit_customers",
    "merge_customers",
    "record_consent",
    "remove_address",
    "set_tags",
    "undo_merge",
    "upsert_customers",
]
