"""Each module here prints a table and writes the same figures as JSON to ``benchmarks/results/``."""
