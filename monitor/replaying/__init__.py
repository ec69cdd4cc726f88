"""Replay: the live pipeline over files. Same functions, other hosts: files and memory instead of Kafka and Redis."""
