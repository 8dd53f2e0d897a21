"""How a mail looks: one form for all of them, as HTML that mail programs take and as plain text.

Mail programs read no stylesheets, and half of them no `<style>`, so the classes of the template become `style`
attributes here. Everything that fills the template is escaped before, so nobody's words are taken for a class.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import jinja2

from jiedan.base import i18n
from jiedan.notifications.values import Block, Button, Code, Content, Envelope, Facts, Goods, Paragraph

_FONT = (
    "font-family:-apple-system,'Segoe UI','PingFang SC','PingFang TC','Microsoft YaHei','Noto Sans CJK SC',sans-serif"
)

STYLES: Mapping[str, str] = {
    "body": f"margin:0;padding:0;background:#f4f4f2;color:#1c1c1a;{_FONT}",
    "outer": "background:#f4f4f2",
    "gap": "padding:24px 12px",
    "card": "max-width:600px;background:#ffffff;border:1px solid #e3e3df;border-radius:10px",
    "brand": f"padding:20px 28px 0;font-size:14px;font-weight:600;color:#5d5d58;{_FONT}",
    "inner": f"padding:8px 28px 20px;{_FONT}",
    "heading": "margin:8px 0 14px;font-size:22px;line-height:1.3;color:#1c1c1a",
    "text": "margin:0 0 14px;font-size:15px;line-height:1.6;color:#1c1c1a",
    "small": "margin:0 0 14px;font-size:12px;line-height:1.5;color:#5d5d58;word-break:break-all",
    "facts": "margin:0 0 16px;font-size:15px;line-height:1.6",
    "label": "padding:3px 12px 3px 0;color:#5d5d58;white-space:nowrap;vertical-align:top",
    "value": "padding:3px 0;width:100%;color:#1c1c1a;word-break:break-word",
    "goods": "margin:0 0 16px;font-size:15px;line-height:1.5;border-collapse:collapse",
    "cell": "padding:8px 0;border-top:1px solid #e3e3df;width:100%;word-break:break-word",
    "count": "padding:8px 0 8px 12px;border-top:1px solid #e3e3df;color:#5d5d58;white-space:nowrap",
    "amount": "padding:8px 0 8px 16px;border-top:1px solid #e3e3df;white-space:nowrap",
    "sum": "padding:10px 0 0 0;border-top:1px solid #1c1c1a;font-weight:600;white-space:nowrap",
    "button": "display:inline-block;padding:11px 20px;border-radius:8px;background:#0f5f4a;color:#ffffff;"
    "text-decoration:none;font-weight:600",
    "code": "margin:0 0 16px;padding:14px 16px;border-radius:8px;background:#f4f4f2;text-align:center;"
    "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:26px;letter-spacing:4px",
    "foot": f"padding:14px 28px 20px;border-top:1px solid #e3e3df;font-size:12px;color:#5d5d58;{_FONT}",
}

_CLASS = re.compile(r' class="([a-z]+)"')

_KINDS: Mapping[type[Block], str] = {
    Paragraph: "paragraph",
    Facts: "facts",
    Goods: "goods",
    Button: "button",
    Code: "code",
}


class Shown(NamedTuple):
    """A block with the name of its kind, for templates."""

    kind: str
    of: Block


def blocks(content: Content) -> list[Shown]:
    """Return the blocks of a mail with the names of their kinds."""
    return [Shown(_KINDS[type(block)], block) for block in content.blocks]


def html(envelope: Envelope) -> str:
    """Return a mail as HTML."""
    content = envelope.content
    text = _template().render(
        lang=i18n.LANG_BY_LOCALE[envelope.locale],
        merchant=envelope.from_name,
        content={"subject": content.subject, "heading": content.heading, "blocks": blocks(content)},
    )
    return _CLASS.sub(lambda found: f' style="{STYLES[found[1]].replace(chr(34), chr(39))}"', text)


def text(envelope: Envelope) -> str:
    """Return a mail as plain text."""
    content = envelope.content
    parts = [content.heading, *("\n".join(_lines(block)) for block in content.blocks), f"-- \n{envelope.from_name}"]
    return "\n\n".join(parts) + "\n"


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Paragraph():
            yield block.text
        case Facts():
            yield from (f"{label}: {value}" for label, value in block.pairs)
        case Goods():
            yield from (f"{count} × {name}" + (f"  {amount}" if amount else "") for name, count, amount in block.lines)
            yield from (f"{label}: {amount}" for label, amount in block.sums)
        case Button():
            yield f"{block.label}:"
            yield block.address
        case Code():
            yield f"    {block.text}"


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("jiedan.notifications", "templates/notifications"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    return environment.get_template("mail.html")
