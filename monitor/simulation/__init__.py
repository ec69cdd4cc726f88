"""A synthetic county: households, fifteen feeds and what must be found in them, deterministic by seed."""

from monitor.simulation.county import Made, simulate
from monitor.simulation.profile import COUNTY, PROFILES, Profile

__all__ = ["COUNTY", "PROFILES", "Made", "Profile", "simulate"]
