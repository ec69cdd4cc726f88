"""Tuning: what one source's parameters could be, learned on the first part of the time, judged on the last."""
