"""REST of what a merchant chooses of mails."""

from typing import Annotated, Any, ClassVar

import msgspec
from litestar import Response, get, patch, post
from msgspec import UNSET, UnsetType

from jiedan.base.web import answers, bodies
from jiedan.base.web.unit import Unit
from jiedan.notifications import queries, rules, service
from jiedan.notifications.mails import MAILS, OPTIONAL
from jiedan.notifications.values import ADDRESS_CHARACTERS_MAX, MailSettings

Address = Annotated[str, msgspec.Meta(min_length=3, max_length=ADDRESS_CHARACTERS_MAX)]


class MailSettingsView(msgspec.Struct, frozen=True):
    """What a merchant has chosen; `optional` are the mails that may be switched off, `silenced` those that are."""

    from_address: str | None
    reply_to: str | None
    silenced: list[str]
    optional: list[str]
    version: int


class MailSettingsChange(bodies.Body):
    """What to change; what is not sent stays, null takes an address away."""

    __example__: ClassVar[dict[str, Any]] = {"reply_to": "orders@example.com", "silenced": ["payment_received"]}

    from_address: Address | UnsetType | None = UNSET
    reply_to: Address | UnsetType | None = UNSET
    silenced: Annotated[list[bodies.Code], msgspec.Meta(max_length=len(MAILS))] | UnsetType = UNSET


@get("/mail-settings", permission="settings:read", summary="Get what is chosen of mails")
async def get_mail_settings(unit: Unit) -> Response[MailSettingsView]:
    """Answer which mails are sent, and from which address, with the version."""
    async with unit.read() as tx:
        return _answer(await tx.load_one(queries.settings()))


@patch("/mail-settings", permission="settings:write", versioned=True, summary="Choose which mails are sent")
async def change_mail_settings(unit: Unit, data: MailSettingsChange) -> Response[MailSettingsView]:
    """Change what was sent, and answer all."""
    changes = bodies.sent(data)
    return _answer(
        await unit.write(lambda tx: service.change_settings(tx, changes=changes, expected_version=unit.if_match))
    )


@post("/mail-settings/test", permission="settings:write", status_code=202, summary="Send yourself a test mail")
async def send_test_mail(unit: Unit) -> None:
    """Have a test mail sent to whoever asks; what became of it is listed among the mails."""
    staff_id = rules.person_of(unit.principal.actor)
    await unit.write(lambda tx: service.request_trial(tx, staff_id=staff_id))


def _answer(settings: MailSettings) -> Response[MailSettingsView]:
    view = MailSettingsView(
        settings.from_address, settings.reply_to, list(settings.silenced), list(OPTIONAL), settings.version
    )
    return answers.versioned(view, settings.version)


HANDLERS = (get_mail_settings, change_mail_settings, send_test_mail)
