"""Cartons with damage made in geometry and material, and the truth of it pixel by pixel."""
