"""The ids that platforms give channels and people, read from what somebody pasted, where it can only be that one.

A name, an e-mail address or the id of something else is refused with where the right id is found: a channel bound by its name
would be another channel than the same one bound by its id.
"""

from __future__ import annotations

import re

from core.records.id_forms import IdForms, Kind, Platforms, Sought
from core.records.pasted_text import bare, without_unseen
from core.services.refusals import Refusal

__all__ = ["IdForms", "Kind", "Platforms", "Sought", "bare", "channel_id", "person_id"]


def channel_id(platforms: Platforms, platform: str, pasted: str, *, field: str = "id") -> str:
    """The id of a channel (in Teams also of a group chat). Refuses with `not_an_id`."""
    return _read(platforms, platform, "channel", pasted, field)


def person_id(platforms: Platforms, platform: str, pasted: str, *, field: str = "id") -> str:
    """The id of a person. Refuses with `not_an_id`."""
    return _read(platforms, platform, "person", pasted, field)


def _read(platforms: Platforms, platform: str, kind: Kind, pasted: str, field: str) -> str:
    forms = platforms[platform]
    found = forms.read(kind, without_unseen(pasted))
    if found is not None:
        return found
    sought, shown = forms.sought[kind], " ".join(bare(pasted).split())
    what = _what_it_is(platforms, platform, shown)
    raise Refusal(
        "not_an_id",
        f"“{shown[:100]}” is not {sought.one}, which looks like {sought.like}{what and f'; it is {what}'}. {sought.where}",
        field=field,
    )


def _what_it_is(platforms: Platforms, platform: str, text: str) -> str:
    """What was pasted instead, as far as it can be told; "" where it cannot."""
    others = {name: forms for name, forms in platforms.items() if name != platform}
    kinds: tuple[Kind, ...] = ("channel", "person")
    for kind in kinds:
        if platforms[platform].read(kind, text) is not None:
            return f"the id of a {kind}"
        for name, forms in others.items():
            if forms.read(kind, text) is not None:
                return f"an id of {name.capitalize()}: give --platform {name}"
    if (other := platforms[platform].other(text)) is not None:
        return other
    return next((what for form, what in _NO_IDS if form.search(text)), "a name")


_NO_IDS = (
    (re.compile(r"://|^www\.|/"), "a link that names none"),
    (re.compile(r"@[\w-]+\.\w"), "an e-mail address"),
    (re.compile(r"^#"), "a channel's name"),
)
