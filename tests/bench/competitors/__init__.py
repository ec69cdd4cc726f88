"""Other streaming frameworks on the screening job, each in an environment of its own (`environments.py` makes them)."""
