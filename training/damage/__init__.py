"""From a trained damage net to an artifact, and what its answers are worth."""
