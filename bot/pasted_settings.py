"""What a setting was meant to be, out of what was pasted into it.

A value is cleaned only where that is certain; what stays odd and cannot work is refused by the setting's name, and never shown.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection, Mapping
from enum import Enum
from urllib.parse import urlsplit

from pydantic.fields import FieldInfo

from core.services.typed_names import QUOTATION_MARKS, bare, bare_path, without_unseen


class Holds(Enum):
    """What a setting holds, where that says what can be cleaned off it; stands where the setting is declared."""

    PATH = "a file's name, or an address of one: it may hold blanks, “#” and marks"
    SECRET = "signs that are printed, none of them a blank"
    TOKEN = "a secret without “#” or marks"
    GUID = "an id that may be pasted with brackets around it"


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


def meant(name: str, pasted: str, settings: Mapping[str, FieldInfo]) -> str:
    """The value without what came along with it; "" where nothing is left. `settings` are all of them.

    Raises `ValueError`, with a sentence that does not show the value, where what is left cannot be right.
    """
    holds = next((what for what in settings[name].metadata if isinstance(what, Holds)), None)
    before, value = None, pasted
    while value != before:
        before = value
        value = _once(name, value, settings, holds)
    if name == "database_url":
        _refuse_odd_address(value)
    elif holds in (Holds.SECRET, Holds.TOKEN):
        _refuse_odd_secret(holds, value)
    elif _SLACK_TOKEN.match(value):
        raise ValueError("it holds a token of Slack's, which belongs in another setting")
    if odd := next((at for at, one in enumerate(value) if unicodedata.category(one) == "Cc"), None):
        raise ValueError(f"there is {_in_words(value[odd])} inside it, behind {odd} characters; give one line")
    return value


def web_address(value: str) -> str:
    """An address of the web without a slash at its end. Raises `ValueError`, with a sentence, for what is none."""
    if not value.startswith(("http://", "https://")):
        raise ValueError(f"“{value}” is not a web address; it must start with http:// or https://")
    if any(one.isspace() for one in value):
        raise ValueError(f"“{value}” is not a web address; there must be no blank in it")
    try:
        address = urlsplit(value)
        usable = bool(address.hostname) and (address.port is None or address.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f"“{value}” is not a web address; it needs a host, and a port up to 65535 if any")
    return value.rstrip("/")


def _once(name: str, text: str, names: Collection[str], holds: Holds | None) -> str:
    alone = bare_path if holds is Holds.PATH else bare
    value = alone(_LINE_END_WRITTEN_OUT.sub("", alone(text)))
    value = _without_comment(name, value)
    value = _without_name(name, value, names)
    if holds is Holds.PATH:
        return value
    value = without_unseen(value).rstrip(_SEPARATORS)
    return value.strip("{}()") if holds is Holds.GUID else value


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


def _refuse_odd_secret(holds: Holds | None, value: str) -> None:
    for at, one in enumerate(value):
        if not "!" <= one <= "~" or (holds is Holds.TOKEN and (one == "#" or one in QUOTATION_MARKS)):
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
