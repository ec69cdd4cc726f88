"""What counts as a change of an alert between two configurations."""

from msgspec.structs import replace

from monitor.comparing.difference import changed_fields
from tests.unit.alert_sinks.order_examples import make_alert


def test_the_way_to_an_alert_and_its_sources_version_are_no_change() -> None:
    one = make_alert()
    again = replace(one, revision=4, detected_at="2026-05-01T00:00:00+08:00", source_version=2)
    assert changed_fields(one, again) == ()
    assert changed_fields(one, replace(one, severity="low", region="420526")) == ("region", "severity")
