"""All hand-computed cases: each rule and each sentence of the fine print. The oracle and the engine both run them."""

from tests.oracle import cases_exit, cases_income, cases_life
from tests.oracle.story import Case

CASES: tuple[Case, ...] = cases_exit.CASES + cases_income.CASES + cases_life.CASES
