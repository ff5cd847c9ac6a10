"""What criteria measure and how they are combined: how packs say it, and every fault in it, each told once with its line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from reference.criteria import CriteriaGroup, Criterion, Item
from reference.loading import check_pack, load_pack
from reference.measure_words import measure_of, part_of
from reference.pack import Pack
from tests.reference.made import add, change, copy_of
from tests.reference.test_checking import PACK, line_named, refused

MEASURES = Path(__file__).parents[1] / "packs" / "measures-2026"
ROWS = "activities.csv"
SEMINARS, MODULES, CREDITS = (
    'n = 2\nkinds = ["seminar"]',
    'n = 2\ncomponent = "Online module"',
    'metric = "credits"\nmin_share = 12.5',
)
SESSIONS = 'min_share = 60\nkinds = ["seminar", "conference"]'
PLANNED = 'min_share = 85\nof = "planned"'
OF_MODULES = 'min_share = 80\ncomponent = "Online module"'
QUIZZES = 'weight = 30\nmetric = "component"\nlabel = "quizzes"\ncomponent = "Quiz"\n'
TASKS = '[[criteria.criterion.part]]\nweight = 20\nmetric = "component"\nlabel = "workplace tasks"\ncomponent = "Workplace task"\n'
CONFERENCES = 'n = 6\nkinds = ["conference"]'
LEAF = '\n[[criteria.criterion]]\nkey = "{}"\nshape = "attendance"\nrule = "W99"\nlabel = "Came"\nsource = "p. 9"\n'
LAST = '{ course = "NPQSENCO", block = 2, title = "Quiz 2.2" }'
GROUP = '[[criteria.criterion]]\ncombine = "all"\nsource = "handbook p. 6"'
AT_LEAST = 'declarations = ["started"]\ncombine = "at_least"\nn = 2'
EVALUATIONS = 'title_begins = "Evaluation"'

TREES = [
    # what is broken, what it says, what it says instead, what stands in the line that is named, what is said
    ("at_least without n", AT_LEAST, AT_LEAST.removesuffix("\nn = 2"), "[[criteria]]", 
     "criteria leadership started: “n” is needed for at_least: how many of those below are enough"),
    ("at least none", AT_LEAST, AT_LEAST.replace("n = 2", "n = 0"), "n = 0", "“n” must be a whole number from 1 on (given: 0)"),
    ("more than there are", AT_LEAST, AT_LEAST.replace("n = 2", "n = 4"), "n = 4",
     "criteria leadership started: “n” must be 3 or less: no more are below it (given: 4)"),
    ("half of one", AT_LEAST, AT_LEAST.replace("n = 2", "n = 1.5"), "n = 1.5", "“n”: give a whole number (given: 1.5)"),
    ("a number for all", GROUP, GROUP.replace('"all"', '"all"\nn = 2'), "n = 2",
     "group 1: nothing uses “n” here: all takes no number; leave it out, or write “at_least” for all"),
    ("a number for any, at the top", 'declarations = ["retained-1"]\ncombine = "any"',
     'declarations = ["retained-1"]\ncombine = "any"\nn = 1',
     "n = 1", "criteria leadership retained-1: nothing uses “n” here: any takes no number; leave it out, or write “at_least” for any"),
    ("a group that is a criterion", GROUP, GROUP + '\nshape = "attendance"', 'shape = "attendance"',
     "criterion 1: write “combine” for a group of criteria, or “shape” for one criterion, and leave the other out"),
    ("a criterion that has others below it", GROUP, GROUP.replace('combine = "all"',
     'shape = "attendance"\nkey = "a"\nrule = "W1"\nlabel = "b"'),
     "[[criteria.criterion.criterion]]",
     "criterion a: a criterion with a shape has none below it; a group of criteria has “combine” instead"),
    ("neither of the two", GROUP, GROUP.replace('combine = "all"\n', ""), "[[criteria.criterion]]", "group 1: “combine” is missing"),
    ("a group with a label", GROUP, GROUP + '\nlabel = "Both"', "label =", "group 1: a group has no “label”; leave it out"),
    ("a combination that is none", GROUP, GROUP.replace('"all"', '"atleast"'), "combine =",
     "group 1: “combine”: give one of 'any', 'all' or 'at_least'; is “at_least” meant? (given: atleast)"),
    ("a combination misspelt", GROUP, GROUP.replace("combine", "combin"), "combin =", "“combin” is not known here; is “combine” meant?"),
    ("a shape that is none", 'key = "credits_12"\nshape = "share"', 'key = "credits_12"\nshape = "shares"', "shape =", "is “share” meant?"),
    ("a metric that is none", CREDITS, CREDITS.replace("credits", "credit"), "metric =", "is “credits” meant? (given: credit)"),
    ("a table of criteria misspelt", 'combine = "all"\nsource = "handbook p. 6"\n\n[[criteria.criterion.criterion]]\nkey = "seminars_2"',
     'combine = "all"\nsource = "handbook p. 6"\n\n[[criteria.criterion.criterium]]\nkey = "seminars_2"', "[[criteria.criterion.criterium]]",
     "group 1: “criterium” is not known here; is “criterion” meant?"),
    ("a key twice, in two branches", 'key = "film"', 'key = "modules_2"', 'key = "modules_2"',
     "criterion modules_2: the criterion modules_2 is given twice; leave one of them out (the first is in line 257)"),
]  # fmt: skip

NUMBERS = [
    ("a share over all there is", CREDITS, CREDITS.replace("12.5", "100.5"), "min_share =",
     "criterion credits_12: “min_share” must be a percentage over 0 and up to 100 (given: 100.5)"),
    ("a share of nothing", CREDITS, CREDITS.replace("12.5", "0"), "min_share =", "over 0 and up to 100 (given: 0)"),
    ("a share in quotation marks", CREDITS, CREDITS.replace("12.5", '"12.5"'), "min_share =", "write the number without quotation marks"),
    ("a weighted share over all there is", "min_share = 72.5", "min_share = 725", "min_share =", "up to 100 (given: 725)"),
    ("a share without its percentage", CREDITS, CREDITS.replace("\nmin_share = 12.5", ""), "[[criteria.criterion]]",
     "criterion credits_12: “min_share” is needed for the shape share: a percentage over 0 and up to 100"),
    ("a share without its metric", CREDITS, CREDITS.replace('metric = "credits"\n', ""), "[[criteria.criterion]]",
     "“metric” is needed for the shape share: credits, percent_complete, sessions or component"),
    ("a share of hours", SESSIONS, SESSIONS + "\nn = 2", "n = 2",
     "nothing uses “n” here: the shape share takes metric and min_share and kinds"),
    ("a metric of another shape", 'metric = "hours"\nn = 4.5', 'metric = "component"\nn = 4.5', "metric =",
     "criterion hours_4: “metric” can't be component for the shape count; give one of sessions, hours, activities"),
    ("a metric of another shape, for progress", 'metric = "percent_complete"\nsource = "handbook p. 9"',
     'metric = "sessions"\nsource = "handbook p. 9"', "metric =", "can't be sessions for the shape progress"),
    ("a metric of another shape, in a part", QUIZZES, QUIZZES.replace('"component"', '"hours"').replace('component = "Quiz"\n', ""),
     "metric =", "criterion weighted_55, part 2: “metric” can't be hours for the shape weighted"),
    ("kinds of a share of credits", CREDITS, f'{CREDITS}\nkinds = ["seminar"]', "kinds =",
     "criterion credits_12: nothing uses “kinds” here"),
    ("a component of sessions", SEMINARS, f'{SEMINARS}\ncomponent = "Quiz"', "component =", "nothing uses “component” here"),
    ("sessions offered, of hours", CONFERENCES, f"{CONFERENCES}\nof = 3", "of =",
     "the shape count takes metric and n and kinds and component"),
    ("kinds of attendance", 'rule = "W13"', 'rule = "W13"\nkinds = ["seminar"]', "kinds =", "the shape attendance takes no number"),
    ("a span of what has none", "min_share = 75", "min_share = 75\nsince_last = true", "since_last =",
     "criterion credits_75: nothing uses “since_last” here: the shape completion_share has no span; leave it out"),
    ("all of it, where only what is new counts", SESSIONS, f"{SESSIONS}\nsince_last = false", "since_last =",
     "for a retained declaration only what is new counts, so it can't be false here; leave it out"),
    ("a span in words", SEMINARS, f'{SEMINARS}\nsince_last = "yes"', "since_last =", "“since_last”: give true or false (given: yes)"),
    ("no sessions counted", SEMINARS, SEMINARS.replace("2", "0"), "n =", "criterion seminars_2: “n” must be over 0 (given: 0)"),
    ("half a session", SEMINARS, SEMINARS.replace("2", "2.5"), "n =", "sessions are counted whole: give a whole number (given: 2.5)"),
    ("half an activity", MODULES, MODULES.replace("2", "0.5"), "n =", "activities are counted whole: give a whole number (given: 0.5)"),
    ("hours below nothing", CONFERENCES, CONFERENCES.replace("6", "-1"), "n =", "criterion hours_6: “n” must be over 0 (given: -1)"),
    ("a count without its number", SEMINARS, SEMINARS.replace("n = 2\n", ""), "[[criteria.criterion.criterion]]",
     "“n” is needed for the shape count"),
]  # fmt: skip

MEASURED = [
    ("a kind of event that is none", SEMINARS, SEMINARS.replace("seminar", "seminer"), "kinds =",
     "criterion seminars_2: “seminer” is no kind of event here; is “seminar” meant? there are seminar, conference, webinar, coaching"),
    ("a kind of event as people call it", SEMINARS, SEMINARS.replace("seminar", "live webinar"), "kinds =",
     "“live webinar” is no kind of event here"),
    ("a kind of event that is none, in a part", '["seminar"]\n\n[[criteria.criterion.part]]\nweight = 30',
     '["seminars"]\n\n[[criteria.criterion.part]]\nweight = 30', "kinds =",
     "criterion weighted_55, part 1: “seminars” is no kind of event here"),
    ("a kind of event twice", SESSIONS, SESSIONS.replace("conference", "seminar"), "kinds =", "“seminar” is given twice"),
    ("no kind of event at all", SEMINARS, 'n = 2\nkinds = []', "kinds =",
     "“kinds” names none; leave it out where every kind of event counts"),
    ("kinds that are no list", SEMINARS, 'n = 2\nkinds = "seminar"', "kinds =", "“kinds”: give a list in square brackets (given: seminar)"),
    ("a component that is none", MODULES, MODULES.replace("module", "modul"), "component =",
     "criterion modules_2: no activity of NPQLT, NPQLBC has the component “Online modul”; is “Online module” meant? there are Evaluation"),
    ("a component in small letters", OF_MODULES, OF_MODULES.replace("Online", "online"), "component =", "is “Online module” meant?"),
    ("no component", MODULES, "n = 2", "[[criteria.criterion.criterion]]", 
     "criterion modules_2: “component” is needed for the metric activities: give what activities.csv calls the kind of activity"),
    ("no component of a part", QUIZZES, QUIZZES.replace('component = "Quiz"\n', ""), "[[criteria.criterion.part]]",
     "criterion weighted_55, part 2: “component” is needed for the metric component"),
    ("a component of a course without blocks", 'metric = "percent_complete"\nmin_share = 5',
     'metric = "component"\ncomponent = "Quiz"\nmin_share = 5', "component =",
     "criterion percent_5: no activity of NPQLPM has the component “Quiz”; there are none"),
    ("sessions at the end, offered by nobody", PLANNED, "min_share = 85", "[[criteria.criterion]]",
     "criterion sessions_85: for the declaration completed “of” is needed: the number of sessions that are offered, "
     'or of = "planned" for those of the file of planned sessions'),
    ("the same in a part", "\nof = 8\n", "\n", "[[criteria.criterion.part]]",
     "criterion weighted_72, part 1: for the declaration completed “of” is needed"),
    ("planned sessions before the end", SESSIONS, f'{SESSIONS}\nof = "planned"', "of =",
     'criterion sessions_60: of = "planned" is for the declaration completed alone; here give a number, or leave “of” out'),
    ("sessions offered, none", PLANNED, "min_share = 85\nof = 0", "of =", '“of” must be a whole number from 1 on, or "planned" (given: 0)'),
    ("sessions offered, by another word", PLANNED, 'min_share = 85\nof = "all"', "of =",
     '“of”: give a whole number, or "planned" (given: all)'),
    ("sessions offered, in part", PLANNED, "min_share = 85\nof = 8.5", "of =", "give a whole number, or \"planned\" (given: 8.5)"),
    ("sessions offered, in quotation marks", PLANNED, 'min_share = 85\nof = "8"', "of =", "write the number without quotation marks"),
    ("weights that do not add up", "weight = 34.5", "weight = 34.4", "[[criteria.criterion.part]]",
     "criterion weighted_72: the weights of the parts must add up to 100; these add up to 99.9"),
    ("a weight of nothing", "weight = 30", "weight = 0", "weight =", "criterion weighted_55, part 2: “weight” must be over 0 (given: 0)"),
    ("a part alone",
     f"weight = 50\nmetric = \"sessions\"\nlabel = \"seminars\"\nkinds = [\"seminar\"]\n\n[[criteria.criterion.part]]\n{QUIZZES}\n{TASKS}",
     "weight = 100\nmetric = \"credits\"\n", "[[criteria.criterion.part]]", 
     "criterion weighted_55: two parts or more are weighted against each other (given: 1)"),
    ("a part without its weight", QUIZZES, QUIZZES.replace("weight = 30\n", ""), "[[criteria.criterion.part]]",
     "criterion weighted_55, part 2: “weight” is missing"),
    ("parts of a share", CREDITS, f'{CREDITS}\npart = [{{ weight = 50, metric = "credits" }}]', "part =", "nothing uses “part” here"),
    ("parts by another name", CREDITS, f"{CREDITS}\nparts = []", "parts =", "write each part under [[criteria.criterion.part]]"),
]  # fmt: skip

ITEMS = [
    ("an item of another group's course", LAST, LAST.replace("NPQSENCO", "NPQSL"), "    { course",
     "criterion named, item 3: “NPQSL” is none of the courses that this is for; there are NPQSENCO"),
    ("an item of an unknown course", LAST, LAST.replace("NPQSENCO", "NPQSENC"), "    { course", "is “NPQSENCO” meant?"),
    ("an item of a block that is none", LAST, LAST.replace("block = 2", "block = 3"), "    { course",
     "criterion named, item 3: NPQSENCO has no Block 3; there are 1, 2"),
    ("an item that no block lists", LAST, LAST.replace("Quiz 2.2", "Quizz 2.2"), "    { course",
     "criterion named, item 3: NPQSENCO Block 2 lists no activity “Quizz 2.2”; is “Quiz 2.2” meant?"),
    ("an item of another block", LAST, LAST.replace("Quiz 2.2", "Quiz 1.2"), "    { course",
     "lists no activity “Quiz 1.2”; it is in Block 1"),
    ("an item like no other", LAST, LAST.replace("Quiz 2.2", "Viva"), "    { course", "give a title as activities.csv has it"),
    ("an item twice", LAST, f"{LAST},\n    {{ course = \"NPQSENCO\", block = 2, title = \"QUIZ  2.2\" }}", "    { course",
     "criterion named, item 4: “QUIZ  2.2” of NPQSENCO Block 2 is given twice; leave one of them out (the first is in line"),
    ("an item without its block", LAST, LAST.replace("block = 2, ", ""), "    { course", "criterion named, item 3: “block” is missing"),
    ("no item for a course", EVALUATIONS, 'items = [{ course = "NPQLT", block = 1, title = "Quiz 1.1" }]', "items =",
     "criterion evaluations: no item is named for NPQLBC, NPQLL, where this could never be met; name one for each"),
    ("items that are none", EVALUATIONS, "items = []", "items =", "“items” names none; name at least one"),
    ("items that are no list", EVALUATIONS, 'items = "Quiz 1.1"', "items =", "write a list: items = [{ course"),
    ("no word of what is to be done", EVALUATIONS, "", "[[criteria.criterion]]", "“items” or “title_begins” is needed for the shape items"),
    ("a beginning that fits nothing", EVALUATIONS, 'title_begins = "Evaluations"', "title_begins =",
     "criterion evaluations: no activity of NPQLT, NPQLBC, NPQLL has a title that begins with “Evaluations”"),
    ("a beginning that fits nothing of one course", EVALUATIONS, 'title_begins = "Evaluation of block 2"', "title_begins =",
     "no activity of NPQLL has a title that begins"),
    ("a beginning of blanks", EVALUATIONS, 'title_begins = "  "', "title_begins =", "it is blank; give words"),
]  # fmt: skip

KINDS = [
    ("a kind twice", 'key = "webinar"', 'key = "Seminar"', 'key = "Seminar"', "event_kind Seminar: the kind Seminar is given twice"),
    ("a kind without a name", 'name = "school visit"', 'name = " "', "name =", "event_kind school_visit: “name”: it is blank; give words"),
    ("a session of no length", "hours = 2.5", "hours = 0", "hours =", "event_kind seminar: “hours” must be over 0 and up to 24"),
    ("a session that ends before it begins", "hours = 2.5", "hours = -1", "hours =", "(given: -1)"),
    ("a session longer than a day", "hours = 2.5", "hours = 25", "hours =", "(given: 25)"),
    ("a kind without its source", 'hours = 2.5\nsource = "handbook p. 5"', "hours = 2.5", "[[event_kind]]", "“source” is missing"),
]  # fmt: skip
BREAKS = [*TREES, *NUMBERS, *MEASURED, *ITEMS, *KINDS]


@pytest.mark.parametrize(("old", "new", "stands", "says"), [row[1:] for row in BREAKS], ids=[row[0] for row in BREAKS])
def test_one_broken_thing_is_told_once_with_its_line(
    tmp_path: Path, old: str, new: str, stands: str, says: str
) -> None:
    pack = copy_of(MEASURES, tmp_path)
    change(pack, PACK, old, new)
    [problem] = refused(pack)
    assert says in str(problem)
    assert line_named(pack, problem).startswith(stands)


def test_a_group_without_anything_below_it(tmp_path: Path) -> None:
    pack = copy_of(MEASURES, tmp_path)
    add(pack, PACK, '\n[[criteria]]\ngroups = ["heads"]\ndeclarations = ["started"]\ncombine = "any"\nsource = "p. 9"\n'
        '\n[[criteria.criterion]]\ncombine = "all"\n\n[[criteria.criterion.criterion]]\ncombine = "at_least"\nn = 2\n')  # fmt: skip
    told = [str(problem).partition(": ")[2] for problem in refused(pack)]
    assert (
        told[-1]
        == "group 1.1: this group has nothing below it: write each under [[criteria.criterion.criterion.criterion]]"
    )


def test_groups_without_end(tmp_path: Path) -> None:
    pack = copy_of(MEASURES, tmp_path)
    change(pack, PACK, 'declarations = ["started"]\ncombine = "all"\nsource = "handbook p. 14"',
           'declarations = ["started"]\ncombine = "all"\nsource = "handbook p. 14"\n'
           + "".join(f'\n[[criteria{".criterion" * depth}]]\ncombine = "any"\n' for depth in range(1, 400)))  # fmt: skip
    [problem] = refused(pack)
    assert "groups are nested too deeply here; 20 within one another are taken" in problem.message


def test_what_follows_from_a_faulty_leaf_is_not_told(tmp_path: Path) -> None:
    """Of a group that asks for two of three, one is misspelt; of weights that add up, one is."""
    pack = copy_of(MEASURES, tmp_path)
    change(pack, PACK, 'key = "hours_3"\nshape = "count"', 'key = "hours_3"\nshape = "counts"')
    change(pack, PACK, 'n = 2\nsource = "handbook p. 9"', 'n = 3\nsource = "handbook p. 9"')
    change(pack, PACK, "weight = 45.5", 'weight = "half"')
    change(pack, PACK, 'key = "seminar"\nname = "seminar"', 'key = "seminar"\nname = ""')
    assert [problem.entry for problem in refused(pack)] == [
        "event_kind seminar",
        "criterion hours_3",
        "criterion weighted_72, part 1",
    ]


def test_what_blocks_list_is_not_asked_where_they_cannot_be_read(tmp_path: Path) -> None:
    pack = copy_of(MEASURES, tmp_path)
    change(pack, ROWS, "NPQSENCO,2,Quiz,Quiz 2.2,20 minutes,3", "NPQSENCO,2,Quiz,Quiz 2.2,20 minutes,three")
    [problem] = refused(pack)
    assert problem.file == ROWS


@pytest.mark.parametrize(("old", "new"), [
    ("hours = 2.5", "hours = 24"),
    ("hours = 2.5", "hours = 0.25"),
    (CREDITS, CREDITS.replace("12.5", "100")),
    (CREDITS, CREDITS.replace("12.5", "0.1")),
    (SEMINARS, f"{SEMINARS}\nsince_last = false"),
    (SESSIONS, f"{SESSIONS}\nsince_last = true"),
    (SESSIONS, f"{SESSIONS}\nof = 5"),
    (PLANNED, "min_share = 85\nof = 12"),
    (AT_LEAST, AT_LEAST.replace("n = 2", "n = 3")),
    (LAST, LAST.replace("Quiz 2.2", " quiz – 2.2 ")),
    ('metric = "percent_complete"\nmin_share = 5', 'metric = "percent_complete"\nmin_share = 5.05'),
    ('key = "percent_5"\nshape = "share"', 'key = "percent_5"\nshape = "share"\nsince_last = true'),
])  # fmt: skip
def test_what_is_taken(tmp_path: Path, old: str, new: str) -> None:
    pack = copy_of(MEASURES, tmp_path)
    change(pack, PACK, old, new)
    assert check_pack(str(pack)) == []


def test_a_count_of_activities_needs_no_block_where_a_course_lists_none(tmp_path: Path) -> None:
    pack = copy_of(MEASURES, tmp_path)
    change(pack, PACK, 'shape = "share"\nrule = "W44"\nlabel = "At least 5% of the materials"\nmetric = "percent_complete"\nmin_share = 5',
           'shape = "count"\nrule = "W44"\nlabel = "Any quiz"\nmetric = "activities"\ncomponent = "Quiz"\nn = 1')  # fmt: skip
    assert check_pack(str(pack)) == []


# --- what is loaded ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def measures() -> Pack:
    return load_pack(str(MEASURES))


def leaf(pack: Pack, group: str, output: int, key: str) -> Criterion:
    [found] = [criterion for criterion in pack.criteria[group, output].criteria if criterion.key == key]
    return found


def test_the_pack_has_every_shape_metric_and_combination(measures: Pack) -> None:
    from typing import get_args

    from reference.criteria import Combine, Metric, Shape

    leaves = [criterion for each in measures.criteria.values() for criterion in each.criteria]
    assert {criterion.shape for criterion in leaves} == set(get_args(Shape))
    metrics = {criterion.metric for criterion in leaves} | {part.metric for c in leaves for part in c.parts}
    assert metrics - {None} == set(get_args(Metric))
    assert {each.tree.combine for each in measures.criteria.values()} == set(get_args(Combine))


def test_a_tree_is_as_it_is_written(measures: Pack) -> None:
    found = measures.criteria["leadership", 3]
    assert (found.tree.combine, found.tree.n, found.source) == ("at_least", 2, "handbook p. 10")
    assert [(path, criterion.key) for path, criterion in found.leaves] == [
        ("at_least.0", "percent"),
        ("at_least.1.all.0", "credits_15"),
        ("at_least.1.all.1.any.0", "film"),
        ("at_least.1.all.1.any.1", "attendance"),
        ("at_least.2", "quizzes_2"),
    ]
    within = measures.criteria["specialist", 1].tree.nodes[0]
    assert isinstance(within, CriteriaGroup)
    assert (within.combine, within.source) == ("all", "handbook p. 6")


def test_numbers_are_what_is_written(tmp_path: Path) -> None:
    pack = copy_of(MEASURES, tmp_path)
    change(pack, PACK, "min_share = 12.5", "min_share = 33.3")
    change(pack, PACK, "weight = 45.5", "weight = 45.1")
    change(pack, PACK, "weight = 34.5", "weight = 34.9")
    change(pack, PACK, "n = 21.5", "n = 0.1")
    change(pack, PACK, "hours = 2.5", "hours = 1.1")
    loaded = load_pack(str(pack))
    assert leaf(loaded, "specialist", 1, "credits_12").min_share == Decimal("33.3")
    assert [part.weight for part in leaf(loaded, "leadership", 4, "weighted_72").parts] == [
        Decimal("45.1"),
        Decimal("34.9"),
        20,
    ]
    assert leaf(loaded, "senco", 4, "hours_21").n == Decimal("0.1")
    assert loaded.event_kinds["seminar"].hours == Decimal("1.1")


def test_items_are_spelt_as_the_blocks_have_them(tmp_path: Path) -> None:
    pack = copy_of(MEASURES, tmp_path)
    change(pack, ROWS, "NPQSENCO,2,Workplace task,Workplace task 2", "NPQSENCO,2,Workplace task,Workplace task – 2")
    change(pack, PACK, LAST, LAST.replace("Quiz 2.2", "QUIZ 2.2"))
    items = leaf(load_pack(str(pack)), "senco", 4, "named").items
    assert items == (
        Item("NPQSENCO", 1, "Workplace task 1"),
        Item("NPQSENCO", 2, "Workplace task – 2"),
        Item("NPQSENCO", 2, "Quiz 2.2"),
    )


def test_a_printed_title_is_the_activity_too(tmp_path: Path) -> None:
    pack = copy_of(MEASURES, tmp_path)
    rows = (pack / ROWS).read_text(encoding="utf-8").splitlines()
    printed = [f"{row},{'Kwiz 2.2' if 'NPQSENCO,2,Quiz,Quiz 2.2' in row else ''}" for row in rows[1:]]
    (pack / ROWS).write_text("\n".join([f"{rows[0]},title_printed", *printed]), encoding="utf-8")
    change(pack, PACK, LAST, LAST.replace("Quiz 2.2", "Kwiz 2.2"))
    assert leaf(load_pack(str(pack)), "senco", 4, "named").items[-1] == Item("NPQSENCO", 2, "Quiz 2.2")


def test_a_beginning_names_every_activity_of_each_course(measures: Pack) -> None:
    assert leaf(measures, "specialist", 3, "evaluations").items == (
        Item("NPQLT", 1, "Evaluation of block 1"),
        Item("NPQLT", 2, "Evaluation of block 2"),
        Item("NPQLBC", 1, "Evaluation of block 1"),
        Item("NPQLBC", 2, "Evaluation of block 2"),
        Item("NPQLL", 1, "Evaluation of block 1"),
    )


def test_kinds_of_event_are_the_packs_or_the_two_that_there_always_were(measures: Pack) -> None:
    assert list(measures.event_kinds) == ["seminar", "conference", "webinar", "coaching", "school_visit"]
    assert measures.event_kinds["school_visit"].hours is None
    assert [(k.key, k.name) for k in load_pack(str(MEASURES.parent / "northern-2026")).event_kinds.values()] == [
        ("f2f", "face-to-face event"),
        ("live_webinar", "live webinar"),
    ]
    assert [kind.source for kind in load_pack("edt-v18").event_kinds.values()] == ["L62", "L62"]


IN_WORDS = [
    ("specialist", 1, "seminars_2", "at least 2 sessions (seminar) attended"),
    ("specialist", 1, "self_study", "at least 6 credits of self-study"),
    ("specialist", 1, "credits_12", "at least 12.5% of the course's credits"),
    ("specialist", 2, "sessions_60", "at least 60% of sessions (seminar, conference day), of those on the registers"),
    ("specialist", 3, "sessions_85", "at least 85% of sessions, of those planned"),
    ("specialist", 3, "modules_80", "at least 80% of the credits of Online module"),
    ("specialist", 3, "evaluations", "every activity whose title begins with “Evaluation”: 5 over all its courses"),
    ("leadership", 1, "percent", "a higher percentage complete"),
    ("leadership", 3, "quizzes_2", "at least 2 activities of Quiz with credits"),
    ("leadership", 4, "weighted_72", "at least 72.5% of what is weighted"),
    ("senco", 2, "hours_7", "at least 7.25 hours of sessions (seminar, live webinar) attended"),
    ("heads", 1, "coaching_1", "at least 1 session (coaching session) attended"),
    ("heads", 2, "sessions_50", "at least 50% of sessions (coaching session, school visit), of 4 offered"),
    ("heads", 4, "logs_1", "at least 1 activity of Coaching log with credits, new since the last output point"),
]  # fmt: skip


@pytest.mark.parametrize(("group", "output", "key", "says"), IN_WORDS)
def test_what_is_measured_in_words(measures: Pack, group: str, output: int, key: str, says: str) -> None:
    assert measure_of(leaf(measures, group, output, key), measures.event_kinds) == says


def test_parts_in_words(measures: Pack) -> None:
    weighted = leaf(measures, "leadership", 4, "weighted_72")
    assert [part_of(part, measures.event_kinds) for part in weighted.parts] == [
        "45.5 of 100: seminars and conference days: sessions (seminar, conference day), of 8 offered",
        "34.5 of 100: workplace tasks: the credits of Workplace task",
        "20 of 100: materials: the course's content",
    ]
