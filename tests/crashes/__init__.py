"""Crash points: a process is killed at each statement of each write, and what a retry leads to is compared."""
