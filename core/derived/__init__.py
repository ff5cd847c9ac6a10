"""All that is worked out from facts and decisions, and kept."""
