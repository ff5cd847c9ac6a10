"""Microsoft Teams: receive, render, send. Nothing about NPQs."""
