"""Embedded parts: real servers out of wheels, for the demo, the tests and anybody without servers of their own."""
