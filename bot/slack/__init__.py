"""Slack: receive, render, send. Nothing about NPQs."""
