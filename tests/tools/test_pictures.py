"""The tool that takes pictures says what is wrong before it opens a browser, and makes no home."""

from pathlib import Path

import pytest

from jiedan.base.failures import EXIT_USAGE

pictures = pytest.importorskip("tools.pictures", reason="it takes a browser", exc_type=ImportError)

ADDRESS = "http://localhost:8000"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "usage: "),
        ([ADDRESS], "usage: "),
        ([ADDRESS, "secret", "shop", "nothing"], "there is no picture nothing: take some of orders, order,"),
        ([ADDRESS, "secret"], "is not the home of the demo"),
    ],
)
def test_what_is_wrong_is_said_at_once(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setenv("JIEDAN_HOME", str(elsewhere))
    monkeypatch.delenv("JIEDAN_SECRET", raising=False)
    assert pictures.main(arguments) == EXIT_USAGE
    assert said in capsys.readouterr().err
    assert not elsewhere.exists()
