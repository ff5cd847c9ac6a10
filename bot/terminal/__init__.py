"""The terminal as a platform: the same cards, buttons and forms as in a chat, drawn and pressed at a keyboard."""
