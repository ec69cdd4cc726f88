"""Steps, taken by programs: on the version that was seen, and once however often they are sent."""

import hashlib
from base64 import b64decode
from collections.abc import Mapping
from functools import partial
from io import BytesIO
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Header, Path
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session
from starlette.datastructures import FormData, UploadFile

from alert_sinks.database import Database
from alert_sinks.work_orders.errors import ConflictError, StepError
from alert_sinks.work_orders.tables import WorkOrder
from streams.moments import DAY

from .. import audit
from ..tables import DoneStep
from ..taking import STEPS
from ..visit import Form, Visit, order_number, seen_order
from .orders import OrderId
from .shapes import Order
from .tokens import Program, require

router = APIRouter()
_BASE64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
KEYS_KEPT = 30 * DAY


class StepSent(BaseModel):
    """What a step needs; the handbook says which field belongs to which step."""

    note: str = Field("", max_length=4000)
    assignee: str = Field("", max_length=64)
    how: str = Field("", max_length=32)
    alert: str = Field("", max_length=64)
    answer: str = Field("", max_length=32)
    program: str = Field("", max_length=32)
    kind: str = Field("", max_length=32)
    source: str = Field("", max_length=200)
    text: str = Field("", max_length=4000)
    evidence: str = Field("", max_length=18)
    suppression: str = Field("", max_length=18)
    outcome: str = Field("", max_length=32)
    until: str = Field("", max_length=10)
    verdicts: dict[str, str] = {}
    file_name: str = Field("", max_length=200)
    file: str = Field("", pattern=_BASE64, description="For `evidence`: a PDF, PNG or JPEG, in base64.")


@router.post("/orders/{order_id}/steps/{step}")
def take_step(
    visit: Program,
    order_id: OrderId,
    step: Annotated[str, Path(pattern=f"^({'|'.join(STEPS)})$")],
    sent: StepSent,
    if_match: Annotated[str, Header(pattern=r'^"?\d{1,9}"?$')],
    idempotency_key: Annotated[str, Header(max_length=100)] = "",
) -> Order:
    """Take a step on the version of the order that was seen. A key is remembered for thirty days."""
    require(visit, "orders:write")
    viewer = visit.require("work")
    number = order_number(order_id)
    fingerprint = hashlib.sha256(f"{order_id} {step} {if_match} {sent.model_dump_json()}".encode()).hexdigest()
    database = visit.console.desk.database
    with database.reading() as session:
        seen_order(viewer, session.get(WorkOrder, number))
    done_before = partial(_done, database, viewer.name, idempotency_key, fingerprint)
    if (answer := done_before()) is not None:
        return answer
    version = int(if_match.strip('"'))
    try:
        with visit.console.desk.case(number, version=version, actor=viewer.name, now=visit.now) as case:
            # The order may have gone to another centre since.
            seen_order(viewer, case.order)
            STEPS[step](visit, case, Form(_form(sent)))
            audit.write(case.session, visit.now, viewer.name, f"step_{step}", order_id)
            answer = Order.of(case.order)
            if idempotency_key:
                _remember(case.session, visit, idempotency_key, fingerprint, answer)
    except ConflictError:
        # Perhaps it was this very step, sent twice at once.
        if (answer := done_before()) is None:
            raise
    return answer


def _done(database: Database, account: str, key: str, fingerprint: str) -> Order | None:
    """What was answered to this step before. Raises StepError where the key was used for another one."""
    if not key:
        return None
    with database.reading() as session:
        done = session.get(DoneStep, (account, key))
    if done is None:
        return None
    if done.fingerprint != fingerprint:
        raise StepError("key_used_before")
    return Order.model_validate_json(done.answer)


def _remember(session: Session, visit: Visit, key: str, fingerprint: str, answer: Order) -> None:
    session.execute(sa.delete(DoneStep).where(DoneStep.at < visit.now - KEYS_KEPT))
    session.add(
        DoneStep(
            account=visit.viewer.name,
            key=key,
            fingerprint=fingerprint,
            status=200,
            answer=answer.model_dump_json(),
            at=visit.now,
        )
    )


def _form(sent: StepSent) -> FormData:
    """The same fields as the page's form would send."""
    texts: Mapping[str, str] = sent.model_dump(exclude={"verdicts", "file", "file_name"})
    fields: list[tuple[str, str | UploadFile]] = [*texts.items()]
    fields += [(f"verdict.{alert_id}", verdict) for alert_id, verdict in sent.verdicts.items()]
    if sent.file:
        content = BytesIO(b64decode(sent.file))
        fields.append(("file", UploadFile(content, filename=sent.file_name or "file")))
    return FormData(fields)
