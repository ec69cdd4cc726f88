"""Writes a tuned configuration: a copy of the present one in which only the chosen numbers and the version differ."""

import re
import shutil
from pathlib import Path

from detectors.yaml_file import Faults
from monitor.configuration import load_configuration
from monitor.tuning.parameters import BUDGET, Parameter, Setting, parameters_of
from streams.errors import UnusableError


def write_configuration(present: Path, folder: Path, source: str, kind: str, setting: Setting) -> None:
    """Copy the configuration `present` to `folder` and put the setting in. `kind` is the source's folder in it.

    Raises UnusableError where a number cannot be found in its file; what is written has been read again.
    """
    shutil.copytree(present, folder)
    parameters = parameters_of(load_configuration(present), source)
    own = next(path for path in sorted((folder / kind).glob("*.y*ml")) if _id_of(path) == source)
    text = own.read_text(encoding="utf-8")
    standards = (folder / "standards.yaml").read_text(encoding="utf-8")
    changed = [parameter for parameter in parameters if setting[parameter.name] != parameter.present]
    for parameter in changed:
        if parameter.place == "standards":
            standards = _put(standards, "", parameter, setting)
        else:
            block = "" if parameter.name == BUDGET else ("parameters" if kind == "detectors" else "params")
            text = _put(text, block, parameter, setting)
    if any(parameter.place == "source" for parameter in changed):
        text = re.sub(r"(?m)^version:\s*(\d+)", lambda found: f"version: {int(found[1]) + 1}", text, count=1)
    own.write_text(text, encoding="utf-8")
    (folder / "standards.yaml").write_text(standards, encoding="utf-8")
    _check(folder, source, setting)


def _id_of(path: Path) -> str:
    found = re.search(r"(?m)^id:\s*(\S+)", path.read_text(encoding="utf-8"))
    return found[1] if found else ""


def _put(text: str, block: str, parameter: Parameter, setting: Setting) -> str:
    """Replace one number, in the block of that name; a detector's block that is left out is added."""
    value = f"{setting[parameter.name]:g}"
    start = 0
    if block:
        found = re.search(rf"(?m)^{block}:", text)
        if found is None:
            return f"{text.rstrip()}\n{block}:\n  {parameter.name}: {value}\n"
        start = found.end()
    number = re.compile(rf"(\b{re.escape(parameter.name)}:\s*)[-+.\deE]+")
    if number.search(text, start):
        return text[:start] + number.sub(rf"\g<1>{value}", text[start:], count=1)
    return f"{text[:start]}\n  {parameter.name}: {value}{text[start:]}"


def _check(folder: Path, source: str, setting: Setting) -> None:
    faults = Faults()
    configuration = load_configuration(folder, faults)
    faults.check()
    for parameter in parameters_of(configuration, source):
        if f"{parameter.present:g}" != f"{setting[parameter.name]:g}":
            raise UnusableError(
                f"{source}: {parameter.name} could not be written; set it to {setting[parameter.name]:g}"
            )
