"""`python -m tiendo`."""

from tiendo.cli import main

main()
