"""How well the text reader reads: rendered print with truth, and what was read of it."""
