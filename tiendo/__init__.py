"""The words of tiendo: campaigns, units, slots, settings, errors and the lake's schema.

Every other room imports from here; nothing here imports another room (`tiendo.cli`, the door at the top, excepted).
"""

__version__ = "0.1.0"
