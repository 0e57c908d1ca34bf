"""Run as `python -m lipack_vision.cli`."""

from lipack_vision.cli import main

main()
