"""Mails, notices and the browsers they are pushed to."""

import json
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import msgspec

from jiedan.accounts.events import SessionsEnded
from jiedan.notifications import queries
from jiedan.notifications import service as notifications
from jiedan.notifications.post.office import Office
from jiedan.notifications.post.smtp import Server, Smtp
from jiedan.notifications.rules import Tried
from jiedan.notifications.values import Envelope
from tests.api.operations import JSON
from tests.api.worlds import SESSION_OF_DEVICE
from tests.base import web_client
from tests.conftest import NOON
from tests.crashes import calls
from tests.crashes.books import Rows
from tests.crashes.calls import Stage
from tests.crashes.forms import form, plain
from tests.crashes.ground import STAGED, Ground
from tests.crashes.nursery import MAILS, Work

BASE_URL = "https://oms.example"
NOWHERE = Server("mail.example", 25, "none", None, None, 1.0)


SENDING = frozenset({"notifications.push_due", "notifications.send_due", "notifications.sweep"})
SWEEP = ("periodic", "notifications.sweep")
"""What the worker does about mails whose sender died, when it may have them."""


class Refusing(Smtp):
    """A mail server that takes nothing."""

    def __init__(self) -> None:
        super().__init__(NOWHERE)

    async def send(self, envelope: Envelope) -> Tried:  # noqa: ARG002 - the signature of what it stands for
        """Refuse one mail for good."""
        return Tried("refused", "recipient_refused")


def by_owner(ground: Ground, work: Work) -> Work:
    """Return a call of the API as the owner makes it in a browser: programs have no notices."""
    work.headers = {
        "cookie": ground.world.session_headers["cookie"],
        "x-csrf-token": ground.world.form_token(ground.client),
        "content-type": JSON,
        "user-agent": "Firefox",
    }
    return work


def _call(method: str, path: str) -> Stage:
    """Return the stage of a call by the owner that is made as its example stands."""

    async def stage(ground: Ground) -> Work:
        return by_owner(ground, ground.request(method, path))

    return stage


async def _queued(ground: Ground) -> None:
    """Let a mail to the owner wait to be sent."""
    async with ground.database.begin(ground.world.at.scope) as tx:
        await notifications.request_trial(tx, staff_id=ground.world.at.owner_id)
    ground.do("drain", "notifications.queue_mails")


async def _stuck(ground: Ground) -> str:
    """Let a mail to the owner have been refused, and return its id."""
    await _queued(ground)
    office = Office(
        smtp=Refusing(), sender="shop@example.com", base_url="https://oms.example", secret=web_client.SECRET
    )
    ground.clock.advance(STAGED - NOON)
    await notifications.send_due(ground.database, ground.world.at.tenant, office)
    ground.clock.advance(NOON - STAGED)
    async with ground.database.read(ground.world.at.scope) as tx:
        told = await queries.messages_about(tx, [ground.world.at.owner_id])
    (message,) = [message for message in told if message.state == "failed"]
    return str(message.message_id)


async def _send_again(ground: Ground) -> Work:
    body = {"message_ids": [await _stuck(ground)]}
    return ground.request("POST", "/api/v1/mails/requeue", body)


async def _send_again_by_form(ground: Ground) -> Work:
    return form(ground, "/mail/requeue", {"message_id": [await _stuck(ground)]})


CALLS: Mapping[tuple[str, str], Stage] = {
    ("POST", "/api/v1/mail-settings/test"): _call("POST", "/api/v1/mail-settings/test"),
    ("POST", "/api/v1/mails/requeue"): _send_again,
    ("POST", "/api/v1/notices/read"): _call("POST", "/api/v1/notices/read"),
    ("PUT", "/api/v1/notices/mails"): _call("PUT", "/api/v1/notices/mails"),
    ("POST", "/api/v1/push-subscriptions"): _call("POST", "/api/v1/push-subscriptions"),
    ("DELETE", "/api/v1/push-subscriptions/{subscription_id}"): _call(
        "DELETE", "/api/v1/push-subscriptions/{subscription_id}"
    ),
}
"""By method and path. The others are made as their examples stand."""

FORMS: Mapping[str, Stage] = {
    "/c/{slug}/mail/requeue": _send_again_by_form,
    "/c/{slug}/notices/mails": plain("/notices/mails", kinds=["low_stock", "money_case"]),
    "/c/{slug}/notices/read": plain("/notices/read"),
    "/c/{slug}/notices/{notice_id}/open": plain("/notices/{notice_id}/open"),
    "/c/{slug}/settings/mail": plain("/settings/mail", version=1, reply_to="orders@example.com", sent=["shipped"]),
    "/c/{slug}/settings/mail/test": plain("/settings/mail/test"),
}
"""By path; each is posted."""


