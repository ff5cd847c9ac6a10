"""What the bot says and understands, on any platform: the grammar, the verbs behind buttons, and the cards."""
