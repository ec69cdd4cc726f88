"""What a simulated county is like: the numbers that a bench varies, so that detectors are not tuned to one making."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Shares are of persons, households or records, 0 to 1; noises are standard deviations of a logarithm."""

    name: str
    strangers_per_match: float = 19.0
    """Records about people who are on no roster, for each that is about a household."""

    base_noise: float = 0.004
    """Month to month, of a contribution base between two adjustments."""
    wage_noise: float = 0.04
    """Month to month, of a taxed wage."""
    tail: float | None = None
    """Degrees of freedom of Student's t, by which noise is drawn; None: a normal distribution."""
    day_labour: float = 0.05
    """Workers whose pay varies by `day_labour_noise` every month."""
    day_labour_noise: float = 0.06
    july: tuple[float, float] = (0.045, 0.012)
    """The yearly adjustment of contribution bases and pensions in July: mean and deviation of the rise."""
    tax_spikes: float = 0.06
    """Wage earners who get a bonus once a year, in the month before the Spring Festival or in December."""
    back_pay: float = 0.05
    """Pensioners whose July pension brings the rise since January with it."""
    job_changes: float = 0.02
    """Workers who change the employer once, with an overlap of one month for half of them."""
    quarterly: float = 0.0
    """Workers who are paid (and contributed for) once in three months."""
    seasonal: float = 0.03
    """Workers who are away every January and February."""

    gap: float = 0.008
    """Period records that never come."""
    late: float = 0.03
    """Records that are reported 5 to 40 days late."""
    doubled: float = 0.015
    """Records that are sent twice."""
    corrected: float = 0.01
    """Records whose first version was wrong, and is corrected under the same event_id."""
    name_variant: float = 0.03
    """Records with a name written differently, yet equal when compared: spaces, middle dots."""
    wrong_name: float = 0.0008
    """Records with another name than the roster's; each is an identity-mismatch, and labelled."""
    wrong_number: float = 0.004
    """Records whose identity number fails its check digit, and which are refused."""
    without_consent: float = 0.03
    expiring_consent: float = 0.015
    leaving: float = 0.03
    """Households that leave the roster within a year."""
    reviewed: float = 0.06
    """Households that are reviewed within a year and get another line, which says the same."""

    detector_truths: int = 6
    """Of each 300 households, those that carry a truth of one detector; of each detector about people."""
    incidents_per_year: float = 6.0
    """Bursts, silences and shifts each, a year and county, after the first six months."""


COUNTY = Profile(name="county")

PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        COUNTY,
        replace(COUNTY, name="heavy-tails", tail=3.0, base_noise=0.012, wage_noise=0.07, gap=0.03, late=0.06),
        replace(COUNTY, name="gaps", gap=0.06, late=0.08, wrong_number=0.01),
        replace(COUNTY, name="day-labour", day_labour=0.6, day_labour_noise=0.10),
        replace(COUNTY, name="tax-spikes", tax_spikes=0.6, wage_noise=0.06),
        replace(COUNTY, name="back-pay", back_pay=0.7, july=(0.06, 0.02)),
        replace(COUNTY, name="job-changes", job_changes=0.25),
        replace(COUNTY, name="other-rhythms", quarterly=0.15, seasonal=0.12),
        replace(
            COUNTY,
            name="mixed",
            tail=4.0,
            base_noise=0.01,
            wage_noise=0.06,
            day_labour=0.25,
            day_labour_noise=0.10,
            tax_spikes=0.25,
            back_pay=0.3,
            job_changes=0.08,
            quarterly=0.05,
            seasonal=0.06,
            gap=0.02,
            late=0.05,
        ),
    )
}
"""By name; `monitor simulate --profile`."""
