"""The catalogs say everything the source says, in the writing of their readers."""

import re
import string

import pytest

from jiedan import app
from jiedan.base import errors, i18n
from tools import messages

HAN = re.compile(r"[\u3400-\u9fff]")

SIMPLIFIED_AND_TRADITIONAL = (
    "请請单單数數码碼订訂库庫没沒编編无無该該录錄据據时時设設过過户戶导導写寫号號内內间間权權价價类類将將并並额額创創"
    "这這选選货貨务務钥鑰标標币幣动動装裝检檢处處启啟区區链鏈种種项項销銷记記预預试試当當认認调調从從称稱须須规規"
    "进進换換应應图圖盘盤择擇国國张張确確页頁邮郵点點运運组組条條属屬与與账賬两兩税稅读讀删刪续續电電挂掛键鍵"
    "开開长長网網员員连連节節参參备備响響识識减減显顯异異语語变變拨撥视視体體签籤范範围圍级級继繼辑輯绝絕状狀态態"
)
"""Characters whose two writings differ wherever they stand, in pairs."""

SIMPLIFIED = frozenset(SIMPLIFIED_AND_TRADITIONAL[0::2])
TRADITIONAL = frozenset(SIMPLIFIED_AND_TRADITIONAL[1::2])

MAINLAND_WORDS = (
    "用戶",
    "數據庫",
    "郵箱",
    "許可權",
    "賬",
    "鏈接",
    "默認",
    "服務器",
    "文件夾",
    "網絡",
    "軟件",
    "保存",
    "退出登入",
)
"""What a conversion of characters alone leaves behind, and nobody in Taiwan says."""

ENDINGS = {".": "。", "?": "？", "…": "…"}

CHINESE = tuple(locale for locale in i18n.LOCALES if locale != i18n.ENGLISH)


@pytest.fixture(scope="module")
def wanted() -> dict[messages.MessageId, str]:
    """Return every message id of the source."""
    return messages.extracted()


def _texts(locale: str) -> dict[str, str]:
    """Return every translation of a locale by its message id; a plural by its singular."""
    catalog = i18n.catalog(locale)
    return {**catalog.texts, **{identity: forms[0] for identity, forms in catalog.plurals.items()}}


def _fields(text: str) -> list[tuple[str, str | None, str | None]]:
    """Return the brace placeholders of a text with their formats, sorted."""
    parsed = string.Formatter().parse(text)
    return sorted((name, spec, how or "") for _, name, spec, how in parsed if name is not None)


@pytest.mark.parametrize("locale", CHINESE)
def test_every_message_is_translated(locale: str, wanted: dict[messages.MessageId, str]) -> None:
    assert len(wanted) > 100
    assert set(_texts(locale)) == {i if isinstance(i, str) else i[0] for i in wanted}
    assert list(messages.problems(locale, wanted)) == []


@pytest.mark.parametrize("locale", CHINESE)
def test_every_translation_is_filled_like_its_message(locale: str, wanted: dict[messages.MessageId, str]) -> None:
    plurals = {identity[0] for identity in wanted if not isinstance(identity, str)}
    for identity, text in _texts(locale).items():
        if identity in plurals:
            continue
        assert _fields(text) == _fields(identity), identity
        assert sorted(re.findall(r"%\(\w+\)s", text)) == sorted(re.findall(r"%\(\w+\)s", identity)), identity


@pytest.mark.parametrize("locale", CHINESE)
def test_every_translation_is_chinese(locale: str) -> None:
    worded = {i: text for i, text in _texts(locale).items() if re.search("[A-Za-z]", messages.PLACEHOLDER.sub("", i))}
    assert [i for i, text in worded.items() if not HAN.search(text) and i not in messages.SAME_EVERYWHERE] == []


@pytest.mark.parametrize("locale", CHINESE)
def test_sentences_end_alike_and_are_punctuated_in_full_width(locale: str) -> None:
    for identity, text in _texts(locale).items():
        for ending, wanted_ending in ENDINGS.items():
            assert identity.endswith(ending) == text.endswith(wanted_ending), identity
        assert not re.search(r"[\u3400-\u9fff][,;:?!]", text), text


def test_each_writing_keeps_to_its_characters() -> None:
    assert [text for text in _texts("zh_Hans").values() if TRADITIONAL.intersection(text)] == []
    assert [text for text in _texts("zh_Hant").values() if SIMPLIFIED.intersection(text)] == []


def test_traditional_differs_wherever_simplified_is_written_otherwise() -> None:
    traditional = _texts("zh_Hant")
    otherwise = {i: text for i, text in _texts("zh_Hans").items() if SIMPLIFIED.intersection(text)}
    assert len(otherwise) > len(traditional) // 2
    assert [identity for identity, text in otherwise.items() if traditional[identity] == text] == []


def test_traditional_uses_the_words_of_taiwan() -> None:
    assert [text for text in _texts("zh_Hant").values() if any(word in text for word in MAINLAND_WORDS)] == []


@pytest.mark.parametrize("locale", CHINESE)
def test_a_catalog_names_its_language_and_its_one_plural_form(locale: str) -> None:
    head, _, _ = messages.po_file(locale).read_text(encoding="utf-8").partition("\n\n")
    assert f'"Language: {locale}\\n"' in head
    assert '"Plural-Forms: nplurals=1; plural=0;\\n"' in head
    assert '"Content-Type: text/plain; charset=UTF-8\\n"' in head
    assert {len(forms) for forms in i18n.catalog(locale).plurals.values()} <= {1}


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "This is not available right now. Try again in a moment."),
        ("zh_Hans", "服务暂时不可用。请稍后重试。"),
        ("zh_Hant", "服務暫時不可用。請稍後再試。"),
    ],
)
def test_a_remedy_follows_its_message_as_the_language_writes_sentences(locale: str, said: str) -> None:
    assert i18n.say(locale, errors.Unavailable()) == said


def _refusals(kind: type[errors.Refusal]) -> list[type[errors.Refusal]]:
    found = [kind]
    for below in kind.__subclasses__():
        found += _refusals(below)
    return found


@pytest.mark.parametrize("locale", CHINESE)
def test_every_known_refusal_is_said_in_chinese(locale: str) -> None:
    texts = _texts(locale)
    ours = [refusal for refusal in _refusals(errors.Refusal) if refusal.__module__.startswith(f"{app.__package__}.")]
    assert len(ours) > 100
    for refusal in ours:
        assert texts.get(refusal.message), refusal
        assert not refusal.remedy or texts.get(refusal.remedy), refusal
