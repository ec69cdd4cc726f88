"""The hard rules once more, naively, from rules.md and contract.md alone: what the engine is compared with."""

from tests.oracle.judge import Standing, Verdict, judge, standing

__all__ = ["Standing", "Verdict", "judge", "standing"]
