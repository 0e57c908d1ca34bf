"""Designs of cartons as plans, near-twins of them, and pictures of both for matching."""
