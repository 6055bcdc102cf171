"""The whole country, twice a day: what a night, a rebuild and a correction cost, beside one script that does the main sums by hand."""
