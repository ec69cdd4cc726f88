"""`monitor doctor`: what is reachable, what is not, and what to do."""
