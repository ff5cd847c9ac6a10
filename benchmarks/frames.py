"""The same verdicts as `verdicts.sql`, as Polars expressions over the raw frames; what holds there holds here."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from benchmarks.raw import COLUMNS, PACK_COLUMNS

Frames = dict[str, pl.DataFrame]
P, NO_DAY = "participant_id", date(1, 1, 1)


def load(folder: Path) -> Frames:
    """The raw tables, read whole."""
    return {table: pl.read_parquet(folder / f"{table}.parquet") for table in (*COLUMNS, *PACK_COLUMNS)}


def verdicts(frames: Frames, day: date) -> pl.DataFrame:
    """Everybody's current output with its verdict at the end of a day."""
    f = {name: frame.lazy() for name, frame in frames.items()}
    people, attended, crossed = _people(f, day)
    found = people
    for facts in (
        _log(f, people, day),
        _figures(f, people, day),
        _periods(f, people, day),
        _within(attended, people, day).select(P, attended=pl.lit(True)).unique(),
        _unmarked(f, people, day),
        _within(crossed, people, day).group_by(P).agg(first_block=(pl.col("block") == 1).any(), any_block=pl.lit(True)),
        f["assessments"].with_columns(has_assessment=pl.lit(True)),
        _exempted(f, people, day),
        pl.concat([f["declaration_report"].select(P), f["engagement_report"].select(P)])
        .unique()
        .with_columns(has_reports=pl.lit(True)),
    ):
        found = found.join(facts, on=P, how="left")
    found = found.join(_imported(f), on=["delivery_partner", "course", "cohort"], how="left")
    return _judged(found, day).collect()


def _people(f: dict[str, pl.LazyFrame], day: date) -> tuple[pl.LazyFrame, pl.LazyFrame, pl.LazyFrame]:
    moved = (
        f["decision"]
        .filter((pl.col("kind") == "resumption") & pl.col("cohort").is_not_null())
        .select(P, moved_on="decided_on", moved_to="cohort")
    )
    declared = (
        f["declarations"]
        .filter(
            ~pl.col("state").is_in(["voided", "ineligible", "clawed_back"]) & (pl.col("declared_on") <= pl.lit(day))
        )
        .sort("declared_on")
        .group_by(P, "output")
        .agg(pl.col("declared_on").last(), cutoff=pl.col("evidence_cutoff").last())
    )
    everybody = f["participants"].join(moved, on=P, how="left")
    current = (
        everybody.select(P, "course")
        .join(f["pack_output"].select("course", "output"), on="course")
        .join(declared.select(P, "output"), on=[P, "output"], how="anti")
        .group_by(P)
        .agg(pl.col("output").min())
    )
    attended = (
        f["register"]
        .filter(pl.col("status").is_in(["attended", "completed"]))
        .select(
            P,
            day=pl.when(pl.col("contingency").is_not_null() & pl.col("contingency_on").is_not_null())
            .then("contingency_on")
            .otherwise("event_date"),
        )
    )
    crossed = f["videos"].filter(pl.col("percent_viewed") >= 90).group_by(P, "block").agg(day=pl.col("viewed_on").min())
    people = (
        everybody.join(current, on=P)
        .join(f["pack_output"], on=["course", "output"])
        .join(f["pack_course"], on="course")
        .join(f["pack_cohort"], on="cohort")
        .with_columns(
            now_in=pl.when(pl.col("moved_on") <= pl.lit(day))
            .then("moved_to")
            .otherwise("cohort")
            .cast(pl.String, strict=True)
        )
        .join(f["pack_review"].rename({"cohort": "now_in"}), on=["course", "now_in", "output"], how="left")
    )
    before = people.filter((pl.col("kind") == "retention") & (pl.col("output") > 1)).select(
        P, "course", "cohort", "output", "moved_on", "moved_to"
    )
    for number in (1, 2):
        own = declared.filter(pl.col("output") == number).select(
            P, pl.col("declared_on").alias(f"declared_{number}"), pl.col("cutoff").alias(f"cutoff_{number}")
        )
        dates = (
            f["pack_review"]
            .filter(pl.col("output") == number)
            .select("course", "cohort", pl.col("review").alias(f"review_{number}"))
        )
        before = (
            before.join(own, on=P, how="left")
            .with_columns(
                pl.when(pl.col("moved_on") <= pl.col(f"declared_{number}"))
                .then("moved_to")
                .otherwise("cohort")
                .alias("declared_in")
            )
            .join(dates.rename({"cohort": "declared_in"}), on=["course", "declared_in"], how="left")
            .drop("declared_in")
        )
    units = _units(f["activities"]).select(P, day="completed_on")
    evidence = pl.concat([attended, units, crossed.filter(pl.col("block") == 1).select(P, "day")])
    before = _used_up(before, evidence, 1)
    logged = f["activities"].filter(pl.col("credits") > 0).select(P, day="completed_on")
    before = _used_up(before, pl.concat([attended, logged, crossed.select(P, "day")]), 2)
    baseline = before.select(P, baseline=pl.when(pl.col("output") == 2).then("used_1").otherwise("used_2"))
    people = people.join(baseline, on=P, how="left").with_columns(pl.col("baseline").fill_null(NO_DAY))
    return people, attended, crossed


