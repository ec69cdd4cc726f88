"""Poison: what a broken department, a broken program or an ill-willed one could put into a topic or a file."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.faults.load import Load
from tests.unit.streams.people import as_json, number, record

STRANGER = 900
"""Nobody on the roster has this serial, or one above it."""
_ARRAY = 10_000


class Poison(NamedTuple):
    """A message's value; and how many refused records it must make, None where that is not fixed."""

    what: str
    value: bytes | None
    letters: int | None


def poisons(feed: str) -> Iterator[Poison]:
    """Everything bad for one feed of changes. All that can be read is about strangers."""
    good = record(feed, serial=STRANGER, event_id="poison")
    text = as_json(good)
    yield Poison("broken JSON", text[:-7], 1)
    yield Poison("nothing", b"", 1)
    yield Poison("a tombstone", None, 1)
    yield Poison("only a word", b"null", 1)
    yield Poison("a number", b"17", 1)
    yield Poison("UTF-16", text.decode().encode("utf-16"), 1)
    yield Poison("GB18030 in a name", as_json({**good, "name": "王"}).decode().encode("gb18030"), None)
    yield Poison("random bytes", bytes(range(256)) * 4, 1)
    yield Poison("5 MB in a field", as_json({**good, "name": "x" * 5_000_000}), None)
    yield Poison("5 MB of unknown fields", as_json(good | {f"f{n}": "y" * 500 for n in range(10_000)}), None)
    yield Poison("an array of 10,000", as_json([{**good, "event_id": f"p{n}"} for n in range(_ARRAY)]), 0)
    yield Poison("an array of 10,000 wrong ones", b"[" + b",".join([b"{}"] * _ARRAY) + b"]", _ARRAY)
    yield Poison("an array in an array", as_json([[good]]), 1)
    yield Poison("unknown fields", as_json({**good, "unknown": {"a": [1, 2]}}), 0)
    yield Poison("nulls", as_json(dict.fromkeys(good)), 1)
    yield Poison("lists for values", as_json({name: [value] for name, value in good.items()}), 1)
    yield Poison("deep nesting", b"[" * 200_000 + b"]" * 200_000, None)
    yield Poison("a deep field", text[:-1] + b',"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}", None)
    yield Poison("control characters", as_json({**good, "source": "\x00\x1b[31m\u202e\ud7ff"}), None)
    yield Poison("a lone surrogate", text[:-1] + b',"source":"\\ud800"}', None)
    yield Poison("a huge number", text[:-1] + b',"x":' + b"9" * 5000 + b"}", None)
    yield Poison("infinite", text[:-1] + b',"x":1e999}', None)
    yield Poison("the same field twice", text[:-1] + b',"id_number":"1"}', 1)
    yield Poison("a date that does not exist", as_json({**good, "occurred_at": "2026-02-30"}), 1)
    yield Poison("a date of long ago", as_json({**good, "occurred_at": "0001-01-01"}), None)
    yield Poison("a number for the identity", as_json({**good, "id_number": int(number(1)[:17])}), 1)
    yield Poison("other digits", as_json({**good, "id_number": number(STRANGER).translate(_FULL_WIDTH)}), None)
    yield Poison("numbers as text", as_json({name: _as_text(value) for name, value in good.items()}), 0)


_FULL_WIDTH = {ord("0") + digit: ord("０") + digit for digit in range(10)}


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) else value


def zip_bomb(megabytes: int) -> bytes:
    """A workbook whose one sheet is a few kilobytes in the file and so many megabytes when read."""
    cells = f'<row><c t="inlineStr"><is><t>{"0" * 1000}</t></is></c></row>'.encode() * 1000
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", _TYPES)
        book.writestr("_rels/.rels", _relations("officeDocument", "xl/workbook.xml"))
        book.writestr(
            "xl/workbook.xml",
            f"<workbook xmlns='{_MAIN}' xmlns:r='{_OFFICE}'><sheets>"
            "<sheet name='a' sheetId='1' r:id='rId1'/></sheets></workbook>",
        )
        book.writestr("xl/_rels/workbook.xml.rels", _relations("worksheet", "worksheets/sheet1.xml"))
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f"<worksheet xmlns='{_MAIN}'><sheetData>".encode())
            for _ in range(megabytes):
                sheet.write(cells)
            sheet.write(b"</sheetData></worksheet>")
    return packed.getvalue()


_SCHEMAS = "http://schemas.openxmlformats.org"
_MAIN, _OFFICE = f"{_SCHEMAS}/spreadsheetml/2006/main", f"{_SCHEMAS}/officeDocument/2006/relationships"
_TYPES = (
    f"<Types xmlns='{_SCHEMAS}/package/2006/content-types'>"
    "<Default Extension='rels' ContentType='application/vnd.openxmlformats-package.relationships+xml'/>"
    "<Override PartName='/xl/workbook.xml' "
    "ContentType='application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml'/>"
    "<Override PartName='/xl/worksheets/sheet1.xml' "
    "ContentType='application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml'/></Types>"
)


def _relations(kind: str, target: str) -> str:
    return (
        f"<Relationships xmlns='{_SCHEMAS}/package/2006/relationships'>"
        f"<Relationship Id='rId1' Type='{_OFFICE}/{kind}' Target='{target}'/></Relationships>"
    )


def roster_poisons() -> Iterator[Poison]:
    """Bad lines for the roster's topic."""
    line = {"household_id": "P-1", "region": "420525101003", "as_of": "2026-01-01", "programs": [], "members": []}
    yield Poison("broken JSON", b'{"household_id": "P', 1)
    yield Poison("random bytes", bytes(range(256)), 1)
    yield Poison("an array", json.dumps([line]).encode(), 1)
    yield Poison("without members", json.dumps({**line, "members": "nobody"}).encode(), 1)
    yield Poison("deep nesting", b"[" * 100_000, 1)
    yield Poison("a deep field", json.dumps(line).encode()[:-1] + b',"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}", 1)
    yield Poison("a tombstone", None, 0)


assert Load().households * 2 + 110 < STRANGER
