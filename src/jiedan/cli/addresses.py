"""Addresses to listen on: proved to be free before a process needs them."""

import dataclasses
import errno
import socket
from typing import ClassVar

from jiedan.base import failures, reasons
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class PortTaken(failures.Failure):
    """Another program listens there."""

    message: ClassVar[str] = N_(
        "Port {port} on {host} is taken by another program: stop it, or choose another port with --port."
    )

    host: str
    port: int


@dataclasses.dataclass(eq=False)
class CannotListen(failures.Failure):
    """The address is not one this machine can listen on."""

    message: ClassVar[str] = N_(
        "Jiedan cannot listen on {host}, port {port} ({reason}): check JIEDAN_HOST and JIEDAN_PORT."
    )

    host: str
    port: int
    reason: str


def check(host: str, port: int) -> None:
    """Prove that `host` and `port` can be listened on. Raises PortTaken or CannotListen.

    The API processes share the port, which would let a second installation slip in beside the first unseen.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host=host, port=port) from error
        raise CannotListen(host=host, port=port, reason=reasons.of_system(error)) from error
    except UnicodeError as error:  # what no host name looks like does not even reach the resolver
        raise CannotListen(host=host, port=port, reason=reasons.NO_HOST) from error
