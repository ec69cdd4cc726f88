"""Administrators manage the centres on a page of the console."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.monitor.console_office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.close()


def test_a_new_centre_takes_over_a_town_at_once(office: Office) -> None:
    office.attach()
    li = office.person("li")
    adm = office.person("adm")
    assert "WO-0000001" in li.get("/").text
    made = adm.post("/centres/centre", id="river", zh="河口中心", en="River", days="7")
    assert made.status_code == 303
    assert adm.post("/centres/route", region="420525102", direction="", centre="river").status_code == 303
    page = adm.get("/centres").text
    assert "河口中心" in page
    assert "420525102" in page
    assert "WO-0000001" not in li.get("/").text
    adm.post("/users", name="river1", role="officer", centre="river", shown_name="河")
    assert office.order().centre == "river"
    gone = adm.post("/centres/file")
    assert gone.status_code == 422, "somebody works there"
    assert adm.post("/users/river1/disable").status_code == 200
    assert adm.post("/centres/file").status_code == 303
    assert office.order().centre == "county"
    assert "WO-0000001" in li.get("/").text


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ("centre", {"id": "river", "zh": "河", "en": "River", "days": "none"}),
        ("centre_gone", {"id": "town"}),
        ("route", {"region": "42x", "direction": "", "centre": "town"}),
        ("route_gone", {"region": "", "direction": ""}),
    ],
)
def test_what_cannot_be_is_told_and_changes_nothing(office: Office, change: str, fields: dict[str, str]) -> None:
    adm = office.person("adm")
    answer = adm.post(f"/centres/{change}", **fields)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "centres.yaml" in adm.get("/centres").text.split("<section")[0]


def test_only_administrators_change_centres(office: Office) -> None:
    for name in ("li", "chen", "ops", "aud", "ana"):
        person = office.person(name)
        assert person.get("/centres").status_code == 403
        assert person.post("/centres/file").status_code == 403
    assert office.person("adm").post("/centres/anything").status_code == 403
