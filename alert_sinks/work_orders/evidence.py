"""Evidence that officers attach to an order, with or without a file."""

import re
from typing import NamedTuple

from .case import Case
from .errors import StepError
from .tables import Evidence, EvidenceFile

KINDS = ("document", "visit", "statement", "register", "photo", "no_living_member", "other")
MOST_BYTES = 10 * 1024 * 1024
_TYPES: tuple[tuple[bytes, str, tuple[str, ...]], ...] = (
    (b"%PDF-", "application/pdf", (".pdf",)),
    (b"\x89PNG\r\n\x1a\n", "image/png", (".png",)),
    (b"\xff\xd8\xff", "image/jpeg", (".jpg", ".jpeg")),
)
"""How a file of each accepted type begins, and what its name may end with."""


class File(NamedTuple):
    """An uploaded file: the name that it had, and its bytes."""

    name: str
    content: bytes


def add_evidence(case: Case, kind: str, source: str, text: str, file: File | None = None) -> Evidence:
    """Attach evidence. Raises StepError for an unknown kind, nothing said, or a file that is too large or no PDF,
    PNG or JPEG by its content."""
    if not case.order.is_open:
        raise StepError("closed_already")
    if kind not in KINDS:
        raise StepError("unknown_evidence")
    if not source.strip() or not (text.strip() or file):
        raise StepError("evidence_empty")
    file_type = checked_type(file) if file is not None else None
    item = Evidence(
        order_id=case.order.id,
        kind=kind,
        source=source,
        text=text,
        file_name=_plain_name(file.name) if file is not None else None,
        file_type=file_type,
        file_size=len(file.content) if file is not None else None,
        added_at=case.now,
        added_by=case.actor,
    )
    case.session.add(item)
    case.session.flush()
    if file is not None:
        case.session.add(EvidenceFile(evidence_id=item.id, content=file.content))
    case.record("evidence_added", text, evidence=item.id, kind=kind, source=source)
    return item


def check_evidence(case: Case, evidence_id: int, note: str = "") -> None:
    """Record that a person has checked the evidence against its source; it holds for this round."""
    if not case.order.is_open:
        raise StepError("closed_already")
    item = next((item for item in case.evidence if item.id == evidence_id), None)
    if item is None:
        raise StepError("no_such_evidence")
    item.checked_at, item.checked_by, item.checked_round = case.now, case.actor, case.order.round
    case.record("evidence_checked", note, evidence=evidence_id)


def checked_type(file: File) -> str:
    """The file's type by its first bytes, which its name must not contradict."""
    if len(file.content) > MOST_BYTES:
        raise StepError("file_too_large")
    for begin, file_type, endings in _TYPES:
        if file.content.startswith(begin) and file.name.lower().endswith(endings):
            return file_type
    raise StepError("file_type_refused")


def _plain_name(name: str) -> str:
    """A file's name without folders and control characters."""
    return re.sub(r"[\x00-\x1f\x7f\"\\/:*?<>|]", "_", re.split(r"[/\\]", name)[-1])[-120:]