async def _trial(ground: Ground) -> Work:
    async with ground.database.begin(ground.world.at.scope) as tx:
        await notifications.request_trial(tx, staff_id=ground.world.at.owner_id)
    return ground.work("drain", "notifications.queue_mails")


async def _mentioned(ground: Ground) -> Work:
    """Call a colleague who wants to hear of it by mail, too."""
    ids = ground.world.ids
    async with ground.database.begin(ground.world.at.scope) as tx:
        await notifications.choose_notice_mails(tx, staff_id=UUID(ids["staff_id"]), kinds=["mentioned"])
    comment = {"text": "Please call them.", "mentioned": [ids["staff_id"]]}
    await ground.post(f"/orders/{ids['order_id']}/comments", comment)
    return ground.work("drain", "notifications.put_up_notices")


async def _wanted_again(ground: Ground) -> Work:
    await ground.post("/mails/requeue", {"message_ids": [await _stuck(ground)]})
    return ground.work("drain", "notifications.send_again")


async def _signed_out(ground: Ground) -> Work:
    """Let the owner have left the browser that they are pushed notices in."""
    at = ground.world.at
    async with ground.database.begin(at.scope) as tx:
        tx.emit(SessionsEnded(staff_id=at.owner_id, session_ids=(SESSION_OF_DEVICE,)))
    return ground.work("drain", "notifications.follow_sessions")


HANDLERS: Mapping[str, Stage] = {
    "notifications.follow_sessions": _signed_out,
    "notifications.put_up_notices": _mentioned,
    "notifications.queue_mails": _trial,
    "notifications.send_again": _wanted_again,
}
"""By the handler's name."""


async def _full_mailbox(ground: Ground) -> Work:
    return ground.work("periodic", "notifications.empty_mailbox", after=timedelta(days=8))


async def _old_notices(ground: Ground) -> Work:
    return ground.work("periodic", "notifications.take_down_notices", after=timedelta(days=91))


async def _due(ground: Ground) -> Work:
    await _queued(ground)
    return ground.work("periodic", "notifications.sweep")


PERIODIC: Mapping[str, Stage] = {
    "notifications.empty_mailbox": _full_mailbox,
    "notifications.sweep": _due,
    "notifications.take_down_notices": _old_notices,
}
"""By the name of the periodic work."""


async def _to_send(ground: Ground) -> Work:
    await _queued(ground)
    await calls.order(ground)
    return ground.work("task", "notifications.send_due")


async def _to_push(ground: Ground) -> Work:
    """Let a notice wait to be pushed to the owner's browser, which names no key that anything is encrypted for."""
    comment = {"text": "Please call them.", "mentioned": [str(ground.world.at.owner_id)]}
    await ground.post(f"/orders/{ground.world.ids['order_id']}/comments", comment)
    ground.do("drain", "notifications.put_up_notices")
    return ground.work("task", "notifications.push_due")


TASKS: Mapping[str, Stage] = {"notifications.push_due": _to_push, "notifications.send_due": _to_send}
"""By the task's name."""


async def by_server(ground: Ground) -> Work:
    """Send what is due by a mail server, which may have a mail of whose taking nobody heard."""
    return msgspec.structs.replace(await _to_send(ground), is_mailing=True)


_TOLD = {"sent": ["notifications.staff_mail_sent"], "unknown": ["notifications.staff_mail_failed"]}


def judge_server(before: Rows, after: Rows) -> str:
    """Return what is wrong: a mail goes out once at most, is settled, and is told of once.

    What was begun and not answered is of unknown outcome; what was not begun is sent, or dropped where it says nothing.
    """
    messages = [json.loads(row) for row in after["mail_message"] - before["mail_message"]]
    given = after[MAILS] - before[MAILS]
    told = [json.loads(row) for row in after["event_log"] - before["event_log"]]
    for message in messages:
        message_id, state = message["message_id"], message["state"]
        events = [event["kind"] for event in told if event["data"].get("message_id") == message_id]
        wanted = _TOLD.get(state, [])
        is_given = given[message_id] == 1 if state == "sent" else given[message_id] <= (state == "unknown")
        is_settled = state in _TOLD or (state == "dropped" and message["kind"] != "trial")
        if not is_settled or not is_given or events != wanted:
            return f"mail {message_id} is {state}, was given {given[message_id]} times and told of by {events}"
    return "" if messages and sum(given.values()) <= len(messages) else f"{len(messages)} mails were {dict(given)}"
