"""Files inside a module: known kinds, in order; names that say what is in them."""

import ast
import re

from tests.architecture import tree

ADAPTERS = {
    "bulk": {"doors", "run"},
    "carriers": None,
    "catalog": {"storage"},
    "channels": None,
    "demo": None,
    "exports": {"run", "sending", "sheets"},
    "imports": {"cells", "mapping", "opening", "presets", "reader", "refused", "run", "targets", "workbook"},
    "notifications": {"mails", "notices", "post"},
    "payments": {"providers"},
    "privacy": {"run"},
    "replays": {"run"},
    "torture": None,
}
"""Folders of adapters behind a protocol, by module; None where the whole module is made of them."""

VAGUE = re.compile(r"^(utils?|helpers?|common|misc|managers?|base_.*|.*_(utils?|helpers?|managers?))$")

RANK = {kind: rank for rank, layer in enumerate(reversed(tree.KIND_ORDER)) for kind in layer}

IMPURE = frozenset({
    "asyncio",
    "httpx2",
    "jiedan.base.clock",
    "jiedan.base.db",
    "jiedan.base.settings",
    "litestar",
    "os",
    "procrastinate",
    "psycopg",
    "random",
    "secrets",
    "sqlalchemy",
    "time",
})  # fmt: skip


def _is_known(source: tree.SourceFile) -> bool:
    if source.kind in tree.KINDS or source.kind == "__init__":
        return True
    adapters = ADAPTERS.get(source.package, set())
    return adapters is None or source.kind in adapters


def test_a_module_has_only_known_kinds_of_files() -> None:
    unknown = [s.where for s in tree.sources() if s.package in tree.modules() and not _is_known(s)]
    assert not unknown, "\n".join(["Known kinds: " + ", ".join(sorted(tree.KINDS)), *unknown])


def test_every_module_says_what_it_owns() -> None:
    silent = [
        source.where
        for source in tree.sources()
        if source.package in tree.modules()
        and source.parts[1:] == ("__init__",)
        and not (ast.get_docstring(source.tree) or "").strip()
    ]
    assert not silent, silent


def test_the_root_holds_only_the_composition_root() -> None:
    strangers = [s.where for s in tree.sources() if not s.package and s.parts[0] not in tree.ROOT_FILES]
    assert not strangers, strangers


def test_kinds_import_downwards() -> None:
    broken = []
    for source in tree.sources():
        if source.package not in tree.modules() or source.kind not in RANK:
            continue
        for imported in source.imports():
            package, kind = tree.owner_of(imported.target)
            if package != source.package or kind == source.kind or kind not in RANK:
                continue
            if RANK[kind] >= RANK[source.kind]:
                broken.append(f"{source.where}:{imported.line}: {source.kind} imports {kind} ({imported.target})")
    assert not broken, "\n".join(broken)


def test_names_say_what_is_inside() -> None:
    vague = [
        path.relative_to(tree.ROOT).as_posix()
        for path in tree.python_files("src", "tests", "tools", "benchmarks")
        if any(VAGUE.match(part) for part in path.relative_to(tree.ROOT).with_suffix("").parts)
    ]
    assert not vague, vague


def test_rules_are_pure() -> None:
    broken = []
    for source in tree.sources():
        if source.kind not in {"rules", "values"} or source.package not in tree.modules():
            continue
        broken += [
            f"{source.where}:{node.lineno} is async"
            for node in ast.walk(source.tree)
            if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith)
        ]
        broken += [
            f"{source.where}:{imported.line} imports {imported.target}"
            for imported in source.imports()
            if any(f"{imported.target}.".startswith(f"{name}.") for name in IMPURE)
        ]
    assert not broken, "\n".join(broken)
