"""The four files of a pack that is made of answers: whatever was not asked comes from the pack beneath, with its source."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from reference.answered.pack_answers import (
    MEASURES,
    PackAnswers,
    PackBeneath,
    is_measured,
)
from reference.answered.toml_text import entry_lines, key_lines
from reference.pack import ScheduleRow
from reference.pack_writing import HEAD, SCHEDULE, Files, with_rows
from reference.schedule_edits import EditedRow

_TITLES = {  # each part of the file, in its order, with what is said above it
    "course": "courses",
    "output": "outputs of each group: DfE's declarations, in order",
    "event_kind": "kinds of event: what registers and planned sessions name",
    "criteria": "criteria: what meets each output",
    "gate": "what it takes before the assessment may be sat",
    "cohort": "cohorts, with DfE's schedules where they are known",
    "papers": "papers without which an output is not paid",
    "assessment_window": "when the assessment may be handed in",
    "saying": "sentences that people are told",
    "erratum": "where a source contradicts itself",
    "external": "documents that are relied on",
}
_REMARKS = {
    'combine = "any"': " # any one of them is enough",
    'combine = "all"': " # all of them are needed",
    'of = "planned"': " # those of the file of planned sessions",
}
_WIDTH = 120


def answered_files(beneath: PackBeneath, answers: PackAnswers, said: str) -> Files:
    """The files, by name. `said` is the source of what somebody said: "own: said on 7 December 2026"."""
    maker = _Maker(beneath, answers, said)
    rows = [EditedRow(None, row) for row in maker.schedule()]
    schedule = with_rows({SCHEDULE: b"group,cohort,output,source\n"}, beneath.pack, rows)[SCHEDULE]
    tables = {name: _of_courses(held, answers.courses) for name, held in beneath.files.items()}
    return {**tables, HEAD: maker.head().encode(), SCHEDULE: schedule}


def _of_courses(table: bytes, courses: Sequence[str]) -> bytes:
    """A table's rows for these courses alone."""
    header, *rows = csv.reader(io.StringIO(table.decode("utf-8-sig"), newline=""))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    place = header.index("course") if "course" in header else 0
    writer.writerows(row for row in rows if row and row[place] in courses)
    return out.getvalue().encode()


