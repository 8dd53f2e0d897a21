"""Why the system and PostgreSQL refuse, in every language; what nobody has words for is quoted."""

import contextlib
import errno
import os
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo

from jiedan.base import failures, files, guards, i18n, reasons

MET = (
    "EACCES", "EPERM", "ENOENT", "ENOTDIR", "EISDIR", "ENOSPC", "EROFS", "EMFILE", "ENFILE", "EADDRINUSE",
    "EADDRNOTAVAIL", "ECONNREFUSED", "ETIMEDOUT", "EHOSTUNREACH", "ENAMETOOLONG", "ELOOP", "EIO", "EDQUOT", "EBUSY",
    "EFBIG",
)  # fmt: skip
"""What people meet."""


def _is_ours(reason: str) -> bool:
    """Tell whether a reason is a phrase of ours, said in every language."""
    if not isinstance(reason, i18n.Phrase):
        return False
    return all(re.search(r"[\u4e00-\u9fff]", i18n.phrased(locale, reason)) for locale in ("zh_Hans", "zh_Hant"))


@pytest.mark.parametrize("name", MET)
def test_what_people_meet_has_words(name: str) -> None:
    number = getattr(errno, name)
    reason = reasons.of_system(OSError(number, os.strerror(number), "/some/file"))
    assert _is_ours(reason), reason
    assert "/some/file" not in reason


def test_no_two_refusals_of_a_file_are_said_alike() -> None:
    of_files = ("EACCES", "EPERM", "ENOENT", "ENOTDIR", "EISDIR", "ENOSPC", "EDQUOT", "EROFS", "EFBIG", "EIO", "EBUSY")
    assert len({reasons.of_system(OSError(getattr(errno, name), "")) for name in of_files}) == len(of_files)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOTTY, "Inappropriate ioctl for device"), "“Inappropriate ioctl for device”"),
        (OSError("Negative seek in forward mode."), "“Negative seek in forward mode”"),
        (OSError(), "“OSError”"),
        (TimeoutError(), "no answer came in time"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "there is no host of that name"),
        (socket.gaierror(socket.EAI_FAMILY, "ai_family not supported"), "“ai_family not supported”"),
    ],
)
def test_the_rest_is_quoted(error: OSError, said: str) -> None:
    assert reasons.of_system(error) == said


def test_quotes_are_those_of_the_language() -> None:
    assert i18n.phrased("zh_Hant", reasons.quoted("Odd.")) == "「Odd」"


def test_the_reason_is_said_in_the_language_of_the_sentence(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "x"
    with pytest.raises(failures.FileNotWritten) as caught, files.explained(path):
        path.write_text("")
    assert i18n.say("zh_Hans", caught.value) == f"无法写入 {path}：没有此文件或文件夹。"


@contextlib.contextmanager
def _listener(answer: bytes) -> Iterator[int]:
    """Yield a port where whatever is asked gets this answer and the connection ends."""

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                with connection:
                    connection.recv(1_024)
                    connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


async def _refused(url: str) -> str:
    """Return why a connection could not be made."""
    with pytest.raises(guards.DatabaseUnreachable) as caught:
        async with guards.connected(url):
            pass
    assert _is_ours(caught.value.reason), caught.value.reason
    return caught.value.reason


async def test_where_no_postgresql_answers() -> None:
    assert await _refused("postgresql://x@127.0.0.1:9/x") == "nothing listens there"
    assert await _refused("postgresql://x@nowhere.invalid/x") == "there is no host of that name"
    assert await _refused("postgresql://x@/x?host=/nowhere") == "nothing listens there"
    with _listener(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert await _refused(f"postgresql://x@127.0.0.1:{port}/x") == "what answers is no PostgreSQL"
    with _listener(b"") as port:
        url = f"postgresql://x@127.0.0.1:{port}/x?sslmode=disable"
        assert await _refused(url) == "the connection was broken off"
    with _listener(b"N") as port:
        url = f"postgresql://x@127.0.0.1:{port}/x?sslmode=require"
        assert await _refused(url) == "it cannot encrypt the connection, as the URL wants"


async def test_whom_postgresql_does_not_let_in(server_urls: dict[str, str]) -> None:
    url = server_urls["postgres"].replace("__database__", "postgres")

    def changed(**parts: str) -> str:
        return conninfo.make_conninfo(url, **parts)

    assert await _refused(changed(dbname="nothing_like_it")) == "it has no database of that name"
    assert await _refused(changed(user="nobody_like_it", password="x")) in {
        "it does not let this user in",
        "the password is wrong",
    }
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CREATE ROLE jiedan_crowd LOGIN CONNECTION LIMIT 0 PASSWORD 'crowd'")
        try:
            assert await _refused(changed(user="jiedan_crowd", password="crowd")) == "it has no connection to spare"
            admin.execute("ALTER ROLE jiedan_crowd NOLOGIN")
            assert await _refused(changed(user="jiedan_crowd", password="crowd")) == "it does not let this user in"
        finally:
            admin.execute("DROP ROLE jiedan_crowd")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ('FATAL:  password authentication failed for user "x"', "the password is wrong"),
        ("fe_sendauth: no password supplied", "the password is missing"),
        ("FATAL:  sorry, too many clients already", "it has no connection to spare"),
        ("FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
         "it has no connection to spare"),
        ("FATAL:  the database system is starting up", "it is starting, stopping or recovering"),
        ("FATAL:  the database system is not yet accepting connections", "it is starting, stopping or recovering"),
        ('FATAL:  no pg_hba.conf entry for host "h", user "u", database "d", no encryption',
         "it does not let this user in unencrypted"),
        ('FATAL:  no pg_hba.conf entry for host "h", user "u", database "d", SSL encryption',
         "it does not let this user in"),
        ("SSL error: certificate verify failed", "its certificate is not trusted"),
        (
            'server certificate for "a" does not match host name "b"',
            "its certificate is for another host",
        ),
        ("connection timeout expired", "no answer came in time"),
        ("FATAL:  eine unbekannte Zeile", "“FATAL:  eine unbekannte Zeile”"),
    ],
)  # fmt: skip
def test_the_words_of_libpq(said: str, reason: str) -> None:
    assert reasons.of_database(psycopg.OperationalError(f"{said}\nmore")) == reason


def test_a_session_is_asked_for_its_sqlstate() -> None:
    assert reasons.of_database(psycopg.errors.TooManyConnections("zu viele")) == "it has no connection to spare"
    denied = psycopg.errors.InsufficientPrivilege("permission denied for table sku")
    assert reasons.of_database(denied) == "“permission denied for table sku”"
