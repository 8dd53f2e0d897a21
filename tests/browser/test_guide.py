"""What the components of the style guide look like, compared with what was kept when somebody last looked at them.

Pictures differ from machine to machine with its fonts; what our sheets say does not. So what is kept, in `guide.json`,
are colors, borders, spaces and sizes of type as the browser computes them for each component of `/_ui`, light and dark,
on a desk and on a phone. After a change that is meant, look at `/_ui`, then write it anew:

    KEEP_GUIDE=1 python -m pytest tests/browser/test_guide.py
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from jiedan.base.db import Database, Scope
from jiedan.base.web import guide
from tests.browser import chromium
from tests.browser.chromium import Stage

pytestmark = [pytest.mark.browser, chromium.needs_chromium]

KEPT = Path(__file__).with_name("guide.json")
KEEP = "KEEP_GUIDE"
"""Environment variable: set, what is drawn is kept instead of compared."""

LOOKS = [(width, theme) for width in (chromium.DESK_WIDTH, chromium.PHONE_WIDTH) for theme in ("light", "dark")]

SHADE_MAX = 2
"""Of 255: so much a channel of a color may differ, since a built sheet says it in other words than its source."""

DRAWN = """() => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
    const shade = text => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = text;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const size = text => text.replace(/[0-9.]+(?=px)/g, x => String(Math.round(x * 10) / 10));
    const found = {};
    for (const each of document.querySelectorAll('main [class]')) {
        if (each.closest('svg, jd-chart, jd-map')) continue;
        const name = each.localName + '.' + [...each.classList].sort().join('.');
        if (name in found) continue;
        const style = getComputedStyle(each);
        found[name] = {
            color: shade(style.color), ground: shade(style.backgroundColor),
            border: [style.borderTopWidth, style.borderLeftWidth, style.borderTopStyle].map(size).join(' '),
            line: style.borderTopWidth === '0px' ? null : shade(style.borderTopColor),
            radius: size(style.borderTopLeftRadius), padding: size(style.padding), gap: size(style.gap),
            font: [size(style.fontSize), style.fontWeight].join(' '), display: style.display,
            least: size(style.minHeight), position: style.position,
        };
    }
    return found;
}"""


async def test_components_look_as_they_did(stage: Stage, db: Database, scope: Scope) -> None:
    drawn = {f"{width} {theme}": await _drawn(stage, scope, width, theme) for width, theme in LOOKS}
    if os.environ.get(KEEP):
        KEPT.write_text(_written(drawn), encoding="utf-8")
    kept = _unfolded(json.loads(KEPT.read_text(encoding="utf-8")))
    found = [
        f"{name} ({look}): {said}"
        for look, components in drawn.items()
        for name in sorted({*components, *kept[look]})
        for said in _differences(kept[look].get(name), components.get(name))
    ]
    assert found == [], "\n".join([*found, __doc__ or ""])


async def _drawn(stage: Stage, scope: Scope, width: int, theme: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    async with stage.screen(scope, width=width, theme=theme) as screen:
        for address in guide.ADDRESSES:
            page = await screen.visit(address)
            found = {**await page.evaluate(DRAWN), **found}
            await page.close()
    return found


def _differences(kept: dict[str, Any] | None, drawn: dict[str, Any] | None) -> list[str]:
    if kept is None or drawn is None:
        return ["is new" if kept is None else "is gone"]
    return [f"{key} is {drawn[key]}, was {kept[key]}" for key in drawn if not _is_same(kept[key], drawn[key])]


def _is_same(one: object, other: object) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return all(abs(a - b) <= SHADE_MAX for a, b in zip(one, other, strict=True))
    return one == other


def _written(drawn: dict[str, Any]) -> str:
    """Return it as JSON, a line for each component: all of the first look, of the others what is not as there."""
    first, looks = next(iter(drawn.values())), []
    for look, components in drawn.items():
        told = {
            name: {key: value for key, value in said.items() if said is first.get(name) or value != first[name][key]}
            for name, said in sorted(components.items())
        }
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(said)}" for name, said in told.items() if said)
        looks.append(f"{json.dumps(look)}: {{\n{lines}\n}}")
    return "{" + ",\n".join(looks) + "}\n"


def _unfolded(kept: dict[str, Any]) -> dict[str, Any]:
    first = next(iter(kept.values()))
    return {
        look: {name: {**said, **components.get(name, {})} for name, said in first.items()}
        for look, components in kept.items()
    }