@dataclass(frozen=True)
class _Maker:
    beneath: PackBeneath
    answers: PackAnswers
    said: str

    @property
    def _groups(self) -> list[str]:
        theirs = {self.beneath.pack.courses[code].group for code in self.answers.courses}
        return [group for group in self.beneath.pack.outputs if group in theirs]

    def head(self) -> str:
        """pack.toml."""
        top, answers = self.beneath.top, self.answers
        named = {"name": answers.name, "version": top["version"], "title": top["title"]}
        lines = [
            f"# {answers.name}: made by answering the questions of “npq pack new”.",
            f"# What was said then has the source “{self.said}”; everything else comes from the pack",
            f"# {self.beneath.pack.label}, with its sources. docs/packs.md explains every entry.",
            "# After a change: npq pack check FOLDER. Dates: npq pack dates.",
            "",
            *key_lines({"format": top["format"], **named, "lead_provider": answers.lead_provider}),
        ]
        if not answers.papers:
            lines.append("papers = [] # no signed paper is waited for")
        tables = self._tables()
        for table in ("course", "output", "event_kind", "criteria", "gate", "cohort", "papers"):
            lines += self._part(table, tables[table])
            if table == "course":
                lines += ["", "[group_names] # as people call them", *key_lines(self._group_names())]
        lines += ["", _rule("counts, lead times and thresholds, in days unless the name says otherwise"), ""]
        lines += ["[settings]", *key_lines(self._settings())]
        for table in ("assessment_window", "saying", "erratum", "external"):
            lines += self._part(table, tables[table])
        return "\n".join(lines) + "\n"

    def _part(self, table: str, entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        if entries:
            yield ""
            yield _rule(_TITLES[table])
        for entry in entries:
            yield from (f"{line}{_REMARKS.get(line, '')}" for line in entry_lines(table, entry))

    def _tables(self) -> dict[str, list[Mapping[str, Any]]]:
        top, groups = self.beneath.top, self._groups
        windows = top.get("assessment_window", [])
        return {
            "course": [self._course(one) for one in top["course"] if one["code"] in self.answers.courses],
            "output": [one for one in top["output"] if one["group"] in groups],
            "event_kind": [*self._event_kinds()],
            "criteria": [*self._criteria()],
            "gate": [*self._gates()],
            "cohort": [*self._cohorts()],
            "papers": [self._paper(column, name) for column, name in self.answers.papers.items()],
            "assessment_window": [
                one
                for one in windows
                if one["group"] in groups
                and one["cohort"] in self.answers.cohorts
                and one.get("course") in (None, *self.answers.courses)
            ],
            "saying": top.get("saying", []),
            "erratum": top.get("erratum", []),
            "external": top.get("external", []),
        }

    def _group_names(self) -> dict[str, str]:
        return {group: name for group, name in self.beneath.pack.group_names.items() if group in self._groups}

    def _course(self, written: Mapping[str, Any]) -> Mapping[str, Any]:
        total = self.answers.totals.get(written["code"])
        return (
            written
            if total is None
            else {**written, "total": total, "source": f"{written['source']}; total: {self.said}"}
        )

    def _paper(self, column: str, name: str) -> Mapping[str, Any]:
        return {"key": column.removesuffix("_returned_on"), "name": name, "column": column, "source": self.said}

    def _event_kinds(self) -> Iterator[Mapping[str, Any]]:
        written = self.beneath.top.get("event_kind", [])
        if not self.answers.kinds:
            yield from written
            return
        for kind in self.answers.kinds:
            same = next((one for one in written if one["key"] == kind.key), None)
            own = {"key": kind.key, "name": kind.name, "hours": kind.hours, "source": self.said}
            yield own if same is None or kind.hours is not None else same

    def _criteria(self) -> Iterator[Mapping[str, Any]]:
        """Those of the groups that are left, for the outputs that these have."""
        types = {(one["group"], one["declaration_type"]) for one in self.beneath.top["output"]}
        for entry in self.beneath.top["criteria"]:
            groups = [group for group in entry["groups"] if group in self._groups]
            declared = [one for one in entry["declarations"] if any((group, one) in types for group in groups)]
            if groups:
                changed = self._measured(entry) if "completed" in declared else entry
                yield {**changed, "groups": groups, "declarations": declared}

    def _gates(self) -> Iterator[Mapping[str, Any]]:
        for entry in self.beneath.top.get("gate", ()):
            if groups := [group for group in entry["groups"] if group in self._groups]:
                yield {**entry, "groups": groups}

    def _measured(self, group: Mapping[str, Any]) -> Mapping[str, Any]:
        """A group of criteria with the said measures of completion in place of the share of the course."""
        said, nodes = self.answers.completion, []
        if not said or said == self.beneath.completion:
            return group
        for node in group["criterion"]:
            if "criterion" in node:
                nodes.append(self._measured(node))
            elif is_measured(node):
                own = [self._measure(node, key, amount) for key, amount in said.items()]
                apart = len(own) > 1 and group["combine"] != "all"
                nodes += [{"combine": "all", "criterion": own}] if apart else own
            else:
                nodes.append(node)
        return {**group, "criterion": nodes}

    def _measure(self, instead_of: Mapping[str, Any], key: str, amount: Decimal) -> Mapping[str, Any]:
        measure = MEASURES[key]
        return {
            "key": f"completion_{key}",
            "shape": measure.shape,
            "rule": instead_of["rule"],
            "label": measure.label.format(f"{amount.normalize():f}"),
            "metric": measure.metric,
            "of": "planned" if measure.metric == "sessions" else None,
            "min_share" if measure.is_share else "n": amount,
            "source": self.said,
        }

    def _cohorts(self) -> Iterator[Mapping[str, Any]]:
        for written in self.beneath.top["cohort"]:
            if written["key"] not in self.answers.cohorts:
                continue
            courses = [code for code in written["courses"] if code in self.answers.courses]
            theirs = {self.beneath.pack.courses[code].group for code in courses}
            first = self.answers.first_days.get(written["key"])
            own = [*(["courses"] if len(courses) < len(written["courses"]) else []), *(["first day"] if first else [])]
            source = f"{written['source']}; {', '.join(own)}: {self.said}" if own else written["source"]
            starts = [start for start in written.get("starts", []) if start["group"] in theirs]
            rest = {key: value for key, value in written.items() if key != "starts"}
            if first is not None:
                rest["starts_on"] = first
            yield {**rest, "courses": courses, "source": source, "starts": starts or None}
        for cohort in self.answers.new_cohorts:
            named = {"key": cohort.key, "name": cohort.name, "starts_on": cohort.starts_on}
            yield {**named, "courses": list(self.answers.courses), "source": self.said}

    def _settings(self) -> dict[str, Any]:
        written = dict(self.beneath.top["settings"])
        reporting = written["self_report_cohorts"]
        here = [key for key in reporting["value"] if key in self.answers.cohorts]
        written["self_report_cohorts"] = {**reporting, "value": here}
        written.pop("review_days_before_cut_off", None)  # when reviews are is asked
        if self.answers.review_days is not None:
            written["review_days_before_cut_off"] = {"value": self.answers.review_days, "source": self.said}
        return written

    def schedule(self) -> list[ScheduleRow]:
        """The rows of the cohorts and groups that are left, with the review dates that were said."""
        answers, groups = self.answers, self._groups
        rows = {
            (row.cohort, row.group, row.start or "", row.output, row.course): row
            for row in self.beneath.pack.given_dates
            if row.cohort in answers.cohorts
            and row.group in groups
            and (row.course is None or row.course in answers.courses)
        }
        for (cohort, group, start, output), day in answers.reviews.items():
            place = (cohort, group, start, output, None)
            own = ScheduleRow(group, cohort, output, self.said, start=start or None, review=day)
            row = rows.get(place)
            rows[place] = own if row is None else replace(row, review=day, source=f"{row.source}; review: {self.said}")
        cohorts = [*answers.cohorts, *(cohort.key for cohort in answers.new_cohorts)]
        return sorted(rows.values(), key=lambda row: (cohorts.index(row.cohort), groups.index(row.group), row.output))


def _rule(title: str) -> str:
    """A line between the parts of a file."""
    begun = f"# --- {title} "
    return f"{begun}{'-' * (_WIDTH - len(begun))}"
