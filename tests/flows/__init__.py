"""Whole conversations in Slack, driven from outside over real sockets and told as a user would see them."""
