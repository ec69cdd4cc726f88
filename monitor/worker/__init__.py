"""The live service's worker: four consumer groups and the sinks' in one process."""
