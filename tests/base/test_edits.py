"""Who was faster, and in what, is said in the reader's language."""

from jiedan.base import edits, i18n
from jiedan.base.edits import Edit
from jiedan.base.events import Actor

MIN, LEI = Actor("staff", "1"), Actor("staff", "2")
NAMES = {MIN: "Wang Min", LEI: "Li Lei"}


def test_only_edits_that_made_it_newer_are_told() -> None:
    made = [Edit.of(MIN, {"version": version, "fields": [field]}) for version, field in ((3, "name"), (2, "phone"))]
    assert edits.since(made, 2) == made[:1]
    assert edits.since(made, 1) == made


def test_a_stale_edit_names_every_editor_and_field_once() -> None:
    made = [
        Edit.of(MIN, {"version": 4, "fields": ["phone", "weight_g"]}),
        Edit.of(LEI, {"version": 3, "changed": ["phone"]}),
        Edit.of(MIN, {"version": 2, "fields": ["name"]}),
    ]
    refusal = edits.stale(1, 4, made, NAMES)
    assert (refusal.expected, refusal.current) == (1, 4)
    assert refusal.data()["changed_by"] == "Li Lei, Wang Min"
    assert refusal.data()["changed"] == "name, phone, weight_g"
    assert "Li Lei、Wang Min" in i18n.say("zh_Hans", refusal)


def test_an_edit_that_nobody_remembers_was_somebodys() -> None:
    refusal = edits.stale(1, 2, [], {})
    assert str(refusal).startswith("Somebody changed this meanwhile: something.")
