"""Changes that a newcomer would make, each as a patch, and the story that it must then be able to tell: see `test_how_tos`."""