def _units(activities: pl.LazyFrame) -> pl.LazyFrame:
    return activities.filter((pl.col("credits") > 0) & _self_study() & ~_task())


def _self_study() -> pl.Expr:
    return pl.col("component").str.to_lowercase() == "self-study"


def _task() -> pl.Expr:
    return pl.col("title").str.to_lowercase().str.starts_with("micro implementation tasks")


def _used_up(before: pl.LazyFrame, evidence: pl.LazyFrame, number: int) -> pl.LazyFrame:
    """Up to when an output that was declared used evidence; its first day met is looked for where that is not known."""
    declared, cutoff, review = (pl.col(f"{name}_{number}") for name in ("declared", "cutoff", "review"))
    after = pl.lit(NO_DAY) if number == 1 else pl.col("used_1")
    first = (
        before.filter(cutoff.is_null() & declared.is_not_null())
        .join(evidence, on=P)
        .filter((pl.col("day") > after) & (pl.col("day") <= declared))
        .group_by(P)
        .agg(first=pl.col("day").min())
    )
    return (
        before.join(first, on=P, how="left")
        .with_columns(pl.coalesce(cutoff, pl.max_horizontal(review, "first"), declared).alias(f"used_{number}"))
        .drop("first")
    )


def _new(column: str, day: date) -> pl.Expr:
    return (pl.col(column) > pl.col("baseline")) & (pl.col(column) <= pl.lit(day))


def _old(column: str, day: date) -> pl.Expr:
    return pl.col(column) <= pl.min_horizontal("baseline", pl.lit(day))


def _within(evidence: pl.LazyFrame, people: pl.LazyFrame, day: date) -> pl.LazyFrame:
    return evidence.join(people.select(P, "baseline"), on=P).filter(_new("day", day))


def _log(f: dict[str, pl.LazyFrame], people: pl.LazyFrame, day: date) -> pl.LazyFrame:
    new = _new("completed_on", day) & (pl.col("credits") > 0)
    return (
        f["activities"]
        .join(people.select(P, "baseline"), on=P)
        .group_by(P)
        .agg(
            log_before=pl.col("credits").filter(_old("completed_on", day)).sum(),
            log_earned=pl.col("credits").filter(pl.col("completed_on") <= pl.lit(day)).sum(),
            anything=new.any(),
            units=(new & _self_study() & ~_task()).any(),
            tasks=(new & _self_study() & _task()).any(),
            has_log=pl.lit(True),
        )
    )


def _figures(f: dict[str, pl.LazyFrame], people: pl.LazyFrame, day: date) -> pl.LazyFrame:
    run = f["engagement_report"].select(P, day="run_on", figure="cumulative_credits", rank=pl.lit(0))
    row = f["declaration_report"].select(P, day="period_end", figure="cumulative_credits", rank=pl.lit(1))
    return (
        pl.concat([run, row])
        .filter(pl.col("figure").is_not_null())
        .join(people.select(P, "baseline"), on=P)
        .sort("day", "rank")
        .group_by(P, maintain_order=True)
        .agg(
            told=pl.col("figure").filter(pl.col("day") <= pl.lit(day)).last(),
            told_before=pl.col("figure").filter(_old("day", day)).last(),
        )
    )


