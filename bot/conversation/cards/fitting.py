"""The one place where cards are made to fit: by making pages, never by leaving anybody out.

The measures are those of the narrowest platform that cards go to, with room to spare, so that a page still fits when it is
drawn again later with other words. A platform's own limits stand beside its renderer; the tests' stand-ins refuse what exceeds them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.conversation.cards.card import (
    Actions,
    Bullets,
    Card,
    Element,
    Facts,
    Heading,
    Note,
    Paragraph,
    PersonPicker,
    PersonRow,
    words_of,
)

PEOPLE_A_PAGE = 15  # of a post: what a phone shows without losing its reader
CHARACTERS_A_PAGE = 9_800  # of a post's words, labels included, as bytes of UTF-8
CHARACTERS_AT_FIRST = 8_800  # when a page is made: later drawings may have more to say
NAMES_A_PAGE = 2_400  # characters of names, which the notification lists
LIST_PAGE = 10  # people or reviews on a page of an answer
LONGEST_NAME = 150
LONGEST_TEXT = 2_800  # of one element's words
LONGEST_PLAIN = 3_900  # of a notification's text

Item = TypeVar("Item")


def pages(items: Sequence[Item], size: int = LIST_PAGE) -> list[tuple[Item, ...]]:
    """The items in pages of `size`, in order; one empty page when there are none."""
    return [tuple(items[start : start + size]) for start in range(0, len(items), size)] or [()]


def page_numbered(
    items: Sequence[Item], number: int | None, size: int = LIST_PAGE
) -> tuple[tuple[Item, ...], int, int]:
    """One page with its number (from 1, the nearest there is) and how many pages there are."""
    every = pages(items, size)
    chosen = min(max(number or 1, 1), len(every))
    return every[chosen - 1], chosen, len(every)


def packed(
    items: Sequence[Item], weigh: Callable[[Item], int], name: Callable[[Item], str], room: int
) -> list[tuple[Item, ...]]:
    """Pages in order, each with at most `PEOPLE_A_PAGE` items, `room` characters and a notification's worth of names.

    Pages are evened out, so that the last is not a leftover of one or two.
    """
    fewest = max(1, -(-len(items) // PEOPLE_A_PAGE))
    for count in range(fewest, len(items) + 1):
        even = _evenly(items, count)
        if all(
            sum(map(weigh, page)) <= room and sum(weight(name(item)) + 2 for item in page) <= NAMES_A_PAGE
            for page in even
        ):
            return even
    return [(item,) for item in items]


def _evenly(items: Sequence[Item], count: int) -> list[tuple[Item, ...]]:
    size, more = divmod(len(items), count)
    found, start = [], 0
    for number in range(count):
        end = start + size + (number < more)
        found.append(tuple(items[start:end]))
        start = end
    return found


def characters(card: Card) -> int:
    """All the words of a card, labels and spoken labels included."""
    return weight(card.title) + sum(map(weight_of, card.elements))


def weight(text: str) -> int:
    """The bytes of a text where `&`, `<` and `>` are written as escapes and markup is parted by unseen spaces."""
    return len(text.encode()) + 4 * sum(map(text.count, "&<>")) + sum(map(text.count, "*_~`:@"))


def weight_of(element: Element) -> int:
    """The words of one element, with what markup may add."""
    match element:
        case PersonRow():
            controls = sum(weight(b.label) + weight(b.spoken) for b in element.buttons)
            said = sum(weight(words_of(each)) + 6 for each in (*element.lines, element.beside))
            return weight(element.name) + len(element.mark) + said + controls + 8
        case Paragraph():
            return sum(weight(words_of(each)) + 6 for each in element.lines)
        case Bullets():
            return sum(weight(words_of(each)) + 6 for each in element.items)
        case Facts():
            return sum(weight(label) + weight(words_of(value)) + 6 for label, value in element.rows)
        case Actions():
            return sum(weight(b.label) + weight(b.spoken) for b in element.buttons)
        case Note():
            return weight(words_of(element.text)) + 4
        case Heading():
            return weight(element.words)
        case PersonPicker():
            return len(element.label)
        case _:
            return 0


def shown(text: str, longest: int = LONGEST_NAME) -> str:
    """Text on one line, and where it is absurdly long only its beginning with an ellipsis."""
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else flat[: longest - 1].rstrip() + "…"


def chunks(names: Sequence[str], room: int) -> list[list[str]]:
    """Names in pieces of at most `room` characters, commas included: everybody, in order."""
    found: list[list[str]] = []
    used = 0
    for name in names:
        if not found or used + weight(name) + 2 > room:
            found.append([])
            used = 0
        found[-1].append(name)
        used += weight(name) + 2
    return found


def named(names: Sequence[str], room: int) -> str:
    """Names with commas, and "and n more" where they would take more than `room` characters."""
    kept: list[str] = []
    used = 0
    for number, name in enumerate(names):
        used += len(name) + 2
        if used > room and number:
            return f"{', '.join(kept)} and {len(names) - number} more"
        kept.append(name)
    return ", ".join(kept)
