"""Signing in and out, and coming in by a one-time link."""

from typing import Annotated, Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec
from litestar import Response, get, post
from litestar.enums import MediaType

from jiedan.accounts import errors, queries, rules, service
from jiedan.accounts.queries import Link
from jiedan.accounts.values import CodeWanted, SignedIn, Visitor
from jiedan.base import directory
from jiedan.base.db import Scope
from jiedan.base.errors import Invalid, Refusal
from jiedan.base.ids import TenantId
from jiedan.base.sealing import Sealer
from jiedan.base.web import auth, bodies, forms, pages, transport
from jiedan.base.web.auth import Authentication
from jiedan.base.web.forms import Filled
from jiedan.base.web.preferences import local_path
from jiedan.base.web.site import SESSION_COOKIE, SIGN_IN_PATH, SIGN_OUT_PATH
from jiedan.base.web.unit import Unit

Password = Annotated[str, msgspec.Meta(min_length=1, max_length=rules.PASSWORD_CHARACTERS_MAX * 4)]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=auth.CREDENTIAL_LENGTH_MAX)]
Email = Annotated[str, msgspec.Meta(min_length=1, max_length=rules.EMAIL_CHARACTERS_MAX)]

ACCOUNT_PATH = "/account"
PASSKEY_PATH = f"{SIGN_IN_PATH}/passkey"
FORGOTTEN_PATH = "/forgotten-password"


class SignInForm(forms.Form):
    """Who wants to come in, where, and where they want to go."""

    merchant: bodies.Code
    email: Email
    password: Password
    next: bodies.Text = "/"


class CodeForm(forms.Form):
    """The second step: the token of the first, and a code of the app or a recovery code."""

    merchant: bodies.Code
    token: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]
    code: bodies.Code
    next: bodies.Text = "/"


class JoinForm(forms.Form):
    """A one-time link and the password to be set, twice."""

    token: Token
    password: Password
    repeated: Password


@get("/", public=True)
async def start(unit: Unit) -> Response[str]:
    """Send people to the first page they may see, or to the sign-in."""
    return _to(_first_page(unit) if unit.visitor is not None else SIGN_IN_PATH)


@get(SIGN_IN_PATH, public=True)
async def sign_in_page(unit: Unit) -> Response[str]:
    """Ask who is there; the merchant is known from the page that was asked for, or when there is only one."""
    target = local_path(unit.request.query_params.get("next", "/"))
    slug = await _slug_of(unit, target)
    return _shown(unit, forms.empty(unit, merchant=slug, next=target))


@get("/sign-in", public=True)
async def merchant_sign_in_page(unit: Unit, slug: str) -> Response[str]:
    """Ask who is there, at this merchant's own address."""
    return _shown(unit, forms.empty(unit, merchant=slug, next=f"/c/{slug}/"))


