"""Measurements, not tests: `make bench` prints them with the needs that they are held against."""
