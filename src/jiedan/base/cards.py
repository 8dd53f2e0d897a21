"""Keep card numbers out of what is stored: people write them into notes and reasons, where nobody may ever read them.

Where a card number cannot be meant (a payment's token, reference, reason) it is refused instead; see payments.
"""

import re

DIGITS_MIN, DIGITS_MAX = 13, 19
SHOWN_DIGITS = 4
MASK = "*"

_RUN = re.compile(r"\d(?:[ \u00a0.\-\u2013]{0,2}\d){12,}")
_ID = re.compile(r"(?i)(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])")
_ID_CHARS = 36
_GROUP = re.compile(r"\d+")
_ISSUER = re.compile(r"[3-6]|2[2-7]")
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""The digit sum of twice a digit, by the digit."""


def masked(text: str) -> str:
    """Return `text` with every card number in it masked but for its last four digits; spaces and dashes stay.

    A card number has 13 to 19 digits, in groups or not, begins like those of an issuer (3 to 6, 22 to 27) and passes
    the check of ISO/IEC 7812. It begins and ends where a group of digits does: a part of a longer number is none, and
    neither is a part of a UUID, some of which have such digits.
    """
    return _RUN.sub(_masked_run, text)


def passes_luhn(digits: str) -> bool:
    """Tell whether the last of `digits` is the check digit of the others by ISO/IEC 7812-1, annex B."""
    total = sum(_DOUBLED[int(d)] if i % 2 else int(d) for i, d in enumerate(reversed(digits)))
    return total % 10 == 0


def _masked_run(match: re.Match[str]) -> str:
    """Mask the card numbers in a run of digits: the longest first, as a card's last group may look like a card too."""
    run = match[0]
    groups = [(group.start(), group.end()) for group in _GROUP.finditer(run)]
    first = 0
    while first < len(groups):
        for last in range(len(groups) - 1, first - 1, -1):
            start, end = groups[first][0], groups[last][1]
            if _is_card(run[start:end]) and not _is_in_id(match, start, end):
                run = run[:start] + _mask(run[start:end]) + run[end:]
                first = last
                break
        first += 1
    return run


def _is_in_id(match: re.Match[str], start: int, end: int) -> bool:
    """Tell whether what stands from `start` to `end` of a run belongs to a UUID."""
    start, end = match.start() + start, match.start() + end
    around = match.string[max(0, start - _ID_CHARS) : end + _ID_CHARS]
    offset = max(0, start - _ID_CHARS)
    return any(found.start() + offset <= start and end <= found.end() + offset for found in _ID.finditer(around))


def _is_card(text: str) -> bool:
    is_plain = text.isascii() and text.isdigit()  # as phone numbers are, which every order has
    digits = text if is_plain else "".join(str(int(character)) for character in text if character.isdigit())
    if not DIGITS_MIN <= len(digits) <= DIGITS_MAX:
        return False
    return _ISSUER.match(digits) is not None and passes_luhn(digits)


def _mask(number: str) -> str:
    hidden = sum(character.isdigit() for character in number) - SHOWN_DIGITS
    shown = []
    for character in number:
        is_hidden = character.isdigit() and hidden > 0
        hidden -= is_hidden
        shown.append(MASK if is_hidden else character)
    return "".join(shown)
