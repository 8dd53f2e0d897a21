"""Where messages of PostgreSQL's protocol end, and which of them commits: whole, in pieces, in every protocol."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedan.torture import wire


def message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def query(text: str) -> bytes:
    return message(b"Q", text.encode() + b"\0")


def parse(name: str, text: str) -> bytes:
    return message(b"P", name.encode() + b"\0" + text.encode() + b"\0\0\0")


def bind(name: str) -> bytes:
    return message(b"B", b"\0" + name.encode() + b"\0" + b"\0" * 6)


EXECUTE, SYNC, FLUSH = message(b"E", b"\0" * 5), message(b"S", b""), message(b"H", b"")


def commits(*messages: bytes) -> list[bool]:
    """Return for each message whether a commit is whole with it."""
    follower = wire.Commits()
    return [follower.ends(frame) for frame in wire.Frames().feed(b"".join(messages))]


@given(st.lists(st.tuples(st.sampled_from([b"Q", b"D", b"Z"]), st.binary(max_size=30)), max_size=6), st.data())
def test_messages_are_the_same_however_they_arrive(sent: list[tuple[bytes, bytes]], data: st.DataObject) -> None:
    whole = b"".join(message(kind, body) for kind, body in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    frames = wire.Frames()
    found = [
        f for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True) for f in frames.feed(whole[start:end])
    ]
    assert [(frame.kind, frame.body) for frame in found] == sent
    assert b"".join(frame.raw for frame in found) == whole


def test_what_is_no_message_is_refused() -> None:
    with pytest.raises(wire.BrokenFrame):
        wire.Frames().feed(b"Q" + struct.pack("!I", 2))
    with pytest.raises(wire.BrokenFrame):
        wire.startup_code(struct.pack("!II", 7, 196_608))


@pytest.mark.parametrize("text", ["COMMIT", "commit;", " END ", "BEGIN; NOTIFY x; COMMIT", "COMMIT AND CHAIN"])
def test_a_simple_query_commits_by_itself(text: str) -> None:
    assert commits(query(text)) == [True]


@pytest.mark.parametrize("text", ["BEGIN", "SELECT 'COMMIT'", "COMMIT PREPARED 'x'", "ROLLBACK", "", "COMMIT; BEGIN"])
def test_other_queries_do_not(text: str) -> None:
    assert commits(query(text)) == [False]


def test_a_pipeline_commits_when_its_sync_has_come() -> None:
    sent = [parse("s1", "INSERT"), bind("s1"), EXECUTE, parse("", "COMMIT"), bind(""), EXECUTE, FLUSH, SYNC, SYNC]
    assert commits(*sent) == [False] * 7 + [True, False]


def test_a_commit_that_was_prepared_before_is_known_by_its_name() -> None:
    assert commits(parse("c", "COMMIT"), SYNC, bind("c"), EXECUTE, SYNC) == [False, False, False, False, True]
    assert commits(parse("c", "COMMIT"), parse("c", "SELECT 1"), bind("c"), EXECUTE, SYNC)[-1] is False
