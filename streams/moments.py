"""Moments, days and months as numbers, all of them meant in Asia/Shanghai.

An instant is an integer of microseconds since 1970-01-01T00:00Z; a day counts from 1970-01-01 in Shanghai; a month is
``12 * year + month - 1``. Numbers compare, pack and hash faster than ``datetime`` and carry no zone to forget.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OFFSET = 8 * HOUR
_MICROSECOND = timedelta(microseconds=1)
_LAST_SUMMER_TIME = (datetime(1991, 9, 15, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LONGEST_DATE = len("2024-W01-1")


def instant(moment: datetime) -> int:
    """The instant of a datetime; one without a zone is meant in Shanghai."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
    return (aware - _EPOCH) // _MICROSECOND


def local(at: int) -> datetime:
    """The datetime of an instant, in Shanghai."""
    return (_EPOCH + timedelta(microseconds=at)).astimezone(SHANGHAI)


@lru_cache(maxsize=65536)
def parse_instant(text: str, *, end_of_day: bool = False) -> int:
    """Read an ISO 8601 date or time. A date alone is its first instant, or its last one if `end_of_day`.

    Raises ValueError for what does not exist.
    """
    moment = datetime.fromisoformat(text)
    if end_of_day and _is_date(text):
        moment += timedelta(days=1) - timedelta(microseconds=1)
    return instant(moment)


def _is_date(text: str) -> bool:
    if len(text) > _LONGEST_DATE:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def parse_day(text: str) -> int:
    """Read an ISO 8601 date (of a time, its day in Shanghai) as a day number. Raises ValueError."""
    return day_of(parse_instant(text))


@lru_cache(maxsize=4096)
def parse_month(text: str) -> int:
    """Read ``YYYY-MM`` as a month number. Raises ValueError."""
    if len(text) != 7 or text[4] != "-" or not (text[:4].isascii() and text[:4].isdigit()):
        raise ValueError(f"not a month: {text!r}")
    tail = text[5:]
    if not (tail.isascii() and tail.isdigit() and 1 <= int(tail) <= 12 and int(text[:4]) > 0):
        raise ValueError(f"not a month: {text!r}")
    return int(text[:4]) * 12 + int(tail) - 1


def day_of(at: int) -> int:
    """The day of an instant."""
    if at < _LAST_SUMMER_TIME:
        return local(at).date().toordinal() - date(1970, 1, 1).toordinal()
    return (at + _OFFSET) // DAY


def day_start(day: int) -> int:
    """The first instant of a day."""
    at = day * DAY - _OFFSET
    return at if at >= _LAST_SUMMER_TIME else instant(datetime.combine(date_of(day), datetime.min.time()))


def day_end(day: int) -> int:
    """The last whole second of a day."""
    return day_start(day + 1) - SECOND


def date_of(day: int) -> date:
    """The calendar date of a day number."""
    return date.fromordinal(day + date(1970, 1, 1).toordinal())


def day_number(day: date) -> int:
    """The day number of a calendar date."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


def month_of(at: int) -> int:
    """The calendar month of an instant."""
    return _month_of_day(day_of(at))


@lru_cache(maxsize=4096)
def _month_of_day(day: int) -> int:
    date_ = date_of(day)
    return date_.year * 12 + date_.month - 1


@lru_cache(maxsize=4096)
def month_start(month: int) -> int:
    """The first instant of a month."""
    return day_start(day_number(date(month // 12, month % 12 + 1, 1)))


def add_months(at: int, months: int) -> int:
    """The same day and time so many months later, or the month's last day where it has no such day."""
    month = month_of(at)
    start = month_start(month + months)
    days = day_of(month_start(month + months + 1)) - day_of(start)
    return start + min(at - month_start(month), days * DAY - 1)


def iso(at: int) -> str:
    """An instant as ISO 8601 text with Shanghai's offset, to the second where it is a whole one."""
    moment = local(at)
    return moment.isoformat(timespec="seconds" if at % SECOND == 0 else "microseconds")


def iso_month(month: int) -> str:
    """A month number as ``YYYY-MM``."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"
