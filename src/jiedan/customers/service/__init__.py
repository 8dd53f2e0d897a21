"""Use cases of customers: save in sets, edit, keep addresses, notes, tags, consents, merge; let them into the shop."""

from jiedan.customers.service.book import (
    add_address,
    add_note,
    change_address,
    record_consent,
    remove_address,
    set_default_address,
    set_tags,
)
from jiedan.customers.service.certificates import keep_certificate, remove_certificate
from jiedan.customers.service.edit import edit_customers
from jiedan.customers.service.erasure import begin_erasure, erase_customers, lock_for_erasure, request_erasure
from jiedan.customers.service.exempting import add_tax_exemption, change_tax_exemption, remove_tax_exemption
from jiedan.customers.service.groups import (
    add_members,
    create_group,
    remove_group,
    remove_members,
    rename_group,
    set_groups,
)
from jiedan.customers.service.links import mail_links, prove_email, request_email_change, request_link, send_link
from jiedan.customers.service.merge import Merged, merge_customers, undo_merge
from jiedan.customers.service.opening import give_account, open_account, set_access
from jiedan.customers.service.sessions import begin as begin_session
from jiedan.customers.service.sessions import note_seen, sign_out, sign_out_everywhere
from jiedan.customers.service.signing import Then, change_password, enter, enter_by_link, join, reset_password, verified
from jiedan.customers.service.upsert import upsert_customers

__all__ = [
    "Merged",
    "Then",
    "add_address",
    "add_members",
    "add_note",
    "add_tax_exemption",
    "begin_erasure",
    "begin_session",
    "change_address",
    "change_password",
    "change_tax_exemption",
    "create_group",
    "edit_customers",
    "enter",
    "enter_by_link",
    "erase_customers",
    "give_account",
    "join",
    "keep_certificate",
    "lock_for_erasure",
    "mail_links",
    "merge_customers",
    "note_seen",
    "open_account",
    "prove_email",
    "record_consent",
    "remove_address",
    "remove_certificate",
    "remove_group",
    "remove_members",
    "remove_tax_exemption",
    "rename_group",
    "request_email_change",
    "request_erasure",
    "request_link",
    "reset_password",
    "send_link",
    "set_access",
    "set_default_address",
    "set_groups",
    "set_tags",
    "sign_out",
    "sign_out_everywhere",
    "undo_merge",
    "upsert_customers",
    "verified",
]
