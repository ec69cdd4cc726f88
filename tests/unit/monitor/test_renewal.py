"""A changed configuration is taken, a broken one refused: the former one stays, and the metrics say so."""

import asyncio
import shutil
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from monitor.configuration import SHIPPED
from monitor.operating_metrics import OperatingMetrics
from monitor.worker.renewal import Renewal
from streams.errors import UnusableError
from streams.secrets import Keys

KEYS = Keys(b"a secret of tests, thirty-two bytes at least")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("rules", "detectors"):
        shutil.copytree(SHIPPED / name, tmp_path / name)
    shutil.copy(SHIPPED / "standards.yaml", tmp_path)
    return tmp_path


def test_changed_broken_and_mended(folder: Path) -> None:
    registry = CollectorRegistry()
    renewal = Renewal(folder, KEYS, OperatingMetrics(registry))
    first, rule = renewal.assessor, folder / "rules" / "vehicle-owned.yaml"

    def look() -> tuple[float | None, float | None]:
        asyncio.run(renewal.look())
        version = registry.get_sample_value("monitor_configuration_info", {"version": renewal.version})
        return version, registry.get_sample_value("monitor_configuration_refused")

    assert look() == (1, 0)
    assert renewal.assessor is first

    good = rule.read_text()
    rule.write_text("id: [")
    former = renewal.version
    assert look() == (1, 1)
    assert (renewal.assessor, renewal.version) == (first, former)

    rule.write_text(good.replace("severity: high", "severity: low"))
    assert look() == (1, 0)
    assert renewal.version != former
    assert renewal.assessor is not first


def test_on_asking_it_is_read_anew(folder: Path) -> None:
    renewal = Renewal(folder, KEYS, OperatingMetrics(CollectorRegistry()))
    first = renewal.assessor
    renewal.ask()
    asyncio.run(renewal.look())
    assert renewal.assessor is not first


def test_in_the_beginning_faults_end_it(tmp_path: Path) -> None:
    with pytest.raises(UnusableError):
        Renewal(tmp_path, KEYS, OperatingMetrics(CollectorRegistry()))
