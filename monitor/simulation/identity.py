"""Identity numbers (GB 11643) and names of people who do not exist.

A person's number follows from a serial number alone, so that no two members of a county share one, whatever its size.
Strangers use order codes from 900 on, newborn children 880 to 899, everybody else those below.
"""

from datetime import date, timedelta

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"

_ORDERS = 440  # order codes of one sex: 0 to 879
_CYCLE = 365 * _ORDERS
_STEP = 65537  # prime, so that it spreads neighbours over days and orders without two of them meeting

SURNAMES = tuple("赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜")
_FIRST = tuple("试样拟虚假例测")
_SECOND = tuple("甲乙丙丁戊己庚辛壬癸子丑寅卯")
GIVEN = tuple(first + second for first in _FIRST for second in _SECOND)
_TWO_PART = ("买买提", "古丽", "阿依", "巴特", "扎西")


def check_digit(first17: str) -> str:
    """The 18th character of an identity number."""
    return CHECK_DIGITS[sum(w * int(c) for w, c in zip(WEIGHTS, first17, strict=True)) % 11]


def numbered(prefix: int, born: date, order: int) -> str:
    """The identity number of a place, a birthday and an order code (odd: male)."""
    first17 = f"{prefix:06d}{born:%Y%m%d}{order:03d}"
    return first17 + check_digit(first17)


def identity_number(county: int, serial: int, birth_year: int, male: bool) -> tuple[str, date]:
    """The number and birthday that belong to a serial number. Numbers of different serials differ."""
    spread = serial * _STEP % _CYCLE
    born = date(birth_year, 1, 1) + timedelta(days=spread % 365)
    return numbered(county + serial // _CYCLE, born, spread // 365 * 2 + male), born


def newborn_number(county: int, serial: int, born: date) -> str:
    """The number of a child born within the time; apart from everybody else's."""
    return numbered(county + serial // _CYCLE, born, 880 + serial % 20)


def broken(number: str) -> str:
    """The number with a wrong check digit."""
    return number[:-1] + CHECK_DIGITS[(CHECK_DIGITS.index(number[-1]) + 3) % 11]


def full_name(serial: int, draw: float) -> str:
    """A name by serial number and a draw of 0 to 1; one in fifty has two parts with a middle dot."""
    given = GIVEN[int(draw * len(GIVEN))]
    if serial % 50 == 7:
        return f"{_TWO_PART[serial // 50 % len(_TWO_PART)]}·{given}"
    return SURNAMES[serial * 7 % len(SURNAMES)] + given


def name_variant(name: str, draw: float) -> str:
    """The same name as another department writes it; compared, it is equal."""
    if "·" in name:
        return name.replace("·", ("•", "・", "", " · ")[int(draw * 4)])
    return f"{name[0]} {name[1:]}" if draw < 0.7 else f"{name} "


def other_name(name: str, draw: float) -> str:
    """A name that differs from this one."""
    given = GIVEN[int(draw * len(GIVEN))]
    return SURNAMES[(SURNAMES.index(name[0]) + 5) % len(SURNAMES)] + given if name[0] in SURNAMES else "赵" + given
