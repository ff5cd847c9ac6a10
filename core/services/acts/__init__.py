"""What staff decide, a file for each act: its reasons, why it would be of no use, the deed with its checks, the words recorded.

`recording` is what all of them share: one act as one transaction. Who may do it stands in `core.services.staff.actors`; how it looks
to people in `bot.conversation.acts`; as a command in `bot.cli.decisions`.
"""
