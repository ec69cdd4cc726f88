"""Fuzzing: ``make fuzz MINUTES=n`` feeds bytes of all kinds to whatever reads other people's bytes."""
