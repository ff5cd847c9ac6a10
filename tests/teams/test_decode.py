"""What people write in Teams, as the words of a command."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.teams.decode import command, typed

BOT = {"id": "28:bot", "name": "NPQ"}


def mention(name: str, who: str) -> dict[str, Any]:
    return {"type": "mention", "text": f"<at>{name}</at>", "mentioned": {"id": who, "name": name}}


@pytest.mark.parametrize(
    ("text", "entities", "words"),
    [
        ("status jane", [], "status jane"),
        ("<at>NPQ</at> status jane", [mention("NPQ", "28:bot")], "status jane"),
        ("<at>NPQ</at>&nbsp;status jane\n", [mention("NPQ", "28:bot")], "status jane"),
        ("status jane <at>NPQ</at>", [mention("NPQ", "28:bot")], "status jane"),
        ("<at>NPQ</at> status <at>Jane Smith</at>", [mention("NPQ", "28:bot"), mention("Jane Smith", "29:j")], "status Jane Smith"),
        ('<at id="0">Test Bot</at> reviews', [], "reviews"),
        ("status O&apos;Neill &amp; Co", [], "status O'Neill & Co"),
        ("\u00a0status\u00a0jane\u00a0", [], "status jane"),
        ("", [], ""),
        ("<at>", ["nonsense", {"mentioned": 5, "text": []}], ""),
        ("<at>NPQ</at>, status Prema", [mention("NPQ", "28:bot")], "status Prema"),
        ("<at>NPQ</at>: status Prema", [mention("NPQ", "28:bot")], "status Prema"),
        ("<at>NPQ</at>&nbsp;– status Prema", [mention("NPQ", "28:bot")], "status Prema"),
        ("<at>Test Bot</at>, status Prema", [], "status Prema"),
        ("status <at>NPQ</at>, Prema", [mention("NPQ", "28:bot")], "status Prema"),
        ("status Prema, <at>NPQ</at>", [mention("NPQ", "28:bot")], "status Prema"),
        ("<b>status</b> <i>jane</i>", [], "status jane"),
        ("status jane 🙂", [], "status jane 🙂"),
        ("status &lt;b&gt;", [], "status <b>"),
        ("status a < b > c", [], "status a < b > c"),
        # what somebody quotes
        ('<quoted messageId="1655"/>status jane', [], "status jane"),
        ('<quoted messageId="1655"/> <at>NPQ</at>, status jane', [mention("NPQ", "28:bot")], "status jane"),
        ('<at>NPQ</at> <quoted messageId="1655" /> status jane', [mention("NPQ", "28:bot")], "status jane"),
        ('<quoted messageId="1"/><quoted messageId="2"/>\nstatus jane', [], "status jane"),
        ('<quoted messageId="1">help</quoted>status jane', [], "status jane"),
        ('<quoted messageId="1">status jane', [], "status jane"),
        ('<attachment id="1655"></attachment>status jane', [], "status jane"),
        ('<blockquote itemtype="http://schema.skype.com/Reply"><p>help</p></blockquote><p>status jane</p>', [], "status jane"),
        ('<quoted messageId="1655"/>', [], ""),
    ],
)  # fmt: skip
def test_the_words_beside_the_mention(text: str, entities: list[Any], words: str) -> None:
    assert typed({"text": text, "entities": entities, "recipient": BOT}) == words


REPLY = (
    '<blockquote itemscope="" itemtype="http://schema.skype.com/Reply" itemid="1655"><strong itemprop="mri" '
    'itemid="28:bot">NPQ</strong><span itemprop="time" itemid="1655"></span><p itemprop="preview">At risk: 4 people</p></blockquote>'
)


@pytest.mark.parametrize(
    ("text", "page", "words"),
    [
        ("", "<p>status jane</p>", "status jane"),
        ("<at>NPQ</at>", '<p><span itemtype="http://schema.skype.com/Mention" itemid="0">NPQ</span>, status jane</p>', "status jane"),
        ("<at>NPQ</at>", '<div><at id="0">NPQ</at>&nbsp;status O&apos;Neill &amp; Co</div>', "status O'Neill & Co"),
        ("", '<p>status <span itemtype="http://schema.skype.com/Mention">Jane Smith</span></p>', "status Jane Smith"),
        ("NPQ\nAt risk: 4 people\n\nstatus jane", f"{REPLY}<p>status jane</p>", "status jane"),
        ("At risk: 4 people status jane", f"<div>{REPLY}\n<div>status <b>jane</b></div></div>", "status jane"),
        ("x", f"<blockquote>{REPLY}help</blockquote>status jane", "status jane"),
        ("status jane", "<p>status <strong>jane</strong></p>", "status jane"),
        ("status &lt;b&gt;", "<p>status &lt;b&gt;</p>", "status <b>"),
        ("", "<p>status &lt;b&gt;</p>", "status <b>"),
        ("", '<p>jane <emoji alt="🙂"></emoji><img alt="👍" itemtype="http://schema.skype.com/Emoji"></p>', "jane 🙂👍"),
        ("", REPLY, ""),
        ("", 5, ""),
    ],
)  # fmt: skip
def test_the_words_where_the_page_beside_the_text_says_more(text: str, page: Any, words: str) -> None:
    attached = [5, {"contentType": "text/html", "content": page}]
    activity = {"text": text, "attachments": attached, "recipient": BOT, "entities": [mention("NPQ", "28:bot")]}
    assert " ".join(typed(activity).split()) == words


@pytest.mark.parametrize(
    ("attached", "file"),
    [
        ([], False),
        (None, False),
        ([{"contentType": "text/html", "content": "<p></p>"}], False),
        ([{"contentType": "messageReference", "content": "{}"}], False),
        ([{"contentType": "application/vnd.microsoft.card.adaptive", "content": {}}], False),
        ([{"contentType": "image/png", "contentUrl": "https://x"}], True),
        ([{"contentType": "image/*", "contentUrl": "https://x"}, {"contentType": "text/html", "content": ""}], True),
        ([{"contentType": "application/vnd.microsoft.teams.file.download.info", "name": "x.xlsx"}], True),
        ([{"contentType": "text/html", "content": '<p><img src="https://x" alt="image"></p>'}], True),
        ([{"contentType": "text/html", "content": '<p><img alt="👍" itemtype="http://schema.skype.com/Emoji"></p>'}], False),
    ],
)  # fmt: skip
def test_whether_a_file_came_along(attached: Any, file: bool) -> None:
    activity = {"type": "message", "id": "1", "text": "", "attachments": attached}
    assert command(activity).file == file


@given(text=st.text(max_size=200), page=st.text(alphabet='<>/ab "=blockquoteatspan&;', max_size=200))
def test_whatever_is_written_is_read(text: str, page: str) -> None:
    said = typed({"text": text, "attachments": [{"contentType": "text/html", "content": page}], "recipient": BOT})
    assert said == said.strip()


@pytest.mark.parametrize(
    "text", ["<quoted>" * 40_000, "<blockquote>" * 40_000, "<at" * 40_000, "<!" * 40_000, "&" * 40_000]
)
def test_much_of_it_is_read_within_reason(text: str) -> None:
    began = time.process_time()
    typed({"text": text, "attachments": [{"contentType": "text/html", "content": text}], "recipient": BOT})
    assert time.process_time() - began < 2
