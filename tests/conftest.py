"""Settings that must be made before torch is imported."""

from __future__ import annotations

import os

# By default an OpenMP thread that waits for another burns its core; tests often share theirs.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
