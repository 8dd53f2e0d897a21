"""Why the operating system or PostgreSQL does not do what was asked, as a part of a sentence of ours.

Both say it in English, or in the language of another machine. What people meet has a phrase here, found by what is
stable: the number of the system's error, PostgreSQL's SQLSTATE, and, as long as there is no session and therefore no
SQLSTATE, the words of libpq, which this process never asks to be translated. Anything else is quoted as it was said.
"""

import errno
import re
import socket
from collections.abc import Mapping

import psycopg

from jiedan.base.i18n import N_, Phrase

NO_HOST = Phrase("there is no host of that name")
"""What is wrong with a name that cannot even be looked up."""

_NO_HOST = NO_HOST.message
_UNREACHABLE = N_("the network does not lead there")
_NO_ANSWER = N_("no answer came in time")
_NOTHING_LISTENS = N_("nothing listens there")
_TOO_MANY = N_("it has no connection to spare")
_NOT_READY = N_("it is starting, stopping or recovering")
_NOT_LET_IN = N_("it does not let this user in")
_NO_DATABASE = N_("it has no database of that name")
_WRONG_PASSWORD = N_("the password is wrong")

_BY_ERRNO: Mapping[int | None, str] = {
    errno.EACCES: N_("permission denied"),
    errno.EPERM: N_("the system does not allow it"),
    errno.ENOENT: N_("there is no such file or folder"),
    errno.ENOTDIR: N_("a part of the path is not a folder"),
    errno.EISDIR: N_("it is a folder"),
    errno.EEXIST: N_("it exists already"),
    errno.ENOTEMPTY: N_("the folder is not empty"),
    errno.ENOSPC: N_("the disk is full"),
    errno.EDQUOT: N_("the disk quota is used up"),
    errno.EROFS: N_("the file system is read-only"),
    errno.EFBIG: N_("the file is too large"),
    errno.EIO: N_("the disk reports an error"),
    errno.EBUSY: N_("it is in use"),
    errno.ENAMETOOLONG: N_("the name is too long"),
    errno.ELOOP: N_("its links lead in a circle"),
    errno.EMFILE: N_("this process has too many files open"),
    errno.ENFILE: N_("this machine has too many files open"),
    errno.ENOMEM: N_("there is not enough memory"),
    errno.EADDRINUSE: N_("another program listens there"),
    errno.EADDRNOTAVAIL: N_("it is no address of this machine"),
    errno.ECONNREFUSED: _NOTHING_LISTENS,
    errno.ECONNRESET: N_("the connection was broken off"),
    errno.ETIMEDOUT: _NO_ANSWER,
    errno.EHOSTUNREACH: _UNREACHABLE,
    errno.ENETUNREACH: _UNREACHABLE,
}

_BY_LOOK_UP: Mapping[int | None, str] = {
    socket.EAI_NONAME: _NO_HOST,
    getattr(socket, "EAI_NODATA", socket.EAI_NONAME): _NO_HOST,  # which not every system tells apart
    socket.EAI_AGAIN: N_("the name of the host cannot be looked up right now"),
}

_BY_SQLSTATE: Mapping[str | None, str] = {
    "28P01": _WRONG_PASSWORD,
    "28000": _NOT_LET_IN,
    "3D000": _NO_DATABASE,
    "53300": _TOO_MANY,
    "57P03": _NOT_READY,
}

_BY_WORDS: Mapping[str, str] = {
    r"password authentication failed": _WRONG_PASSWORD,
    r"no password supplied": N_("the password is missing"),
    r'database ".*" does not exist': _NO_DATABASE,
    r"permission denied for database|database .* is not currently accepting": N_(
        "it does not let anybody like this in"
    ),
    r"no pg_hba\.conf entry .*no encryption": N_("it does not let this user in unencrypted"),
    r'role ".*" does not exist|no pg_hba\.conf entry|pg_hba\.conf rejects|(Peer|Ident) authentication failed'
    r"|is not permitted to log in": _NOT_LET_IN,
    r"too many (clients|connections)|connection slots are reserved": _TOO_MANY,
    r"the database system is (starting up|shutting down|not .*accepting|in recovery)": _NOT_READY,
    r"SSL connection is required": N_("it wants an encrypted connection"),
    r"SSL was required": N_("it cannot encrypt the connection, as the URL wants"),
    r"certificate verify failed": N_("its certificate is not trusted"),
    r"certificate for .* does not match": N_("its certificate is for another host"),
    r"invalid response to SSL negotiation|expected authentication request": N_("what answers is no PostgreSQL"),
    r"could not translate host name|failed to resolve host": _NO_HOST,
    r"timeout expired|Connection timed out|timed out": _NO_ANSWER,
    r"Connection refused": _NOTHING_LISTENS,
    r'on socket ".*" failed: No such file or directory': _NOTHING_LISTENS,
    r'on socket ".*" failed: Permission denied': N_("permission denied"),
    r"No route to host|Network is unreachable": _UNREACHABLE,
    r"server closed the connection|Connection reset by peer|terminating connection": N_(
        "the connection was broken off"
    ),
}


def of_system(error: OSError) -> str:
    """Return why the operating system refused, to stand in a sentence: a phrase, translated where it is said."""
    if isinstance(error, socket.gaierror):
        known = _BY_LOOK_UP.get(error.errno)
    elif isinstance(error, TimeoutError):
        known = _NO_ANSWER
    else:
        known = _BY_ERRNO.get(error.errno)
    return Phrase(known) if known is not None else quoted(error.strerror or str(error) or type(error).__name__)


def of_database(error: BaseException) -> str:
    """Return why PostgreSQL refused or could not be reached, to stand in a sentence, like `of_system`."""
    known = _BY_SQLSTATE.get(getattr(error, "sqlstate", None))
    said = str(error)
    if known is None and isinstance(error, psycopg.OperationalError):
        known = next((phrase for words, phrase in _BY_WORDS.items() if re.search(words, said)), None)
    if known is None and isinstance(error, OSError):
        return of_system(error)
    return Phrase(known) if known is not None else quoted(_first_line(error))


def of_text(error: UnicodeDecodeError) -> str:
    """Return why bytes are no text, to stand in a sentence, like `of_system`."""
    return Phrase("byte {position} is not {encoding}", position=error.start, encoding=error.encoding)


def quoted(said: str) -> str:
    """Return words that are not ours, marked as what they are."""
    return Phrase("“{said}”", said=said.rstrip("."))


def _first_line(error: BaseException) -> str:
    lines = (line.strip() for line in str(error).splitlines())
    return next(filter(None, lines), type(error).__name__)
