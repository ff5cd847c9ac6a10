"""The cards that people see, on any platform: the neutral tree, what makes it fit, and a module for each kind of card."""
