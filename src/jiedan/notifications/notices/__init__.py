"""Every kind of notice that there is: one file each."""

from collections.abc import Mapping

from jiedan.notifications.notices import (
    approval_asked,
    assigned,
    customer_asked,
    dead_letter,
    low_stock,
    mail_failed,
    mentioned,
    money_case,
)
from jiedan.notifications.notices.protocol import NoticeKind

NOTICES: Mapping[str, NoticeKind] = {
    kind.kind: kind
    for kind in (
        mentioned.KIND,
        assigned.KIND,
        customer_asked.KIND,
        approval_asked.KIND,
        low_stock.KIND,
        money_case.KIND,
        dead_letter.KIND,
        mail_failed.KIND,
    )
}
"""By kind."""
