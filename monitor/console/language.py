"""The console's languages: Chinese first, English beside it. Texts and words come from `locale/*.po`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal

from detectors.alerts import Text
from streams.moments import DAY, SECOND, local

FOLDER = Path(__file__).parent / "locale"
CODES = ("zh", "en")
_LOCALES = {"zh": Locale("zh", "CN", script="Hans"), "en": Locale("en", "GB")}


@dataclass(frozen=True)
class Language:
    """Texts, words, dates and money of one language."""

    code: str
    texts: Mapping[tuple[str, str], str]

    def __call__(self, text: str, **values: object) -> str:
        """A text of the console, which stands in the code in English."""
        found = self.texts.get(("", text), text)
        return found.format(**values) if values else found

    def word(self, kind: str, word: str | None) -> str:
        """A word of a fixed list (state, outcome, program …); one that is not listed is shown as it is."""
        if not word:
            return "—"
        return self.texts.get((kind, word)) or word.replace("_", " ")

    def of(self, text: Text | Mapping[str, str]) -> str:
        """A text that comes in both languages."""
        if isinstance(text, Text):
            return text.zh if self.code == "zh" else text.en
        return text.get(self.code, "")

    def day(self, at: int | None) -> str:
        """The day of an instant."""
        return "—" if at is None else format_date(local(at), "medium", locale=_LOCALES[self.code])

    def moment(self, at: int | None) -> str:
        """An instant to the minute."""
        return "—" if at is None else format_datetime(local(at), self._pattern(), locale=_LOCALES[self.code])

    def left(self, until: int, now: int) -> str:
        """How long until a moment, or since it, in words."""
        return format_timedelta(
            timedelta(microseconds=until - now),
            threshold=1.2,
            granularity="hour" if abs(until - now) < 2 * DAY else "day",
            add_direction=True,
            locale=_LOCALES[self.code],
        )

    def span(self, microseconds: float) -> str:
        """A length of time in words."""
        return format_timedelta(timedelta(seconds=microseconds / SECOND), threshold=1.2, locale=_LOCALES[self.code])

    def money(self, amount: float) -> str:
        """An amount of CNY."""
        return format_currency(amount, "CNY", locale=_LOCALES[self.code])

    def number(self, value: float) -> str:
        """A number with the locale's separators."""
        return format_decimal(value, locale=_LOCALES[self.code])

    def _pattern(self) -> str:
        return "y-MM-dd HH:mm" if self.code == "zh" else "d MMM y, HH:mm"


@lru_cache
def language(code: str) -> Language:
    """The language of a code; Chinese for one that the console does not have."""
    known = code if code in CODES else "zh"
    with (FOLDER / f"{known}.po").open("rb") as file:
        catalog = read_po(file, locale=known)
    texts = {
        (str(message.context or ""), str(message.id)): str(message.string)
        for message in catalog
        if message.id and message.string
    }
    return Language(known, texts)
