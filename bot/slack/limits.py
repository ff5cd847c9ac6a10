"""What Slack takes, in one table. Where sources disagree, the smaller number."""

from __future__ import annotations

MESSAGE_TEXT = 4_000  # the `text` beside the blocks
SECTION_TEXT = 3_000
SECTION_FIELDS = 10
FIELD_TEXT = 2_000
HEADER_TEXT = 150
CONTEXT_TEXT = 3_000
ACTIONS = 25
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
SPOKEN_LABEL = 75
OVERFLOW_OPTIONS = 5
SELECT_OPTIONS = 100
OPTION_TEXT = 75
OPTION_VALUE = 150
PLACEHOLDER = 150
INPUT_LABEL = 2_000
INPUT_HINT = 2_000
VIEW_TITLE = 24
VIEW_BUTTON = 24
POSTS_APART = 1.0  # seconds between two posts to one channel
POSTS_A_MINUTE = 300  # to the whole workspace, in any minute: "several hundred", and the least that is meant by it
