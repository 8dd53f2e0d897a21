"""The processor's HTTP: operations under keys for merchants, a payment page for their customers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import jinja2
import msgspec
import uvloop
from litestar import Litestar, MediaType, Request, Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from jiedan.base import clock as clocks
from jiedan.base import draining, home, i18n, money, process, settings
from jiedan.base.i18n import N_
from jiedan.payments.providers.sandbox import messages
from jiedan.payments.providers.sandbox.processor import bank as banks
from jiedan.payments.providers.sandbox.processor.bank import Bank
from jiedan.payments.providers.sandbox.processor.delivery import Deliverer
from jiedan.payments.providers.sandbox.processor.store import Store

FILE = "sandbox.jsonl"
LATE = timedelta(seconds=15)
HANG_S = 20.0
HANG_TICK_S = 0.1
SEND_S_MAX = 10.0
SEE_OTHER, UNAUTHORIZED, NOT_FOUND, CONFLICT, UNPROCESSABLE = 303, 401, 404, 409, 422

_PAGES = Path(__file__).parent / "pages"
_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_PAGES), autoescape=True, undefined=jinja2.StrictUndefined
)


_WORDS = {
    "title": N_("Pay {amount}"),
    "sandbox": N_("Sandbox: no money moves here"),
    "number": N_("Card number"),
    "until": N_("Valid until"),
    "code": N_("Security code"),
    "pay": N_("Pay"),
    "cancel": N_("Cancel and go back"),
    "cards": N_("Test cards"),
    "closed": N_("This page is closed."),
    "back": N_("Go back"),
}
"""What stands on the payment page, as message ids."""


class Desk:
    """The HTTP handlers around a bank; `hang_s` is how long a withheld answer takes."""

    def __init__(self, bank: Bank, *, hang_s: float) -> None:
        self._bank = bank
        self._hang_s = hang_s

    def handlers(self) -> list[ControllerRouterHandler]:
        """Return the routes."""
        return [
            post("/v1/accounts", status_code=200)(self._open_account),
            post("/v1/operations/{key:str}", status_code=200)(self._ask),
            get("/v1/operations/{key:str}")(self._find),
            get("/pay/{ref:str}")(self._page),
            post("/pay/{ref:str}", status_code=200)(self._pay),
            post("/pay/{ref:str}/cancel", status_code=200)(self._give_up),
            get("/style.css")(self._style),
        ]

    async def _open_account(self, request: Request[Any, Any, Any]) -> Response[Any]:
        sign_up = _decoded(await request.body(), messages.SignUp)
        if sign_up is None:
            return _problem(UNPROCESSABLE, "not_understood")
        try:
            self._bank.open_account(sign_up)
        except banks.AccountTakenError:
            return _problem(CONFLICT, "account_taken")
        return _json({"account": sign_up.account})

    async def _ask(self, request: Request[Any, Any, Any], key: FromPath[str]) -> Response[Any]:
        account = self._account(request)
        if account is None:
            return _problem(UNAUTHORIZED, "account_unknown")
        ask = _decoded(await request.body(), messages.Ask)
        if ask is None or ask.amount_minor <= 0 or not money.is_currency(ask.currency):
            return _problem(UNPROCESSABLE, "not_understood")
        try:
            answer, is_withheld = self._bank.ask(account, key, ask)
        except banks.KeyReusedError:
            return _problem(CONFLICT, "key_reused")
        except banks.ChargeUnknownError:
            return _problem(NOT_FOUND, "charge_unknown")
        if is_withheld:
            await self._hang()
        return _json(answer)

    async def _hang(self) -> None:
        """Keep the caller waiting, but not this process when it is to end."""
        for _ in range(round(self._hang_s / HANG_TICK_S)):
            if draining.is_on():
                break
            await asyncio.sleep(HANG_TICK_S)

    async def _find(self, request: Request[Any, Any, Any], key: FromPath[str]) -> Response[Any]:
        account = self._account(request)
        if account is None:
            return _problem(UNAUTHORIZED, "account_unknown")
        answer = self._bank.find(account, key)
        return _problem(NOT_FOUND, "key_unknown") if answer is None else _json(answer)

    async def _page(self, request: Request[Any, Any, Any], ref: FromPath[str]) -> Response[Any]:
        return self._shown(request, ref, "")

    async def _pay(self, request: Request[Any, Any, Any], ref: FromPath[str]) -> Response[Any]:
        form = await request.form()
        problem, is_withheld = self._bank.pay(ref, str(form.get("number", "")))
        if is_withheld:
            await self._hang()
        return self._shown(request, ref, problem) if problem else self._back(request, ref)

    async def _give_up(self, request: Request[Any, Any, Any], ref: FromPath[str]) -> Response[Any]:
        self._bank.give_up(ref)
        return self._back(request, ref)

    async def _style(self) -> Response[str]:
        return Response((_PAGES / "style.css").read_text(encoding="utf-8"), media_type="text/css")

    def _account(self, request: Request[Any, Any, Any]) -> str | None:
        scheme, _, api_key = request.headers.get("authorization", "").partition(" ")
        found = self._bank.account_of(api_key) if scheme == "Bearer" else None
        return None if found is None else found.account

    def _back(self, request: Request[Any, Any, Any], ref: FromPath[str]) -> Response[Any]:
        found = self._bank.page(ref)
        if found is None or not _is_web(found[0].return_url):
            return self._shown(request, ref, "")
        return Response(None, status_code=SEE_OTHER, headers={"Location": found[0].return_url})

    def _shown(self, request: Request[Any, Any, Any], ref: str, problem: str) -> Response[Any]:
        """Show the page in the language of the browser; `problem` is a message id."""
        found = self._bank.page(ref)
        if found is None:
            return _problem(NOT_FOUND, "charge_unknown")
        charge, operation = found
        return_url = charge.return_url if _is_web(charge.return_url) else ""
        amount = f"{money.decimal_amount(operation.answer.amount_minor, charge.currency)} {charge.currency}"
        locale = i18n.negotiate(request.headers.get("accept-language", "")) or i18n.ENGLISH
        html = _TEMPLATES.get_template("pay.html").render(
            ref=ref,
            lang=i18n.LANG_BY_LOCALE[locale],
            words={name: i18n.translate(locale, text, amount=amount) for name, text in _WORDS.items()},
            problem=i18n.gettext(locale, problem) if problem else "",
            is_open=operation.answer.state == "action_needed",
            return_url=return_url,
            cards=[(card.number, i18n.gettext(locale, card.does)) for card in banks.CARDS],
        )
        # A browser follows the redirect after the form only to where the policy lets forms go.
        origin = " {0.scheme}://{0.netloc}".format(urlsplit(return_url)) if return_url else ""
        policy = (
            f"default-src 'none'; style-src 'self'; form-action 'self'{origin}; frame-ancestors 'none'; base-uri 'none'"
        )
        headers = {
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "Content-Language": i18n.LANG_BY_LOCALE[locale],
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(html, media_type=MediaType.HTML, headers=headers)


class Processor:
    """A processor whole: its application, and what sends its messages."""

    def __init__(
        self,
        store: Store,
        clock: clocks.Clock,
        *,
        url: str,
        http: httpx2.AsyncClient,
        hang_s: float = HANG_S,
        late: timedelta = LATE,
    ) -> None:
        self.bank = Bank(store, clock, url=url, late=late)
        self.deliverer = Deliverer(self.bank, store, clock, http)
        self._store = store
        self._http = http
        self.app = Litestar(
            Desk(self.bank, hang_s=hang_s).handlers(),
            openapi_config=None,
            lifespan=[self._running],
            logging_config=None,
        )

    @contextlib.asynccontextmanager
    async def _running(self, _app: Litestar) -> AsyncIterator[None]:
        task = asyncio.create_task(self.deliverer.run(), name="sandbox deliveries")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await self._http.aclose()
            self._store.close()


def main() -> None:
    """Serve the processor until SIGTERM, on the address of the settings."""
    uvloop.run(process.serve(settings.load(), f"{__name__}:{create_app.__name__}"))


def create_app() -> Litestar:
    """Return the application for this process: its file is in the home folder, its port that of the settings."""
    chosen = settings.load()
    folder = home.prepare(chosen.home)
    http = httpx2.AsyncClient(timeout=SEND_S_MAX, follow_redirects=False, trust_env=False)
    url = f"http://localhost:{chosen.port}"
    return Processor(Store(folder / FILE), clocks.SystemClock(), url=url, http=http).app


def _decoded(raw: bytes, kind: Any) -> Any:
    if len(raw) > messages.MESSAGE_BYTES_MAX:
        return None
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.MsgspecError:
        return None


def _is_web(address: str) -> bool:
    return urlsplit(address).scheme in {"http", "https"}


def _json(content: Any, status: int = 200) -> Response[bytes]:
    return Response(msgspec.json.encode(content), status_code=status, media_type=MediaType.JSON)


def _problem(status: int, code: str) -> Response[bytes]:
    return _json({"code": code}, status)
