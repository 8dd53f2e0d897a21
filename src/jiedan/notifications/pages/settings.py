"""What a merchant chooses of mails: which are sent, from which address; and a test mail."""

import msgspec
from litestar import Response, get, post

from jiedan.base.errors import Refusal
from jiedan.base.i18n import N_
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.forms import Filled
from jiedan.base.web.unit import Unit
from jiedan.notifications import queries, rules, service
from jiedan.notifications.mails import MAILS, OPTIONAL
from jiedan.notifications.post.office import Office

PATH = "/settings/mail"


class MailSettingsForm(forms.Form):
    """What is chosen, with the version it was read at; `sent` are the mails that are sent."""

    version: bodies.Version
    from_address: bodies.Name | None = None
    reply_to: bodies.Name | None = None
    sent: list[bodies.Code] = msgspec.field(default_factory=list)


@get(PATH, permission="settings:read")
async def settings_page(unit: Unit) -> Response[str]:
    """Show what is chosen."""
    return await _page(unit, None)


@post(PATH, permission="settings:write")
async def change_settings(unit: Unit) -> Response[str]:
    """Change what is chosen."""
    form = await forms.read(unit, MailSettingsForm)
    sent = form.value
    if sent is None:
        return await _page(unit, form)
    changes = {
        "from_address": sent.from_address,
        "reply_to": sent.reply_to,
        "silenced": tuple(kind for kind in OPTIONAL if kind not in sent.sent),
    }
    version = sent.version
    try:
        await unit.write(lambda tx: service.change_settings(tx, changes=changes, expected_version=version))
    except Refusal as refusal:
        form.refuse(refusal)
        return await _page(unit, form)
    return pages.redirect(unit, PATH, flash=N_("The settings were saved."))


@post("/settings/mail/test", permission="settings:write")
async def send_test(unit: Unit) -> Response[str]:
    """Have a test mail sent to whoever asks."""
    staff_id = rules.person_of(unit.principal.actor)
    await unit.write(lambda tx: service.request_trial(tx, staff_id=staff_id))
    return pages.redirect(
        unit,
        PATH,
        flash=N_("A test mail is on its way to you; the list of mails tells what became of it."),
        tone="info",
    )


async def _page(unit: Unit, form: "Filled[MailSettingsForm] | None") -> Response[str]:
    office = unit.part(Office)
    async with unit.read() as tx:
        settings = await tx.load_one(queries.settings())
    return pages.render(
        unit,
        "notifications/settings.html",
        form=form,
        settings=settings,
        optional=[MAILS[kind] for kind in OPTIONAL],
        chosen=form.raw.get("sent", []) if form else [x for x in OPTIONAL if x not in settings.silenced],
        sender=office.sender,
        server=unit.runtime.settings.smtp_host,
    )


HANDLERS = (settings_page, change_settings, send_test)
