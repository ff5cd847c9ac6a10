"""What somebody wrote in Teams, as the words of a command: without the mention of the bot, what they quote, and markup.

Teams sends the words as text, and with markup once more as a page of HTML beside it. What is quoted stands in either, by client.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from bot.teams import limits

HERE = "\N{OBJECT REPLACEMENT CHARACTER}"  # stands where the bot was mentioned, until what is around it is known
_BOT_FIRST = re.compile(r"^\s*<at\b[^<>]*>.*?</at>", re.IGNORECASE | re.DOTALL)  # where it is not said who is mentioned
_AROUND = re.compile(rf"[\s,]*{HERE}[\s,:;.!?–—-]*")
_QUOTED = re.compile(r"<quoted\b[^<>]*/>|<quoted\b[^<>]*>[^<]*</quoted>", re.IGNORECASE)
_MARKUP = re.compile(
    r"</?(?:at|attachment|quoted|b|strong|i|em|u|s|strike|span|code|pre|p|div|br)\b[^<>]*>", re.IGNORECASE
)
_QUOTES = "<blockquote"

Activity = Mapping[str, Any]


def words_of(activity: Activity) -> str:
    """What somebody typed; of others who are mentioned the name stays."""
    text, page = _text(activity), _page(activity)
    plain = _plain(activity, text)
    if page and (not plain or _QUOTES in page.lower()):
        return _plain(activity, _Page(page).text)
    return _plain(activity, _Page(text).text) if _QUOTES in text.lower() else plain


def shows_a_picture(activity: Activity) -> bool:
    """Whether a picture stands among the words."""
    return _Page(_page(activity)).pictures


def attached(activity: Activity) -> list[Mapping[str, Any]]:
    """What is attached to a message, whatever it is."""
    found = activity.get("attachments")
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _plain(activity: Activity, text: str) -> str:
    text = _QUOTED.sub("", text)
    for mention in _mentions_of_us(activity):
        text = text.replace(mention, HERE)
    text = _MARKUP.sub("", _BOT_FIRST.sub(HERE, text))
    return _AROUND.sub(" ", html.unescape(text)).replace("\N{NO-BREAK SPACE}", " ").strip()


def _mentions_of_us(activity: Activity) -> list[str]:
    us, found = activity.get("recipient"), activity.get("entities")
    if not isinstance(us, Mapping) or not isinstance(found, list):
        return []
    mentions = [each for each in found if isinstance(each, Mapping) and isinstance(each.get("mentioned"), Mapping)]
    texts = [each.get("text") for each in mentions if each["mentioned"].get("id") == us.get("id")]
    return [text for text in texts if isinstance(text, str) and text]


def _text(activity: Activity) -> str:
    text = activity.get("text")
    return text[: limits.TEXT_IN] if isinstance(text, str) else ""


def _page(activity: Activity) -> str:
    pages = [each.get("content") for each in attached(activity) if each.get("contentType") == "text/html"]
    return next((page[: limits.TEXT_IN] for page in pages if isinstance(page, str)), "")


class _Page(HTMLParser):
    """The words of a page of HTML outside what it quotes; a mention stands among them as it does in text."""

    _BREAKS = frozenset({"p", "div", "br", "li", "tr"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.pictures = False
        self._said: list[str] = []
        self._quotes = [tag for tag in ("blockquote", "quoted") if f"</{tag}" in page.lower()]
        self._quoting = 0
        self._spans: list[str] = []
        self.feed(page)
        self.close()

    @property
    def text(self) -> str:
        return "".join(self._said)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in self._quotes:
            self._quoting += 1
        elif tag == "span":
            self._spans.append("</at>" if "mention" in (given.get("itemtype") or "").lower() else "")
            self._say("<at>" if self._spans[-1] else "")
        elif tag == "at":
            self._say("<at>")
        elif tag in ("img", "emoji"):
            drawn = tag == "emoji" or "emoji" in (given.get("itemtype") or "").lower()
            self.pictures = self.pictures or not (drawn or self._quoting)
            self._say(html.escape(given.get("alt") or "", quote=False) if drawn else "")
        elif tag in self._BREAKS:
            self._say("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._quotes:
            self._quoting = max(self._quoting - 1, 0)
        elif tag == "span" and self._spans:
            self._say(self._spans.pop())
        elif tag == "at":
            self._say("</at>")
        elif tag in self._BREAKS:
            self._say("\n")

    def handle_data(self, data: str) -> None:
        self._say(html.escape(data, quote=False))

    def _say(self, words: str) -> None:
        if not self._quoting:
            self._said.append(words)
