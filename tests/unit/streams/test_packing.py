"""Values come back as they were, whatever they are."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from streams.packing import pack, unpack


@given(st.binary())
def test_everything_comes_back(data: bytes) -> None:
    assert unpack(pack(data)) == data


def test_what_recurs_in_a_household_takes_little_room() -> None:
    record = {"feed": "social-insurance", "event_id": "S-1", "op": "upsert", "occurred_at": 1_704_643_200_000_000}
    values = {"employer": "某厂", "base": 3282.68, "period": "2024-01", "kind": "employee", "status": "paid"}
    data = msgspec.msgpack.encode({"social-insurance/S-1": {**record, "values": values}})
    assert len(pack(data)) < len(data) / 2


def test_a_value_from_before_there_was_packing_is_read() -> None:
    assert unpack(b"\x91\x92\x01") == b"\x91\x92\x01"
