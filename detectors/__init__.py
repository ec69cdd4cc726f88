"""Is it notable: rules over facts, and online detectors over change."""
