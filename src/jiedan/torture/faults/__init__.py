"""The faults, one family per file: each makes one, lets it last and heals it."""
