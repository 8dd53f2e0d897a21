"""Digests of what forms said: equal for equal forms, and of no use to who has only the database."""

import hashlib

from jiedan.base.web.form_digests import FormDigests


def test_a_digest_is_that_of_the_form_and_of_the_secret() -> None:
    typed = hashlib.sha256(b"3467-9ACD-EFGH-JKMN").digest()
    mine = FormDigests("a secret for tests")
    assert mine.of(typed) == FormDigests("a secret for tests").of(typed)
    assert len(mine.of(typed)) == 32
    assert mine.of(typed) not in {typed, FormDigests("another").of(typed), mine.of(hashlib.sha256(b"x").digest())}
