"""How people and clocks reach the house."""
