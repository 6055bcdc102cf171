"""How many planted faults are found, and how often truth is called a fault: `make bench-detection`, explained in docs/detection.md."""
