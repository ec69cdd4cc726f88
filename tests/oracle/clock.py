"""Moments, days and months, all of them meant in Asia/Shanghai, as plain ``datetime``, ``date`` and numbers."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)


def moment(text: str, *, end_of_day: bool = False) -> datetime:
    """Fine print 1: a date without a time is 00:00; of `reported_at` it is the end of that day. Raises ValueError."""
    try:
        start = at_midnight(date.fromisoformat(text))
    except ValueError:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=SHANGHAI)).astimezone(UTC)
    return start + ONE_DAY - timedelta(microseconds=1) if end_of_day else start


def at_midnight(day: date) -> datetime:
    """The first instant of a day."""
    return datetime.combine(day, time(), tzinfo=SHANGHAI).astimezone(UTC)


def day(at: datetime) -> date:
    """Fact 1: days are days in Asia/Shanghai."""
    return at.astimezone(SHANGHAI).date()


def month(text: str) -> int:
    """``YYYY-MM`` as ``12 * year + month - 1``. Raises ValueError."""
    if len(text) != 7 or text[4] != "-":
        raise ValueError("not a month")
    return month_of(date.fromisoformat(f"{text}-01"))


def month_of(of: date) -> int:
    """The month of a day."""
    return of.year * 12 + of.month - 1


def month_text(number: int) -> str:
    """A month number as ``YYYY-MM``."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def first_day(number: int) -> date:
    """The first day of a month."""
    return date(number // 12, number % 12 + 1, 1)


def months_later(of: date, months: int) -> date:
    """The same day of the month so many months later, or that month's last day."""
    number = month_of(of) + months
    last = first_day(number + 1) - ONE_DAY
    return last if of.day > last.day else last.replace(day=of.day)


def text(at: datetime) -> str:
    """ISO 8601 with Shanghai's offset."""
    local = at.astimezone(SHANGHAI)
    return local.isoformat(timespec="microseconds" if local.microsecond else "seconds")


def due(start: date, days: int) -> str:
    """Contract §5: the day plus the days, end of that calendar day."""
    return text(at_midnight(start + timedelta(days=days + 1)) - timedelta(seconds=1))
