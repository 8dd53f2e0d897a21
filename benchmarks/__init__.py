"""Benchmarks: programs whose docstring states the claim, the method and the target. `python -m benchmarks` runs all."""
