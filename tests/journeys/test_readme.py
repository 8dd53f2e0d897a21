"""The README's path: its commands, run as they stand there, against a really started Jiedan on a home of its own."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest

from tests.patience import PATIENCE_S, eventually

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")

HERE = "http://localhost:8000"
ACTIVATE = ". .venv/bin/activate"

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="the README's commands need curl")


def script(heading: str) -> str:
    """Return the first block of shell under a heading of the README."""
    _, _, section = README.partition(f"\n## {heading}\n")
    (block, *_) = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    return str(block)


def free_ports() -> tuple[int, int]:
    """Return two that are free at the same time, so that they are not the same."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


class Installation(NamedTuple):
    """A running `jiedan serve --demo`: where it answers, and what commands need to find it."""

    url: str
    environment: dict[str, str]

    def run(self, commands: str) -> list[str]:
        """Run shell commands of the README and return the lines they print.

        Only what differs between a reader's machine and this one is another: the port, and the way to the programs.
        """
        commands = commands.replace(HERE, self.url).replace(ACTIVATE, ":")
        done = subprocess.run(
            ["/bin/bash", "-euc", commands],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            check=False,
            text=True,
            timeout=PATIENCE_S,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()


def waited_for(port: int) -> None:
    """Wait until something listens on a port."""
    eventually(lambda: listens(port), f"nothing listens on {port}")


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """Start what `make run` starts, on a home and on ports of its own, and stop it at the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JIEDAN_", "LC_", "LANG"))}
    port, sandbox_port = free_ports()
    programs = Path(sys.executable).parent
    with tempfile.TemporaryDirectory(prefix="jiedan-readme-") as folder:
        Path(folder).chmod(0o711)  # as root the database runs as a system user, who must get in
        environment = {
            **kept,
            "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "PYTHONPATH": str(ROOT / "src"),
            "JIEDAN_HOME": f"{folder}/home",
            "JIEDAN_PORT": str(port),
            "JIEDAN_SANDBOX_PORT": str(sandbox_port),
            "JIEDAN_PROCESSES": "1",
            "JIEDAN_DEMO_ORDERS": "0",
        }
        with Path(folder, "said").open("w+") as said:
            serving = subprocess.Popen(
                [programs / "jiedan", "serve", "--demo", "--json"],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )
            try:
                assert serving.stdout is not None
                line = serving.stdout.readline()
                assert line, Path(said.name).read_text(encoding="utf-8")
                waited_for(sandbox_port)
                yield Installation(json.loads(line)["url"], environment)
            finally:
                serving.terminate()
                serving.communicate(timeout=PATIENCE_S)


def test_the_first_order_goes_as_the_readme_says(installation: Installation) -> None:
    commands = script("The first order")
    # "Sending the same order with the same key again answers with the same order."
    placing = commands[commands.index("PLACED=") : commands.index("api " + HERE + "/api/v1/orders/$ORDER/decisions")]
    placed, decisions, payment, cancellation, books, repeated = installation.run(f"{commands}\n{placing}")

    order = json.loads(placed)
    assert order["number"].startswith("SO-")
    assert json.loads(repeated)["order_id"] == order["order_id"]
    assert "BJ-1" in decisions, "the store of Beijing is the nearest that has everything"
    assert json.loads(payment)["captured_minor"] == order["total_minor"] > 0
    assert {line["line"]: line["canceled"] for line in json.loads(cancellation)["lines"]} == {1: 0, 2: 1}
    assert books.startswith("The books balance: ")

    # "The interactive reference is at …, the console at …"
    links = re.findall(r"<(http://localhost:8000/[^>]*)>", README.partition("## The first order")[2])
    assert len(links) == 2
    with httpx2.Client(follow_redirects=True, headers={"accept": "text/html"}, timeout=PATIENCE_S) as browser:
        for link in links:
            assert browser.get(link.replace(HERE, installation.url)).status_code == 200


def test_the_other_commands_are_understood(installation: Installation, tmp_path: Path) -> None:
    commands = script("Many merchants, another database, production")
    assert commands.count("products.csv") == 1
    file = tmp_path / "products.csv"
    file.write_text("sku,name,price\nTEA-1,Tea,12.50\n", encoding="utf-8")
    said = "\n".join(installation.run(commands.replace("products.csv", str(file))))
    assert "Merchant tea-house was created" in said
    assert "Tried 1 rows: 1 would be created" in said
    assert "JIEDAN_DATABASE_URL" in said
