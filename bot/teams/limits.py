"""What Teams takes, in one table. Where sources disagree, the smaller number."""

from __future__ import annotations

CARD_VERSION = "1.5"
CARD_BYTES = 24_000  # of a card as UTF-8; 28 KB are refused in some places, 100 KB in others
FALLBACK_TEXT = 700  # what a client that draws no cards shows, and what a notification says
HEADING = 300
LABEL = 24  # characters of a label that has a column of its own
ROW = 34  # characters of buttons side by side on a phone
AROUND_A_LABEL = 4  # characters that a button is wider than its label
CHOICES = 100
CHOICE_TITLE = 100
ACTION_TITLE = 60
COMPLAINT = 600  # characters below a field
COMMANDS = 12  # of the command menu
COMMAND_TITLE = 32
COMMAND_DESCRIPTION = 128
TEXT_IN = 28_000  # characters of a message that are looked at
ID = 1_000  # characters of an id; PostgreSQL's indexes take some 2,700 bytes
TAG = 100  # characters of the mark that says which post a button stands on; ours have 32
SERVICE_URL = 2_000  # characters of the Connector's address
POSTS_APART = (
    0.5  # seconds between two posts to one conversation: 7 in 1 s, 8 in 2 s, 60 in 30 s and 1,800 an hour allow it
)
POSTS_A_MINUTE = 1_500  # to all conversations: 30 in a second are allowed
ANSWER_WITHIN = 9.0  # seconds, of the fifteen that Teams waits; clients complain from five to ten on
TAKEN_WITHIN = 60.0  # seconds that the Connector gets to take an answer, all of it: nobody waits for it meanwhile
REACHED_WITHIN = 15.0  # seconds of these in which it must have been connected
EXTENSION_RESULTS = 15  # people a search of the message extension shows
RETRIED = frozenset({412, 429, 502, 504})  # statuses with which nothing was done: to be asked again, and no others
NOT_NOW = frozenset({412, 429})  # of these: as often as need be, after as long as Teams asks for
