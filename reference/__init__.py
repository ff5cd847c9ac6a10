"""What the guidance says, as data."""
