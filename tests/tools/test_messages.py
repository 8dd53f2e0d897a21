"""The catalogs: merged without losing a translation, refused while one is missing."""

from pathlib import Path

import pytest

from tools import messages

SOURCE = """
from jiedan.base.i18n import N_, gettext, ngettext

message = N_("Only {available} are left of " "{sku}.")
remedy = N_("Order fewer.")
text = ngettext(locale, "{count} order", "{count} orders", 2)
said = gettext(locale, "Said.")
"""
TEMPLATE = """
<h1>{{ _("Orders") }}</h1>
<p>{% trans %}Nothing here.{% endtrans %} {{ ngettext("{count} line", "{count} lines", 2) }}</p>
<p>{{ ngettext("%(num)s parcel, last %(day)s", "%(num)s parcels, last %(day)s", 2, day=day) }}</p>
<p>{{ _("By %(name)s", name=name) }}</p>
<p>{% trans count=2, at=at %}{{ count }} row at {{ at }}{% pluralize %}{{ count }} rows at {{ at }}{% endtrans %}</p>
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a package of one module and one template, as the tool sees it."""
    package = tmp_path / "src" / "jiedan"
    (package / "orders" / "templates" / "orders").mkdir(parents=True)
    (package / "orders" / "errors.py").write_text(SOURCE, encoding="utf-8")
    (package / "orders" / "templates" / "orders" / "list.html").write_text(TEMPLATE, encoding="utf-8")
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "PACKAGE", package)
    return package


def _translate(old: str, new: str) -> None:
    path = messages.po_file("zh_Hans")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.usefixtures("package")
def test_every_marked_message_is_found() -> None:
    assert set(messages.extracted()) == {
        "Only {available} are left of {sku}.",
        "Order fewer.",
        ("{count} order", "{count} orders"),
        ("{count} line", "{count} lines"),
        "Said.",
        "Orders",
        "Nothing here.",
        ("%(num)s parcel, last %(day)s", "%(num)s parcels, last %(day)s"),
        "By %(name)s",
        ("%(count)s row at %(at)s", "%(count)s rows at %(at)s"),
    }


@pytest.mark.usefixtures("package")
def test_update_keeps_what_is_translated_and_sets_aside_what_is_gone() -> None:
    wanted = messages.extracted()
    assert messages.update("zh_Hans", wanted) == 10
    _translate('msgid "Orders"\nmsgstr ""', 'msgid "Orders"\nmsgstr "订单"')
    assert messages.update("zh_Hans", wanted) == 9
    first = messages.po_file("zh_Hans").read_bytes()
    messages.update("zh_Hans", wanted)
    assert messages.po_file("zh_Hans").read_bytes() == first
    messages.update("zh_Hans", {"Order fewer.": ""})
    assert '#~ msgstr "订单"' in messages.po_file("zh_Hans").read_text(encoding="utf-8")
    assert messages.update("zh_Hans", wanted) == 9
    assert messages.po_file("zh_Hans").read_bytes() == first
    messages.update("zh_Hans", {"Order fewer.": ""}, keeps_obsolete=False)
    assert "订单" not in messages.po_file("zh_Hans").read_text(encoding="utf-8")


COMMANDS = '''
@app.command(name="list")
async def list_(slug: str) -> None:
    """List the
    keys.

    Secrets are not shown.

    Parameters
    ----------
    slug
        The merchant,
        by its slug.

    """

async def serve(port: int) -> None:
    """Serve, which the line that lists it says.

    Parameters
    ----------
    port
        Where to listen.

    """

def _drawn() -> None:
    """Draw what nobody asks for help with."""
'''


def test_the_command_line_is_extracted_from_its_docstrings(package: Path) -> None:
    (package / "cli").mkdir()
    (package / "cli" / "keys.py").write_text(COMMANDS, encoding="utf-8")
    explained = {"List the keys.", "Secrets are not shown.", "The merchant, by its slug.", "Where to listen."}
    assert {identity for identity, place in messages.extracted().items() if "cli" in place} == explained


@pytest.mark.usefixtures("package")
def test_check_names_each_problem() -> None:
    wanted = messages.extracted()
    assert any("missing: 'Orders'" in p for p in messages.problems("zh_Hans", wanted))
    messages.update("zh_Hans", {**wanted, "Gone": ""})
    _translate('msgid "Orders"\nmsgstr ""', 'msgid "Orders"\nmsgstr "Orders"')
    _translate('{sku}."\nmsgstr ""', '{sku}."\nmsgstr "只剩 {left} 件。"')
    _translate('msgid "Order fewer."\n', '#, fuzzy\nmsgid "Order fewer."\n')
    found = "\n".join(messages.problems("zh_Hans", wanted))
    assert "still English: 'Orders'" in found
    assert "placeholders differ: 'Only {available} are left of {sku}.'" in found
    assert "fuzzy: 'Order fewer.'" in found
    assert "not translated: 'Nothing here.'" in found
    assert "nothing says 'Gone' any more" in found


@pytest.mark.usefixtures("package")
def test_a_plural_may_leave_out_the_number_only_where_the_singular_does() -> None:
    wanted = messages.extracted()
    messages.update("zh_Hans", wanted)
    _translate('msgstr[0] ""', 'msgstr[0] "{count} 张订单"')
    assert not [p for p in messages.problems("zh_Hans", wanted) if "{count} order" in p]
