"""What the pages for developers name is there: files, modules, functions, links; and the map is the one that the tests hold."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.house.test_how_tos import documented
from tests.house.test_names import SYMMETRIC
from tests.house.test_rooms import HOUSE, MAY_IMPORT, ROOMS

DEVELOPING = HOUSE / "docs" / "developing.md"
PAGES = (DEVELOPING, *sorted((HOUSE / "docs" / "decisions").glob("*.md")))
NAMING = (*PAGES, HOUSE / "SECURITY.md", HOUSE / "CONTRIBUTING.md")  # what they name in the code has to be there
LINKING = (*sorted((HOUSE / "docs").rglob("*.md")), *sorted(HOUSE.glob("*.md")))  # and where these lead
FLOORS = ("bot", "core", "reference", "migrations", "tests", "benchmarks")
KINDS_OF_FILE = ("py", "md", "toml", "patch", "sql", "mjs", "lock", "csv")
OUR_OWN_NAME = re.compile(r"[A-Z]{3,}")  # in a path of a how-to: the new thing's


def told(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def named(page: Path) -> list[str]:
    """What a page says in the letters of code."""
    return re.findall(r"`([^`\n]+)`", told(page))


@cache
def modules() -> dict[str, list[str]]:
    """The modules of the house by the last part of their names."""
    found: dict[str, list[str]] = {}
    for floor in FLOORS:
        for path in sorted((HOUSE / floor).rglob("*.py")):
            parts = path.relative_to(HOUSE).with_suffix("").parts
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            found.setdefault(parts[-1], []).append(".".join(parts))
    return found


@cache
def words_in_code() -> frozenset[str]:
    """Every word of the code, of how it is set up, and of the pack."""
    files = [path for floor in FLOORS for ending in ("*.py", "*.toml") for path in (HOUSE / floor).rglob(ending)]
    # this page's own test proves nothing
    texts = [path.read_text(encoding="utf-8") for path in files if path != Path(__file__)]
    texts += [(HOUSE / name).read_text(encoding="utf-8") for name in ("Makefile", "pyproject.toml", ".gitignore")]
    return frozenset(word for text in texts for word in re.findall(r"\w+", text))


def is_path(text: str) -> bool:
    return re.fullmatch(r"[\w./-]+", text) is not None and ("/" in text or text.rpartition(".")[2] in KINDS_OF_FILE)


def is_dotted(text: str) -> bool:
    return re.fullmatch(r"[a-z]\w*(\.\w+)+", text) is not None and text.rpartition(".")[2] not in KINDS_OF_FILE


def is_there(path: str) -> bool:
    """Whether there is such a file or folder; a name in capitals stands for any, and a file alone for one anywhere."""
    pattern = (
        OUR_OWN_NAME.sub("*", path.rstrip("/")) if path.rstrip("/").endswith((".py", "NAME")) else path.rstrip("/")
    )
    if "/" not in path:
        return (HOUSE / path).exists() or any(any((HOUSE / floor).rglob(path)) for floor in FLOORS)
    return any(HOUSE.glob(pattern))


def holds(module: str, names: list[str]) -> bool:
    """Whether a module has this attribute of an attribute; a field of a class counts too."""
    found: object = importlib.import_module(module)
    for name in names:
        if not hasattr(found, name):
            return name in getattr(found, "__annotations__", {})
        found = getattr(found, name)
    return True


def meant(text: str) -> list[str]:
    """The modules in which a dotted name can be found."""
    parts = text.split(".")
    if parts[0] not in FLOORS or len(parts) == 1:
        return [module for module in modules().get(parts[0], []) if holds(module, parts[1:])]
    for cut in range(len(parts), 0, -1):
        module = ".".join(parts[:cut])
        if module in modules().get(parts[cut - 1], []):
            return [module] if holds(module, parts[cut:]) else []
    return []


def on_a_platform(module: str) -> bool:
    return module.replace(".", "/").startswith(SYMMETRIC)


@pytest.mark.parametrize("page", NAMING, ids=lambda page: page.name)
def test_what_is_code_ends_on_its_line(page: Path) -> None:
    """Else what follows would be read inside out, here and by whoever searches for it."""
    assert [line for line in told(page).splitlines() if line.count("`") % 2] == []


@pytest.mark.parametrize("page", NAMING, ids=lambda page: page.name)
def test_every_path_is_there(page: Path) -> None:
    assert [text for text in named(page) if is_path(text) and not text.startswith("/") and not is_there(text)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_module_and_function_is_there(page: Path) -> None:
    assert [text for text in named(page) if is_dotted(text) and not meant(text)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_short_name_means_one_module(page: Path) -> None:
    short = [text for text in named(page) if is_dotted(text) and text.partition(".")[0] not in FLOORS]
    assert {text: meant(text) for text in short if len(meant(text)) > 1} == {}
    assert [text for text in short if any(map(on_a_platform, meant(text)))] == [], "a platform's own is written out"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_other_name_stands_in_the_code(page: Path) -> None:
    names = [text for text in named(page) if re.fullmatch(r"_?[A-Za-z]\w+", text)]
    assert [text for text in names if text not in words_in_code() and not OUR_OWN_NAME.fullmatch(text)] == []


def test_every_command_that_runs_a_test_finds_one() -> None:
    """`pytest FILE -k WORDS` on the page: the file is there and has a test, or a row of one, with each of the words."""
    page = (HOUSE / "docs/developing.md").read_text(encoding="utf-8")
    asked = re.findall(r"^pytest (tests/\S+\.py)(?: -k (\"[^\"]+\"|\S+))?", page, re.MULTILINE)
    assert len(asked) > 3
    fixtures = {"sqlite", "postgres"}
    for path, words in asked:
        content = (HOUSE / path).read_text(encoding="utf-8")
        for word in set(words.strip('"').split()) - {"and", "or", "not"} - fixtures:
            assert word in content, f"pytest {path} -k {words} finds nothing"


def test_the_pages_name_enough_for_this_to_mean_anything() -> None:
    said = [text for page in PAGES for text in named(page)]
    assert sum(map(is_path, said)) > 100
    assert sum(map(is_dotted, said)) > 100


# --- links -----------------------------------------------------------------------------------------------------------------


def links(page: Path) -> Iterator[tuple[str, str]]:
    """Where a page leads within the repository: the file, and the heading in it."""
    for target in re.findall(r"\]\(([^)\s]+)\)", told(page)):
        if "://" not in target and not target.startswith("mailto:"):
            path, _, heading = target.partition("#")
            yield path, heading


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    lines = re.findall(r"^#+ (.+)$", told(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", line.lower()).strip().replace(" ", "-") for line in lines}


def broken(page: Path) -> Iterator[str]:
    for path, heading in links(page):
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or HOUSE not in (target, *target.parents):
            yield f"{path} is not there"
        elif heading and heading not in headings(target):
            yield f"{path}#{heading} is not there"


@pytest.mark.parametrize("page", LINKING, ids=lambda page: str(page.relative_to(HOUSE)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert list(broken(page)) == []


def test_every_decision_is_in_the_index_under_its_own_title() -> None:
    folder = HOUSE / "docs" / "decisions"
    index = re.findall(r"^(\d+)\. \[(.+)\]\((.+)\)$", (folder / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    titles = {path.name: path.read_text(encoding="utf-8").splitlines()[0] for path in folder.glob("[0-9]*.md")}
    assert {file: f"# {number}. {title}" for number, title, file in index} == titles
    assert [int(number) for number, _, _ in index] == list(range(1, len(index) + 1))


# --- the map, the how-tos, the words -----------------------------------------------------------------------------------------


def test_the_map_says_who_may_import_whom() -> None:
    block = DEVELOPING.read_text(encoding="utf-8").split("<!-- rooms -->", 1)[1].split("<!-- end -->", 1)[0]
    rows = [line.split() for line in block.splitlines() if line and not line.startswith("```")]
    assert {room: set(others) for room, *others in rows} == {room: set(MAY_IMPORT[room]) for room in ROOMS}
    lowest_first = [room.replace("/", ".") for room, *_ in reversed(rows)]
    for room, *others in rows:
        above = lowest_first[lowest_first.index(room.replace("/", ".")) :]
        assert [other for other in others if other in above] == [], "imports go down"


def test_the_table_of_rooms_has_every_room() -> None:
    table = set(re.findall(r"`((?:bot|core|reference)[\w/.]*)`", told(DEVELOPING).split("### Where do I change")[0]))
    assert [room for room in ROOMS if not {f"{room}/", f"{room}.py"} & table] == []


@pytest.mark.parametrize("kind", ["act", "message", "file", "rule"])
def test_every_file_that_a_how_to_lists_is_there_or_can_be(kind: str) -> None:
    listed = documented(kind)
    assert listed != []
    assert [path for path in listed if not is_there(path)] == []


def glossary() -> dict[str, tuple[str, str]]:
    """Each word with what it means and where it lives."""
    section = told(DEVELOPING).split("\n## Words", 1)[1]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if "|" in line]
    return {row[0]: (row[1], row[2]) for row in rows[2:]}


def test_every_word_is_one_sentence_and_names_a_module_that_is_there() -> None:
    words = glossary()
    assert len(words) > 50
    assert [word for word, (means, _) in words.items() if not means.endswith(".") or ". " in means] == []
    assert [word for word, (_, where) in words.items() if not meant(where.strip("`"))] == []


def test_every_word_in_italics_is_in_the_glossary() -> None:
    known = {word.strip() for words in glossary() for word in words.split(",")}
    before = told(DEVELOPING).split("\n## Words", 1)[0]
    said = {word for word in re.findall(r"(?<![\w*])\*([a-z][^*\n]*)\*(?![\w*])", before) if word != "italics"}
    ours = {word for word in said if " " not in word}
    assert [word for word in sorted(ours) if word not in known and word.removesuffix("s") not in known] == []


def test_a_glossary_word_stands_once() -> None:
    section = told(DEVELOPING).split("\n## Words", 1)[1]
    first = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("|")]
    words = [word.strip() for cell in first[2:] for word in cell.split(",")]
    assert sorted({word for word in words if words.count(word) > 1}) == []


def test_this_test_would_notice() -> None:
    """What is wrong is found: else all of the above proves nothing."""
    assert not is_there("core/posts/nowhere.py")
    assert is_there("core/services/acts/NAME.py")
    assert not is_there("core/services/nowhere/NAME.py")
    assert meant("core.posts.planning.plan") == ["core.posts.planning"]
    assert meant("core.posts.planning.plans") == []
    assert meant("entry.answer") == ["bot.conversation.entry"]
    assert meant("entry.answers") == []
    assert "nowhere" + "_to_be_found" not in words_in_code()
