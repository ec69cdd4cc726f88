"""Columns of moments against the exact reading of each."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.checking import read_moment
from streams.moment_columns import NO_MOMENT, instants
from streams.moments import parse_instant

USUAL = (
    *("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S+08:00", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%SZ"),
    *("%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M:%S.%f+08:00", "%Y-%m-%dT%H:%M+08:00", "%Y-%m-%dT%H:%MZ"),
)
OTHER = ("%Y%m%d", "%Y-%m-%dT%H", "%Y/%m/%d", "%G-W%V-%u", "%Y-%m-%dT%H:%M:%S-0330", "%Y-%m-%dT%H:%M:%S+09:00")
written = st.builds(
    lambda at, shape: at.strftime(shape),
    st.datetimes(min_value=datetime.fromisoformat("1900-01-01")),
    st.sampled_from(USUAL + OTHER),
)
spoilt = st.builds(
    lambda text, place, sign: text[: place % len(text)] + sign + text[place % len(text) + 1 :],
    written,
    st.integers(0, 40),
    st.characters(),
)


@given(st.lists(written | spoilt | st.none() | st.integers() | st.text()), st.booleans())
def test_what_is_read_is_what_the_exact_check_reads(texts: list[str | int | None], end_of_day: bool) -> None:
    for text, read in zip(texts, instants(texts, end_of_day=end_of_day).tolist(), strict=True):
        if read != NO_MOMENT:
            assert isinstance(text, str)
            assert read == read_moment(text, end_of_day=end_of_day)


@given(st.datetimes(datetime.fromisoformat("1992-01-01"), datetime.fromisoformat("2199-12-31")), st.booleans())
def test_every_usual_shape_is_read(at: datetime, end_of_day: bool) -> None:
    texts = [
        *(at.strftime(shape) for shape in USUAL),
        *(at.strftime("%Y-%m-%dT%H:%M:%S.") + at.strftime("%f")[:3] + zone for zone in ("", "Z", "+08:00")),
    ]
    expected = [parse_instant(text, end_of_day=end_of_day) for text in texts]
    assert instants(texts, end_of_day=end_of_day).tolist() == expected
    for text, moment in zip(texts, expected, strict=True):
        assert instants([text, text], end_of_day=end_of_day).tolist() == [moment, moment]


def test_every_day_that_might_be_is_judged_as_the_calendar_does() -> None:
    texts = [f"{y}-{m:02d}-{d:02d}" for y in (1992, 1999, 2000, 2100, 2199) for m in range(100) for d in range(100)]
    expected = [read_moment(text) for text in texts]
    assert instants(texts, end_of_day=False).tolist() == [NO_MOMENT if at is None else at for at in expected]


def test_every_time_that_might_be_is_judged_as_the_clock_does() -> None:
    texts = [f"2024-02-29T{h:02d}:{m:02d}:{s:02d}" for h in range(23, 26) for m in range(58, 62) for s in range(58, 62)]
    expected = [read_moment(text) for text in texts]
    assert instants(texts, end_of_day=False).tolist() == [NO_MOMENT if at is None else at for at in expected]


def test_years_in_which_shanghai_changed_its_clocks_are_left_to_the_exact_check() -> None:
    days = [(date(1985, 12, 25) + timedelta(days=n)).isoformat() for n in range(2198)]
    assert set(instants(days, end_of_day=True).tolist()) == {NO_MOMENT}


def test_no_texts_are_no_trouble() -> None:
    assert instants([], end_of_day=True).tolist() == []
