"""Measurements, run by `make bench`: never a test, always beside a reference in the same run."""
