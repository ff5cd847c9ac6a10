"""How a platform writes its ids: what the house knows of one, handed down as data by whoever starts a process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind = Literal["channel", "person"]


@dataclass(frozen=True)
class Sought:
    """How ids of one kind look, and where people find them."""

    one: str
    like: str
    where: str


@dataclass(frozen=True)
class IdForms:
    """The ids of one platform.

    `read`: the one id of a kind that a text can only be, as the platform writes it; None where it is none, or several.
    `other`: what else of the platform's a text is; "" where it is something nobody has a word for, None where it is nothing of its.
    `heard`: an id that the bot has heard from counts, whatever its form.
    """

    sought: Mapping[Kind, Sought]
    read: Callable[[Kind, str], str | None]
    other: Callable[[str], str | None]
    heard: bool = False


Platforms: TypeAlias = Mapping[str, IdForms]  # by the name that is typed and stored
