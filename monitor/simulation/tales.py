"""Every tale that a household of a block may carry: what it is a case of, and what the household needs for it."""

from dataclasses import dataclass

from monitor.simulation import near, near_pay, near_shocks, shocks, tales_exit, tales_life
from monitor.simulation.families import FAMILIES, Role
from monitor.simulation.scene import Story

_ROLES = [roles for _, roles in FAMILIES]
_WITH_ADULT = tuple(roles for roles in _ROLES if ("head", "adult") in roles)
_SEVERAL = tuple(roles for roles in _WITH_ADULT if len(roles) > 1)


@dataclass(frozen=True, slots=True)
class Tale:
    """`roles` are the compositions that can carry it (none named: any); `months` is how long the time must be."""

    kind: str
    story: Story
    roles: tuple[tuple[Role, ...], ...] = ()
    worker: bool = False
    supporter: bool = False
    months: int = 4


RULES: tuple[Tale, ...] = (
    Tale("death-receiving", tales_exit.death_receiving),
    Tale("vehicle-owned", tales_exit.vehicle_owned),
    Tale("property-multiple", tales_exit.property_multiple),
    Tale("property-commercial", tales_exit.property_commercial),
    Tale("business-owner", tales_exit.business_owner),
    Tale("formal-employment", tales_exit.formal_employment, _WITH_ADULT),
    Tale("housing-fund-paid", tales_exit.housing_fund_paid, _SEVERAL, worker=True),
    Tale("income-above-line", tales_exit.income_above_line, _WITH_ADULT),
    Tale("large-subsidy", tales_exit.large_subsidy),
    Tale("public-post-coresident", tales_exit.public_post_coresident, _WITH_ADULT),
    Tale("retirement-pension", tales_exit.retirement_pension),
    Tale("public-post-relative", tales_life.public_post_relative, supporter=True),
    Tale("supporter-means", tales_life.supporter_means, supporter=True),
    Tale("marriage-changed", tales_life.marriage_changed),
    Tale("moved-away", tales_life.moved_away),
    Tale("household-size-changed", tales_life.household_size_changed, _SEVERAL),
    Tale("member-in-custody", tales_life.member_in_custody),
    Tale("catastrophic-medical", tales_life.catastrophic_medical),
    Tale("job-lost", tales_life.job_lost, _SEVERAL, worker=True, months=6),
    Tale("severe-disability", tales_life.severe_disability),
    Tale("breadwinner-death", tales_life.breadwinner_death, _SEVERAL),
    Tale("released-from-custody", tales_life.released_from_custody),
    Tale("identity-mismatch", tales_life.identity_mismatch),
    Tale("consent-missing", tales_life.consent_missing),
    Tale("activity-after-death", tales_life.activity_after_death, months=6),
)
"""The two rules about several households are in `pairs`."""

NEAR_MISSES: tuple[Tale, ...] = (
    Tale("death-receiving", near.dead_supporter, supporter=True),
    Tale("vehicle-owned", near.other_vehicle),
    Tale("vehicle-owned", near.left_before),
    Tale("property-multiple", near.first_home),
    Tale("property-commercial", near.other_property),
    Tale("business-owner", near.cancelled_at_once),
    Tale("formal-employment", near_pay.flexible_work, _WITH_ADULT),
    Tale("housing-fund-paid", near_pay.fund_as_declared, _SEVERAL, worker=True),
    Tale("income-above-line", near_pay.on_the_line, _WITH_ADULT),
    Tale("large-subsidy", near_pay.almost_large),
    Tale("public-post-coresident", near.left_post, _WITH_ADULT),
    Tale("retirement-pension", near_pay.resident_pension),
    Tale("public-post-relative", near.relative_left, supporter=True),
    Tale("supporter-means", near.modest_supporter, supporter=True),
    Tale("marriage-changed", near.supporter_marries, supporter=True),
    Tale("moved-away", near.dead_struck_off),
    Tale("household-size-changed", near.supporter_moves, supporter=True),
    Tale("member-in-custody", near.supporter_in_custody, supporter=True),
    Tale("catastrophic-medical", near_pay.bearable_bills),
    Tale("job-lost", near_pay.changed_job, _SEVERAL, worker=True, months=8),
    Tale("severe-disability", near.known_disability),
    Tale("breadwinner-death", near.death_of_dependant, _SEVERAL),
    Tale("released-from-custody", near.supporter_in_custody, supporter=True),
    Tale("identity-mismatch", near.name_as_written_elsewhere),
    Tale("consent-missing", near.last_day_of_consent),
    Tale("activity-after-death", near.bill_after_death),
    Tale("income-jump", near_shocks.single_month, _SEVERAL, worker=True, months=10),
    Tale("income-drop", near_shocks.gap_of_two, _SEVERAL, worker=True, months=12),
    Tale("income-drop", near_shocks.late_months, _SEVERAL, worker=True, months=12),
    Tale("income-drop", near_shocks.away_in_winter, _SEVERAL, worker=True, months=14),
    Tale("second-source", near_shocks.other_spelling, _SEVERAL, worker=True, months=11),
    Tale("second-source", near_shocks.overlapping_month, _SEVERAL, worker=True, months=11),
    Tale("medical-surge", near_shocks.regular_bill, months=10),
    Tale("household-outlier", near_shocks.one_kind, months=12),
)

DETECTORS: tuple[Tale, ...] = tuple(
    Tale(kind, story, _SEVERAL if worker else (), worker=worker, months=months)
    for kind, story, worker, months in (
        ("income-jump", shocks.income_jump, True, 11),
        ("income-drop", shocks.income_drop, True, 12),
        ("income-drift", shocks.income_drift, True, 12),
        ("second-source", shocks.second_source, True, 11),
        ("medical-surge", shocks.medical_surge, False, 10),
        ("household-outlier", shocks.household_outlier, False, 12),
    )
)
"""Each is told `Profile.detector_truths` times in a block."""
