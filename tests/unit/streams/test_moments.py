"""The same day some months later."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from streams.moments import SHANGHAI, add_months, instant, local

since_1992 = st.datetimes(datetime.fromisoformat("1993-01-01"), datetime.fromisoformat("2190-12-31"))


@given(since_1992, st.integers(-12, 60))
def test_the_same_day_and_time_of_another_month(at: datetime, months: int) -> None:
    begin = instant(at)
    found = local(add_months(begin, months))
    month = at.year * 12 + at.month - 1 + months
    days = monthrange(month // 12, month % 12 + 1)[1]
    if at.day <= days:
        expected = at.replace(year=month // 12, month=month % 12 + 1)
    else:
        last = date(month // 12, month % 12 + 1, days)
        expected = datetime.combine(last, time()) + timedelta(days=1) - timedelta(microseconds=1)
    assert found == expected.replace(tzinfo=SHANGHAI)
