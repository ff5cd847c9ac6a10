"""What a setting was meant to be, out of what was pasted into it.

A value is cleaned only where that is certain; what stays odd and cannot work is refused by the setting's name, and never shown.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection

from core.services.typed import QUOTATION_MARKS, bare, bare_path, without_unseen

PATHS = frozenset({"database_url", "npq_pack"})  # a file's name may hold blanks, “#” and marks
SLACK = frozenset({"slack_bot_token", "slack_signing_secret", "slack_app_token"})
SECRETS = SLACK | {"teams_client_secret"}
GUIDS = frozenset({"teams_client_id", "teams_tenant_id"})

_COMMENT = re.compile(r"(?:^|\s)\s*#[^\r\n]*\Z")
_FILES = (".db", ".sqlite", ".sqlite3")
_PACK_THEN_COMMENT = re.compile(r"\s+#(?:\s[^\r\n]*)?\Z")
_PERHAPS_COMMENT = re.compile(r"\s#\s")
_MARK = re.compile(r"\s+#")
_SERVER = re.compile(r"postgres(?:ql)?(?:\+\w+)?://", re.IGNORECASE)
_HOST = re.compile(r"postgres(?:ql)?(?:\+\w+)?://(?:[^/]*@)?([^/?@]*)", re.IGNORECASE)
_LINE_END_WRITTEN_OUT = re.compile(r"(?:\\[rn])+\Z")
_NAMED = re.compile(r"(?:export\s+|set\s+|\$env:|-e\s+|--env\s+)?([A-Za-z_]{4,})\s*[=:]\s*(?!//)", re.IGNORECASE)
_SLACK_TOKEN = re.compile(r"xox[a-z]-|xoxe\.|xapp-")
_SEPARATORS = ",;"


def meant(name: str, pasted: str, names: Collection[str]) -> str:
    """The value without what came along with it; "" where nothing is left. `names` are all settings'.

    Raises `ValueError`, with a sentence that does not show the value, where what is left cannot be right.
    """
    before, value = None, pasted
    while value != before:
        before = value
        value = _once(name, value, names)
    if name == "database_url":
        _refuse_odd_address(value)
    elif name in SECRETS:
        _refuse_odd_secret(name, value)
    elif _SLACK_TOKEN.match(value):
        raise ValueError("it holds a token of Slack's, which belongs in another setting")
    if odd := next((at for at, one in enumerate(value) if unicodedata.category(one) == "Cc"), None):
        raise ValueError(f"there is {_in_words(value[odd])} inside it, behind {odd} characters; give one line")
    return value


def _once(name: str, text: str, names: Collection[str]) -> str:
    alone = bare_path if name in PATHS else bare
    value = alone(_LINE_END_WRITTEN_OUT.sub("", alone(text)))
    value = _without_comment(name, value)
    value = _without_name(name, value, names)
    if name in PATHS:
        return value
    value = without_unseen(value).rstrip(_SEPARATORS)
    return value.strip("{}()") if name in GUIDS else value


def _without_comment(name: str, value: str) -> str:
    if name == "npq_pack":
        return value if os.path.exists(value) else _PACK_THEN_COMMENT.sub("", value)
    if name == "database_url" and not _SERVER.match(value):
        return value if os.path.exists(value.removeprefix("sqlite:///")) else _file_alone(value)
    user, at, rest = value.rpartition("@")  # a password may hold anything
    return user + at + _COMMENT.sub("", rest)


def _file_alone(value: str) -> str:
    """A database file's address without a comment, where a file's name ends before it and none at the end of it."""
    file, *comment = _MARK.split(value, maxsplit=1)
    if not comment or not bare(file).endswith(_FILES) or "\n" in comment[0]:
        return value
    return value if comment[0].endswith(_FILES) and comment[0][:1].strip() else file


def _without_name(name: str, value: str, names: Collection[str]) -> str:
    """Without “NAME=” in front of it, as it stands in a file or a shell."""
    found = _NAMED.match(value)
    if found is None or found[1].lower() not in names:
        return value
    if found[1].lower() != name:
        raise ValueError(f"it begins with “{found[1]}”, which is another setting: give each its own value")
    return value[found.end() :]


def _refuse_odd_secret(name: str, value: str) -> None:
    for at, one in enumerate(value):
        if not "!" <= one <= "~" or (name in SLACK and (one == "#" or one in QUOTATION_MARKS)):
            raise ValueError(
                f"there is {_in_words(one)} inside it, behind {at} characters, which no token or secret holds: copy it again, "
                "whole and alone"
            )


def _refuse_odd_address(value: str) -> None:
    if not value:
        raise ValueError("it holds nothing but blanks or quotation marks; give an address, or unset it")
    if _PERHAPS_COMMENT.search(value) and not value.endswith(_FILES):
        raise ValueError("“ # ” stands in it: take the comment away, or give the file a name without it")
    host = _HOST.match(value)
    if host is not None and any(one.isspace() for one in host[1]):
        raise ValueError("there is a blank in the name of its host; take it away")


def _in_words(odd: str) -> str:
    if odd in "\r\n":
        return "a line break"
    if odd.isspace():
        return "a blank"
    if odd in QUOTATION_MARKS:
        return "a quotation mark"
    return f"“{odd}”" if odd.isprintable() else "a control character"
