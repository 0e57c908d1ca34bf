"""The renderer: artwork drawn from the rules, cartons and surfaces, light and camera -> photo + truth."""

from __future__ import annotations
