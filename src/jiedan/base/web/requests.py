"""The request that handlers are given: Litestar's, with a short way to a body that arrived in one piece."""

from typing import Any

from litestar import Request
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.exceptions import InternalServerException
from litestar.types import Empty

from jiedan.base import cards


class WholeRequest(Request[Any, Any, Any]):
    """Read a body of one message as it is; what comes in pieces, or is too long, goes Litestar's way.

    Nearly every body is one message, and the general way (an async generator, parsed headers) costs every order.
    """

    async def body(self) -> bytes:
        """Return the body. Raises RequestEntityTooLarge, and InternalServerException for a caller who hung up."""
        if self._body is not Empty or self._connection_state.body is not Empty or not self.is_connected:
            return await super().body()
        message: Any = await self.receive()
        if message["type"] != "http.request":
            problem = "client disconnected prematurely"
            raise InternalServerException(problem)
        raw: bytes = message.get("body", b"")
        limit = self.route_handler.resolve_request_max_body_size()
        is_whole = not message.get("more_body", False) or (b"content-length", b"%d" % len(raw)) in self.scope["headers"]
        if is_whole and (limit is None or len(raw) <= limit):
            self.is_connected = False
            self._body = self._connection_state.body = raw
            return raw
        self.receive = _with(message, self.receive)
        return await super().body()

    async def form(self) -> FormMultiDict:
        """Return the fields and files of a form; card numbers in the names of files are masked.

        `forms` reads the fields, whose types say which texts are prose.
        """
        found = await super().form()
        for _, value in found.multi_items():
            if isinstance(value, UploadFile):
                value.filename = cards.masked(value.filename)
        return found


def _with(message: Any, receive: Any) -> Any:
    """Return a channel that gives `message` once more, then what `receive` gives."""
    waiting = [message]

    async def receive_again() -> Any:
        return waiting.pop() if waiting else await receive()

    return receive_again
