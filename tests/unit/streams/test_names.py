"""Names in their compared form."""

import pytest

from streams.names import compared_form


@pytest.mark.parametrize(
    "written",
    [
        "买买提艾力",
        "买买提·艾力",
        "买买提•艾力",
        "买买提・艾力",
        "买买提･艾力",
        "买买提‧艾力",
        "买买提.艾力",
        "买买提．艾力",
        " 买买提\u3000艾力 ",
    ],
)
def test_one_name_in_many_writings(written: str) -> None:
    assert compared_form(written) == "买买提艾力"


def test_other_names_stay_others() -> None:
    assert compared_form("王芳") != compared_form("王方")
    assert compared_form("Ｌｉ Wei") == "LiWei"


def test_a_stop_at_the_end_is_no_stop_between_names() -> None:
    assert compared_form("王芳.") == "王芳."


def test_marks_alone_leave_nothing() -> None:
    assert compared_form(" · ") == ""
