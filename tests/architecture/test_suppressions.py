"""Each comment that silences a checker says why."""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.architecture import tree

SILENCING = re.compile(r"#\s*(?:noqa(?::\s*[A-Z]+[0-9]+(?:[,\s]\s*[A-Z]+[0-9]+)*)?|type:\s*ignore(?:\[[\w\s,-]*\])?)")
REASON = re.compile(r"\w.*\w")


def _mute(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line, comment) of the comments that silence and say nothing else."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT or not SILENCING.match(token.string):
            continue
        if not REASON.search(SILENCING.sub("", token.string)):
            yield token.start[0], token.string


def _of_file(path: Path) -> Iterator[str]:
    for line, comment in _mute(path.read_text(encoding="utf-8")):
        yield f"{path.relative_to(tree.ROOT)}:{line}: {comment}"


def test_what_is_silenced_says_why() -> None:
    mute = [told for path in tree.python_files("src", "tests", "tools", "benchmarks") for told in _of_file(path)]
    assert not mute, "\n".join(["Say why behind it, like `# noqa: S607 - git is git`.", *mute])


def test_silence_is_recognized() -> None:
    bare = ["x = 1  # noqa: S608", "x = 1  # noqa", "x = 1  # type: ignore[misc, index]", "x = 1  # noqa: A1, B22"]
    told = [
        "x = 1  # noqa: S608 - ours",
        "x = 1  # type: ignore[misc]  # bound per turn",
        "x = 1  # why",
        'x = "# noqa"',
    ]
    assert [line for line in [*bare, *told] if list(_mute(line))] == bare