@post(SIGN_IN_PATH, public=True)
async def sign_in(unit: Unit) -> Response[str]:
    """Begin a session and go on; whatever is wrong, the answer is the same."""
    form = await forms.read(unit, SignInForm)
    sent = form.value
    if sent is not None:
        slug = sent.merchant.strip().lower()
        try:
            signed_in = await service.sign_in(
                unit.runtime.database,
                unit.part(service.Passwords),
                tenant=await directory.tenant_by_slug(unit.runtime.database, slug),
                email=sent.email,
                password=sent.password,
                visitor=visitor(unit),
                sealer=sealer(unit),
                replaced=present_secret(unit),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            if isinstance(signed_in, CodeWanted):
                asked = forms.empty(unit, merchant=slug, token=signed_in.token, next=sent.next)
                return pages.render(unit, "accounts/code.html", form=asked)
            return entered(unit, signed_in, slug=slug, wanted=sent.next)
    return _shown(unit, form)


@post(f"{SIGN_IN_PATH}/code", public=True)
async def give_code(unit: Unit) -> Response[str]:
    """Take the second step and begin a session; what took too long begins anew."""
    form = await forms.read(unit, CodeForm)
    sent = form.value
    if sent is not None:
        slug = sent.merchant.strip().lower()
        tenant = await directory.tenant_by_slug(unit.runtime.database, slug)
        try:
            signed_in = await service.sign_in_by_code(
                unit.runtime.database,
                tenant=tenant,
                token=sent.token,
                code=sent.code,
                visitor=visitor(unit),
                sealer=sealer(unit),
                replaced=present_secret(unit),
            )
        except errors.SignInExpired as refusal:
            again = forms.empty(unit, merchant=slug, next=sent.next)
            again.refuse(refusal)
            return _shown(unit, again)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return entered(unit, signed_in, slug=slug, wanted=sent.next)
    return pages.render(unit, "accounts/code.html", form=form)


def entered(unit: Unit, signed_in: SignedIn, *, slug: str, wanted: str) -> Response[str]:
    """Keep the session and go where the person wanted to, inside the console of the merchant `slug`."""
    keep(unit, signed_in)
    target = local_path(wanted)
    return _to(target if target.startswith(f"/c/{slug}/") else "/")


async def shown_again(unit: Unit, form: "Filled[Any]") -> Response[str]:
    """Show the page for signing in with what was wrong with another way in."""
    target = local_path(form.text("next", "/"))
    again: Filled[SignInForm] = forms.empty(unit, merchant=await _slug_of(unit, target), next=target)
    again.above, again.status, again.headers = form.above, form.status, form.headers
    return _shown(unit, again)


def passkey_party(unit: Unit) -> service.Party:
    """Return whom passkeys are for at this installation."""
    return service.passkey_party(unit.runtime.settings.base_url())


def passkeys_elsewhere(unit: Unit) -> str:
    """Return the address at which passkeys work, where it is another than the one that was opened; else nothing."""
    try:
        host = urlsplit(f"//{unit.exchange.header(b'host')}").hostname or ""
    except ValueError:  # half an address, which no browser sends
        host = ""
    return "" if passkey_party(unit).is_at(host) else unit.runtime.settings.base_url()


def sealer(unit: Unit) -> Sealer:
    """Return what seals and opens with this installation's key."""
    return Sealer(unit.runtime.settings.signing_secret())


@post(SIGN_OUT_PATH, public=True)
async def sign_out(unit: Unit) -> Response[str]:
    """End the session, here and in the database; one that has ended already is no error."""
    caller, secret = unit.visitor, present_secret(unit)
    if caller is not None and secret is not None:
        await unit.write(lambda tx: service.sign_out(tx, secret=secret))
        unit.part(Authentication).forget(caller.tenant)
    call = unit.exchange
    call.set_cookie(call.site.cookie_name(SESSION_COOKIE), "", max_age_s=0)
    return _to(f"/c/{quote(caller.slug)}/sign-in" if caller else SIGN_IN_PATH)


@get("/join", public=True)
async def join_page(unit: Unit, slug: str) -> Response[str]:
    """Ask the holder of a one-time link for a password. Raises LinkNotValid."""
    token = unit.request.query_params.get("token", "")
    return await _join_page(unit, slug, forms.empty(unit, token=token))


@post("/join", public=True)
async def join(unit: Unit, slug: str) -> Response[str]:
    """Set the password and begin a session. Raises LinkNotValid."""
    form = await forms.read(unit, JoinForm)
    sent = form.value
    if sent is not None and sent.password != sent.repeated:
        form.refuse(errors.PasswordsDiffer(field="repeated"))
    elif sent is not None:
        try:
            signed_in = await service.accept_link(
                unit.runtime.database,
                unit.part(service.Passwords),
                tenant=await _tenant(unit, slug),
                secret=sent.token,
                password=sent.password,
                visitor=visitor(unit),
                replaced=present_secret(unit),
            )
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            if signed_in is None:
                return _to(f"/c/{quote(slug)}/sign-in")
            keep(unit, signed_in)
            return _to("/")
    return await _join_page(unit, slug, form)


def keep(unit: Unit, signed_in: SignedIn) -> None:
    """Give the browser its session; nobody is believed under an older one any more."""
    credential = auth.parse_session(signed_in.credential)
    if credential is not None:
        unit.part(Authentication).forget(credential.tenant)
    call = unit.exchange
    max_age_s = int(rules.SESSION_ABSOLUTE.total_seconds())
    call.set_cookie(call.site.cookie_name(SESSION_COOKIE), signed_in.credential, max_age_s=max_age_s)


def visitor(unit: Unit) -> Visitor:
    """Return from where somebody is signing in."""
    return Visitor(unit.network, unit.exchange.header(b"user-agent"), unit.request_id)


def _first_page(unit: Unit) -> str:
    """Return the first place of the side bar that the caller may open, else their account."""
    entries = unit.exchange.site.navigation
    path = next((entry.path for entry in entries if unit.may(entry.permission)), ACCOUNT_PATH)
    return f"/c/{unit.principal.slug}{path}"


async def _join_page(unit: Unit, slug: str, form: "Filled[JoinForm]") -> Response[str]:
    link = await _link(unit, slug, form.text("token"))
    minimum = rules.PASSWORD_CHARACTERS_MIN
    return pages.render(unit, "accounts/join.html", form=form, link=link, slug=slug, minimum=minimum)


async def _link(unit: Unit, slug: str, token: str) -> Link:
    async with unit.runtime.database.read(Scope(await _tenant(unit, slug))) as tx:
        return await queries.link(tx, secret_hash=service.secret_hash(token))


async def _tenant(unit: Unit, slug: str) -> TenantId:
    tenant = await directory.tenant_by_slug(unit.runtime.database, slug)
    if tenant is None:
        raise errors.LinkNotValid
    return tenant


def _shown(unit: Unit, form: "Filled[SignInForm]") -> Response[str]:
    query = urlencode({"merchant": form.text("merchant")})
    return pages.render(
        unit,
        "accounts/sign_in.html",
        form=form,
        forgotten=f"{FORGOTTEN_PATH}?{query}",
        transport=transport.trouble(unit.exchange),
        elsewhere=passkeys_elsewhere(unit),
    )


async def _slug_of(unit: Unit, target: str) -> str:
    """Return the merchant somebody probably means: that of the page they asked for, else the only one there is."""
    parts = target.split("/")
    if target.startswith("/c/"):
        return parts[2]
    merchants = await directory.entries(unit.runtime.database, limit=2)
    return merchants[0].slug if len(merchants) == 1 else ""


def present_secret(unit: Unit) -> str | None:
    """Return the secret of the session cookie that came, whatever it is worth."""
    call = unit.exchange
    credential = auth.parse_session(call.cookies.get(call.site.cookie_name(SESSION_COOKIE), ""))
    return credential.secret if credential is not None else None


def _to(target: str) -> Response[str]:
    return Response("", status_code=303, headers={"Location": target}, media_type=MediaType.HTML)


HANDLERS = (start, sign_in_page, sign_in, give_code, sign_out)
CONSOLE_HANDLERS = (merchant_sign_in_page, join_page, join)
