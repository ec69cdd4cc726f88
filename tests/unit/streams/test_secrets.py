"""The keys of a secret file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import UnusableError
from streams.secrets import Keys, add_sealing_key, make_secret_file, pseudonym_text, ring_path

KEYS = Keys(b"a secret of thirty-two bytes or more")
OTHER = Keys(b"another secret of thirty-two bytes..")
NUMBER = "11010519491231002X"


def test_pseudonyms_hang_on_the_secret_alone() -> None:
    again = Keys(b"a secret of thirty-two bytes or more")
    assert KEYS.pseudonym(NUMBER) == again.pseudonym(NUMBER)
    assert KEYS.pseudonym(NUMBER) != OTHER.pseudonym(NUMBER)
    assert len(KEYS.pseudonym(NUMBER)) == 22
    assert KEYS.digests([NUMBER]) == [KEYS.digest(NUMBER)]
    assert pseudonym_text(KEYS.digest(NUMBER)) == KEYS.pseudonym(NUMBER)


def test_the_keys_are_kept_apart() -> None:
    assert len({KEYS.pseudonym("x"), KEYS.id("x"), KEYS.name_mark("x")}) == 3


def test_name_marks_follow_the_compared_form() -> None:
    assert KEYS.name_mark("买买提·艾力") == KEYS.name_mark("买买提艾力")
    assert KEYS.name_mark("王芳") != KEYS.name_mark("王方")
    assert len(KEYS.name_mark("王芳")) == 11
    assert KEYS.name_mark("·") == ""


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_ids_differ_wherever_the_parts_do(one: list[str], other: list[str]) -> None:
    assert (KEYS.id(*one) == KEYS.id(*other)) == (one == other)


@given(st.text(), st.text())
def test_what_is_sealed_opens_in_its_context_only(text: str, context: str) -> None:
    sealed = KEYS.seal(text, context)
    assert KEYS.unseal(sealed, context) == text
    assert KEYS.seal(text, context) == sealed
    with pytest.raises(UnusableError):
        KEYS.unseal(sealed, context + "!")
    with pytest.raises(UnusableError, match="not in the secret file"):
        OTHER.unseal(sealed, context)


@given(st.text())
def test_opening_anything_else_is_an_error_a_person_understands(text: str) -> None:
    with pytest.raises(UnusableError):
        KEYS.unseal(text, "")
    with pytest.raises(UnusableError):
        KEYS.unseal(KEYS.seal("x", "").split(".")[0] + "." + text, "")


def test_a_secret_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "secret"
    make_secret_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    first = Keys.from_file(path).pseudonym(NUMBER)
    make_secret_file(path)
    assert Keys.from_file(path).pseudonym(NUMBER) == first
    assert [entry.name for entry in path.parent.iterdir()] == ["secret"]


def test_a_missing_or_short_file_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match="MONITOR_SECRET_FILE"):
        Keys.from_file(tmp_path / "none")
    (tmp_path / "short").write_bytes(b"x" * 31)
    with pytest.raises(UnusableError, match="31 bytes"):
        Keys.from_file(tmp_path / "short")


def test_a_folder_that_cannot_be_made_is_unusable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnusableError, match="secret file"):
        make_secret_file(tmp_path / "file" / "secret")


def test_a_new_sealing_key_seals_and_the_old_ones_still_open(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    make_secret_file(path)
    before = Keys.from_file(path)
    sealed = before.seal("王芳", "member")
    add_sealing_key(path)
    after = Keys.from_file(path)
    assert after.unseal(sealed, "member") == "王芳"
    assert not after.sealed_now(sealed)
    assert after.sealed_now(after.seal("王芳", "member"))
    assert after.pseudonym(NUMBER) == before.pseudonym(NUMBER)
    assert after.id("x") == before.id("x")
    assert ring_path(path).stat().st_mode & 0o777 == 0o600


def test_a_damaged_ring_is_unusable(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    make_secret_file(path)
    ring_path(path).write_text("no key\n")
    with pytest.raises(UnusableError, match="sealing keys"):
        Keys.from_file(path)
