"""Torch modules, one architecture per file; the only place of the package that imports torch."""
