"""The fifteen feeds as a department would write them: columns, rhythm, delay, share of all records."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FeedPlan:
    """How one feed's file looks. `delay`: days until the report; `share`: of all strangers' records."""

    name: str
    code: str
    fields: tuple[str, ...]
    share: float
    rhythm: str = "office"
    monthly: bool = False
    delay: tuple[int, int] = (0, 4)
    event_ids: bool = True
    encoding: str = "utf-8"
    amounts: tuple[str, ...] = ()
    """The fields whose scale a feed may shift."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The header of the file."""
        return (("event_id",) if self.event_ids else ()) + (
            "id_number", "name", "occurred_at", "reported_at", "region", "source", "op", *self.fields,
        )  # fmt: skip

    @property
    def header(self) -> str:
        """The first line of the file."""
        return ",".join(self.columns)


_PLANS = (
    FeedPlan(name="deaths", code="D", fields=("certificate_no",), share=0.01, delay=(1, 6)),
    FeedPlan(
        name="vehicles", code="V", fields=("plate", "vehicle_type", "value", "action"), share=0.05, amounts=("value",)
    ),
    FeedPlan(
        name="properties",
        code="R",
        fields=("property_id", "use", "area_m2", "value", "action"),
        share=0.03,
        amounts=("value",),
    ),
    FeedPlan(
        name="social-insurance",
        code="S",
        fields=("employer", "base", "period", "kind", "status"),
        share=0.22,
        monthly=True,
        amounts=("base",),
    ),
    FeedPlan(
        name="housing-fund",
        code="F",
        fields=("employer", "base", "period", "status"),
        share=0.09,
        monthly=True,
        amounts=("base",),
    ),
    FeedPlan(
        name="businesses",
        code="B",
        fields=("company_id", "role", "registered_capital", "action"),
        share=0.02,
        encoding="gb18030",
        amounts=("registered_capital",),
    ),
    FeedPlan(name="marriages", code="M", fields=("action", "spouse_id_number"), share=0.02, delay=(0, 2)),
    FeedPlan(name="household-register", code="H", fields=("action", "to_region", "related_id_number"), share=0.04),
    FeedPlan(
        name="taxes",
        code="T",
        fields=("income_kind", "amount", "period"),
        share=0.12,
        monthly=True,
        amounts=("amount",),
    ),
    FeedPlan(
        name="pensions",
        code="P",
        fields=("amount", "period"),
        share=0.10,
        rhythm="batch",
        monthly=True,
        delay=(0, 2),
        amounts=("amount",),
    ),
    FeedPlan(
        name="medical",
        code="K",
        fields=("total_cost", "out_of_pocket"),
        share=0.25,
        rhythm="hospital",
        delay=(0, 1),
        amounts=("total_cost", "out_of_pocket"),
    ),
    FeedPlan(name="disabilities", code="A", fields=("grade", "action"), share=0.01, event_ids=False),
    FeedPlan(name="subsidies", code="U", fields=("kind", "amount"), share=0.03, event_ids=False, amounts=("amount",)),
    FeedPlan(name="public-posts", code="O", fields=("employer", "action"), share=0.005, encoding="gb18030"),
    FeedPlan(name="custody", code="C", fields=("action",), share=0.005, delay=(1, 5)),
)
FEEDS: dict[str, FeedPlan] = {plan.name: plan for plan in _PLANS}
"""By name, in the order of the contract."""
PERIOD_FEEDS = ("social-insurance", "housing-fund", "taxes", "pensions")
