"""The monthly report as a spreadsheet whose cells hold texts and numbers, never formulas."""

from collections.abc import Mapping
from io import BytesIO

import xlsxwriter

from detectors.alerts import Text
from streams.moments import iso_month

from .figures import Report
from .language import Language

_PLAIN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def workbook(report: Report, texts: Language, titles: Mapping[str, Text]) -> bytes:
    """The XLSX file."""
    data = BytesIO()
    book = xlsxwriter.Workbook(data, _PLAIN)
    sheet = book.add_worksheet(iso_month(report.month))
    bold = book.add_format({"bold": True, "border": 1, "bg_color": "#E8EEF7"})
    cell = book.add_format({"border": 1})
    sheet.set_column(0, 1, 28)
    sheet.set_column(2, 4, 12)
    sheet.write_string(
        0, 0, texts("Monthly report {month}", month=iso_month(report.month)), book.add_format({"bold": True})
    )
    sheet.write_string(1, 0, texts("Opened: {opened}, closed: {closed}", opened=report.opened, closed=report.closed))
    heads = (texts("By"), texts("Value"), texts("Households"), texts("Household-times"), texts("Person-times"))
    for column, head in enumerate(heads):
        sheet.write_string(3, column, head, bold)
    for number, row in enumerate(report.rows, start=4):
        sheet.write_string(number, 0, texts.word("dimension", row.dimension), cell)
        sheet.write_string(number, 1, shown_value(texts, titles, row.dimension, row.value), cell)
        for column, count in enumerate((row.households, row.orders, row.persons), start=2):
            sheet.write_number(number, column, count, cell)
    sheet.freeze_panes(4, 0)
    book.close()
    return data.getvalue()


def shown_value(texts: Language, titles: Mapping[str, Text], dimension: str, value: str) -> str:
    """A value of the report in words; regions stay digits, sources have their configured titles."""
    if dimension == "source" and value in titles:
        return texts.of(titles[value])
    return value if dimension == "region" else texts.word(dimension, value)
