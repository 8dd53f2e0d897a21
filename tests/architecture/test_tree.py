"""What may not stand anywhere in the repository, and what has to."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture import tree

# Written in pieces, so that this file does not contain what it looks for.
FOREIGN = re.compile(
    "|".join([
        r"https?://[\w.-]*" + r"pythonhosted\.org",
        r"https?://(?:www\.)?" + r"pypi\.org/simple",
        r"registry\." + r"npmjs\.org",
        r"https?://[\w.-]*deb" + r"\.debian\.org",
        r"--(?:extra-)?index" + r"-url",
        r"--find" + r"-links",
        r"\"resolved\":\s*\"https?" + r":",
        r"/wo" + r"rk/",
        r"/opt/(?:py" + r"pi|wheels)",
        r"/(?:ho" + r"me|Users)/[a-z][\w-]*/",
        r"/t" + r"mp/[a-z]",
    ])
)  # fmt: skip

TEXT = frozenset({
    "", ".cfg", ".css", ".csv", ".html", ".in", ".ini", ".js", ".json", ".lock", ".mako", ".md", ".po", ".py", ".sh",
    ".sql", ".svg", ".toml", ".txt", ".yaml", ".yml",
})  # fmt: skip


def _text_files() -> list[Path]:
    return [path for path in tree.repository_files() if path.suffix in TEXT]


def test_no_registry_hosts_and_no_machine_paths() -> None:
    found = [
        f"{path.relative_to(tree.ROOT)}:{number}: {match[0]}"
        for path in _text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if (match := FOREIGN.search(line))
    ]
    assert not found, "\n".join(["These belong to one machine, not to the repository.", *found])


def _paths_in(text: str) -> set[str]:
    """Return what looks like a path between backticks or in a Markdown link."""
    spans = re.findall(r"`([^`\s]+)`", text) + re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    return {s for s in spans if re.fullmatch(r"[\w./-]+", s) and ("/" in s or re.search(r"\w\.(py|md|sql|toml)$", s))}


def _exists(name: str, document: Path) -> bool:
    if "/" not in name:
        kinds = {f"{kind}.py" for kind in tree.KINDS}
        return name in kinds or any(path.name == name for path in tree.repository_files())
    return any((base / name).exists() for base in (document.parent, tree.ROOT, tree.PACKAGE))


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_path_a_newcomer_reads_exists(name: str) -> None:
    document = tree.ROOT / name
    missing = [p for p in sorted(_paths_in(document.read_text(encoding="utf-8"))) if not _exists(p, document)]
    assert not missing, missing


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{document.relative_to(tree.ROOT)} → {target}"
        for document in tree.repository_files()
        if document.suffix == ".md"
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:") and not (document.parent / target).exists()
    ]
    assert not broken, "\n".join(broken)


def test_decisions_are_numbered_without_gaps_and_have_their_four_parts() -> None:
    decisions = sorted((tree.ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert [int(p.name[:4]) for p in decisions] == list(range(1, len(decisions) + 1))
    for decision in decisions:
        headings = re.findall(r"^## (.+)$", decision.read_text(encoding="utf-8"), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences", "What was tried"], decision.name


def test_the_map_names_every_module_in_the_order_of_the_layers() -> None:
    config = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (order,) = (c for c in config["tool"]["importlinter"]["contracts"] if c["id"] == "modules")
    layers = [re.findall(r"\w+", layer) for layer in order["layers"]]
    there = {*tree.modules(), "base", *(face for face in tree.FACES if (tree.PACKAGE / face).is_dir())}
    wanted = [sorted(there.intersection(layer)) for layer in layers[1:]]
    table = (tree.ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("## The shape")[0]
    rows = [re.findall(r"`(\w+)`", row.split("|")[1]) for row in table.splitlines() if row.startswith("| `")]
    assert [sorted(row) for row in rows[1:]] == [layer for layer in wanted if layer]
