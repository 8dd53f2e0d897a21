"""Saying that one forgot the password: the answer is the same, whether there is such an account or not."""

from litestar import Response, get, post

from jiedan.accounts import service
from jiedan.accounts.pages.sign_in import FORGOTTEN_PATH, Email, visitor
from jiedan.base import directory
from jiedan.base.errors import Refusal
from jiedan.base.web import bodies, forms, pages
from jiedan.base.web.unit import Unit


class ForgottenForm(forms.Form):
    """Whose password was forgotten, and where."""

    merchant: bodies.Code
    email: Email


@get(FORGOTTEN_PATH, public=True)
async def forgotten_page(unit: Unit) -> Response[str]:
    """Ask whose password it is."""
    given = unit.request.query_params.get("merchant", "")
    return pages.render(unit, "accounts/forgotten.html", form=forms.empty(unit, merchant=given), asked=None)


@post(FORGOTTEN_PATH, public=True)
async def forgotten(unit: Unit) -> Response[str]:
    """Have a link mailed to whoever has the account, and say that it is, whether anybody has."""
    form = await forms.read(unit, ForgottenForm)
    sent = form.value
    if sent is None:
        return pages.render(unit, "accounts/forgotten.html", form=form, asked=None)
    slug = sent.merchant.strip().lower()
    tenant = await directory.tenant_by_slug(unit.runtime.database, slug)
    try:
        await service.request_reset(unit.runtime.database, tenant=tenant, email=sent.email, visitor=visitor(unit))
    except Refusal as refusal:
        form.refuse(refusal)
        return pages.render(unit, "accounts/forgotten.html", form=form, asked=None)
    return pages.render(unit, "accounts/forgotten.html", asked=sent.email)


HANDLERS = (forgotten_page, forgotten)
