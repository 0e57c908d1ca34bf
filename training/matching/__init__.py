"""Shipping and measuring of the matching net."""
