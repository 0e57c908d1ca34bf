"""What each task computes: loss, step, metrics."""
