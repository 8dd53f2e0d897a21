"""Every event stands in `wiring`, with its handlers or with none; events carry no behavior."""

import ast
import importlib

from jiedan import wiring
from jiedan.base import events
from tests.architecture import tree


def _event_classes() -> list[type[events.Event]]:
    found = []
    for source in tree.sources():
        if source.kind != "events" or source.package not in tree.modules():
            continue
        module = importlib.import_module(".".join(["jiedan", *(p for p in source.parts if p != "__init__")]))
        found += [
            declared
            for declared in vars(module).values()
            if isinstance(declared, type)
            and issubclass(declared, events.Event)
            and declared.__module__ == module.__name__
            and "kind" in vars(declared)
        ]
    return found


def test_every_event_stands_in_the_subscriptions() -> None:
    missing = [
        f"{event.__module__}.{event.__name__}" for event in _event_classes() if event.kind not in wiring.SUBSCRIPTIONS
    ]
    assert not missing, "\n".join(["Name the handlers in wiring.SUBSCRIPTIONS, or () for none.", *missing])


def test_event_kinds_are_unique_and_named_after_their_module() -> None:
    kinds = [(event.kind, event.__module__) for event in _event_classes()]
    assert len({kind for kind, _ in kinds}) == len(kinds), sorted(kinds)
    strays = [kind for kind, module in kinds if kind.split(".")[0] != module.split(".")[1]]
    assert not strays, strays


def test_events_have_no_behavior() -> None:
    active = [
        f"{source.where}:{node.lineno}"
        for source in tree.sources()
        if source.kind == "events" and source.package in tree.modules()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert not active, active