def _periods(f: dict[str, pl.LazyFrame], people: pl.LazyFrame, day: date) -> pl.LazyFrame:
    past, new, old = pl.col("period_end") <= pl.lit(day), _new("period_end", day), _old("period_end", day)
    split = pl.col("self_study_credits")
    return (
        f["declaration_report"]
        .join(people.select(P, "baseline", "starts_on"), on=P)
        .sort(P, "period_start")
        .with_columns(
            follows=(pl.col("period_start") == pl.col("period_end").shift(1).over(P) + pl.duration(days=1)).fill_null(
                True
            )
        )
        .group_by(P, maintain_order=True)
        .agg(
            from_start=pl.col("period_start").first() <= pl.col("starts_on").first(),
            whole=pl.col("follows").filter(past).all(),
            whole_before=pl.col("follows").filter(old).all(),
            in_periods=pl.col("credits").filter(past).sum(),
            in_periods_before=pl.col("credits").filter(old).sum(),
            progressed=(new & (pl.col("credits") > 0)).any(),
            past=new.sum(),
            split=(new & split.is_not_null()).sum(),
            self_study=split.filter(new).sum(),
            of_past=pl.col("credits").filter(new).sum(),
            of_split=pl.col("credits").filter(new & split.is_not_null()).sum(),
        )
    )


def _unmarked(f: dict[str, pl.LazyFrame], people: pl.LazyFrame, day: date) -> pl.LazyFrame:
    marked = f["register"].filter(pl.col("status") != "booked").select("event_id").unique()
    booked = f["register"].filter(pl.col("status") == "booked").join(marked, on="event_id", how="anti")
    return _within(booked.select(P, day="event_date"), people, day).select(P, unmarked=pl.lit(True)).unique()


def _exempted(f: dict[str, pl.LazyFrame], people: pl.LazyFrame, day: date) -> pl.LazyFrame:
    decided = f["decision"].filter(pl.col("decided_on") <= pl.lit(day))
    back = decided.filter(pl.col("kind") == "resumption").select(P, back_on="decided_on", back_id="id")
    away = decided.filter(pl.col("kind") == "deferral").select(P, "starts_on", away_on="decided_on", away_id="id")
    since = pl.max_horizontal("starts_on", "away_on")
    still = (
        pl.col("back_on").is_null()
        | (pl.col("back_on") < since)
        | ((pl.col("back_on") == since) & (pl.col("back_id") < pl.col("away_id")))
    )
    return (
        people.filter(pl.col("review") <= pl.lit(day))
        .select(P, "review", "training_status")
        .join(away, on=P, how="left")
        .join(back, on=P, how="left")
        .filter(
            ((pl.col("training_status") == "deferred") & pl.col("back_on").is_null())
            | ((pl.col("starts_on") <= pl.col("review")) & still)
        )
        .select(P, exempt=pl.lit(True))
        .unique()
    )


def _imported(f: dict[str, pl.LazyFrame]) -> pl.LazyFrame:
    credits = [f[name].select(P) for name in ("activities", "declaration_report", "engagement_report")]
    people = f["participants"].select(P, "delivery_partner", "course", "cohort")
    for name, of in (
        ("register", f["register"].select(P)),
        ("videos", f["videos"].select(P)),
        ("credits", pl.concat(credits)),
    ):
        people = people.join(of.unique().with_columns(pl.lit(True).alias(f"has_{name}")), on=P, how="left")
    kinds = ("has_register", "has_videos", "has_credits")
    return people.group_by("delivery_partner", "course", "cohort").agg(
        pl.col(kind).fill_null(False).any() for kind in kinds
    )


