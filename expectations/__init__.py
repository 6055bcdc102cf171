"""The rule catalogue, the Great Expectations suites made from it, and the gate with its lanes."""
