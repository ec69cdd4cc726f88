"""Fault experiments: a load runs through real parts and two workers, something is broken, and nothing may be lost.

``make faults`` runs all of them and prints a table, ``make faults ONLY="redis-emptied kill-random"`` some;
``python -m tests.faults --list`` names them. What each must leave behind is that of an undisturbed run.
"""
