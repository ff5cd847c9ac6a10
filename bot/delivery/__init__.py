"""The worker's side: the clock that ticks, the outbox that is emptied, what to do when an outcome is unknown."""