def _judged(found: pl.LazyFrame, day: date) -> pl.LazyFrame:
    """2: met, 1: unknown, 0: not met."""
    yes = ("attended", "unmarked", "first_block", "any_block", "has_log", "units", "tasks", "anything", "progressed")
    more = ("has_reports", "has_assessment", "exempt", "has_register", "has_videos", "has_credits")
    sums = ("past", "split", "self_study", "of_past", "of_split")
    c, when, on = pl.col, pl.when, pl.lit(day)
    found = found.with_columns(c(yes).fill_null(False), c(more).fill_null(False), c(sums).fill_null(0))
    contiguous = (c("from_start") & c("whole")).fill_null(False)
    from_periods = when(contiguous).then("in_periods")
    from_periods_before = when((c("from_start") & c("whole_before")).fill_null(False)).then("in_periods_before")
    nothing = when("has_credits").then(0)
    found = found.with_columns(
        whole_split=contiguous & (c("past") > 0) & (c("split") == c("past")),
        earned=when("has_log")
        .then("log_earned")
        .when("has_reports")
        .then(pl.coalesce("told", from_periods))
        .otherwise(nothing),
        earned_before=when(c("output") == 1)
        .then(0)
        .when("has_log")
        .then("log_before")
        .when("has_reports")
        .then(pl.coalesce("told_before", from_periods_before))
        .otherwise(nothing),
    )
    later = ((c("marked_on") > on) | (c("moderated_on") > on)).fill_null(False)
    assessed = (
        (c("marked_on") <= on) & (c("moderated_on") <= on) & c("external_moderation").is_in(["done", "not_sampled"])
    )
    held = c("copies_held") & c("result").is_not_null() & (c("moderated_on") <= on) & ~later
    found = found.with_columns(
        attendance=when("attended").then(2).when(c("unmarked") | ~c("has_register")).then(1).otherwise(0),
        video=when(when(c("kind") == "started").then("first_block").otherwise("any_block"))
        .then(2)
        .when(~c("has_videos"))
        .then(1)
        .otherwise(0),
        progress=when((c("earned") > c("earned_before")).fill_null(False) | c("anything") | c("progressed"))
        .then(2)
        .when(c("earned").is_null() | c("earned_before").is_null() | (c("earned") < c("earned_before")))
        .then(1)
        .otherwise(0),
        studied=when(c("has_log") & c("units"))
        .then(2)
        .when(c("has_log") & c("tasks"))
        .then(1)
        .when("has_log")
        .then(0)
        .when(c("has_reports") & (c("self_study") >= 1))
        .then(2)
        .when(c("has_reports") & ((c("earned") == 0).fill_null(False) | c("whole_split")))
        .then(0)
        .when(
            c("has_reports") & (pl.coalesce("earned", "of_past") - c("of_split") > c("most_without")).fill_null(False)
        )
        .then(2)
        .when("has_reports")
        .then(1)
        .when("has_credits")
        .then(0)
        .otherwise(1),
        share=when(c("total").is_null() | c("earned").is_null())
        .then(1)
        .when(c("earned") * 100 >= 90 * c("total"))
        .then(2)
        .otherwise(0),
        tracked=when(~c("has_assessment"))
        .then(1)
        .when(assessed.fill_null(False))
        .then(2)
        .when((c("external_moderation") == "pending").fill_null(False) | later)
        .then(0)
        .otherwise(1),
        copies=when(~c("has_assessment"))
        .then(1)
        .when(held.fill_null(False))
        .then(2)
        .when((~c("copies_held")).fill_null(False) | later)
        .then(0)
        .otherwise(1),
    )
    level = (
        when((c("application_status") != "accepted").fill_null(False))
        .then(0)
        .when(c("kind") == "started")
        .then(pl.max_horizontal("attendance", "studied", "video"))
        .when(c("kind") == "retention")
        .then(pl.max_horizontal("progress", "attendance", "video"))
        .otherwise(pl.min_horizontal("tracked", "share", "copies"))
    )
    verdict = (
        when(~c("defined"))
        .then(pl.lit("not_defined"))
        .when(level == 2)
        .then(pl.lit("met"))
        .when("exempt")
        .then(pl.lit("exempt"))
        .when(level == 1)
        .then(pl.lit("unknown"))
        .otherwise(pl.lit("not_met"))
    )
    return found.select(P, "output", verdict=verdict)
