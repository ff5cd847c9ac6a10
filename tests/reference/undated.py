"""A pack of which most dates are not known yet: three cohorts of today, one of them with two starts for EHCO."""

from __future__ import annotations

from pathlib import Path

from reference.loading import load_pack
from reference.pack import Pack

COLUMNS = "group,cohort,output,course,start,review,cut_off,invoice,payment,price_share,note,source"
COURSES = {
    "NPQLT": "specialist",
    "NPQLBC": "specialist",
    "NPQSENCO": "specialist",
    "NPQSL": "leadership",
    "NPQEL": "leadership",
    "EHCO": "ehco",
}
DECLARATIONS = {
    "specialist": ("started", "retained-1", "completed"),
    "leadership": ("started", "retained-1", "retained-2", "completed"),
    "ehco": ("started", "retained-1", "retained-2", "completed"),
}
HEAD = """\
format = 2
name = "undated"
version = "1"
title = "Made up"
lead_provider = "Fenland Teaching Trust"
papers = []

[[cohort]]
key = "2026a"
name = "February 2026"
starts_on = 2026-02-01
courses = ["NPQLT", "NPQLBC", "NPQSENCO", "NPQSL"]
source = "house"

[[cohort]]
key = "2026b"
name = "November 2026"
starts_on = 2026-11-01
funding = "capped"
courses = ["NPQLT", "NPQLBC", "NPQSL", "NPQEL", "EHCO"]
starts = [
  { group = "leadership", identifier = "npq-leadership-autumn" },
  { group = "ehco", key = "november", identifier = "npq-ehco-november", starts_on = 2026-11-01 },
  { group = "ehco", key = "december", identifier = "npq-ehco-december", starts_on = 2026-12-01 },
]
source = "house"

[[cohort]]
key = "2027a"
name = "Spring 2027"
courses = ["NPQLT", "NPQSL"]
source = "house"

[[criteria]]
groups = ["specialist", "leadership", "ehco"]
declarations = ["started", "retained-1", "retained-2", "completed"]
combine = "any"
source = "house"

[[criteria.criterion]]
key = "attendance"
shape = "attendance"
rule = "H1"
label = "Attended a seminar"
source = "house"
"""
SETTINGS = {
    "window_days": "21",
    "review_leads": "[28, 7]",
    "window_open_after": "1",
    "window_progress_after": "[7]",
    "three_week_mark_after": "21",
    "contact_overdue_after": "22",
    "contact_overdue_every": "7",
    "extension_ending_before": "3",
    "extension_lapsed_after": "1",
    "removal_votes_after": "2",
    "removal_votes_every": "7",
    "invoice_working_days_before": "3",
    "papers_missing_before": "14",
    "assessment_closing_before": "7",
    "meeting_pack_before": "7",
    "deferral_ending_before": "14",
    "stale_report_days": "14",
    "stale_review_within": "28",
    "catch_up_days": "14",
    "extension_earliest_before": "28",
    "extensions_warn_from": "2",
    "unanswered_contacts": "3",
    "extensions_before_removal": "3",
    "self_report_cohorts": "[]",
    "auto_logged_components": "[]",
    "self_study_component": '"Self-study"',
    "training_event_component": '"Seminar"',
    "human_check_prefix": '"Log"',
    "post_at": '"09:00"',
    "holidays_country": '"GB"',
    "holidays_region": '"ENG"',
}


def undated(folder: Path, *rows: str, columns: str = COLUMNS, **settings: str) -> Path:
    """The pack's folder, with these rows in schedule.csv and these settings as TOML writes them."""
    folder.mkdir(parents=True)
    lines = [HEAD]
    for code, group in COURSES.items():
        words = f'code = "{code}"\nidentifier = "npq-{code.lower()}"\nname = "{code}"\ngroup = "{group}"'
        lines.append(f'[[course]]\n{words}\ntotal = "TBC"\nsource = "house"\n')
    for group, declarations in DECLARATIONS.items():
        for number, declared in enumerate(declarations, 1):
            words = f'group = "{group}"\nnumber = {number}\ndeclaration_type = "{declared}"\ntitle = "Part {number}"'
            lines.append(f'[[output]]\n{words}\nsource = "house"\n')
    lines.append("[settings]")
    for name, value in {**SETTINGS, **settings}.items():
        lines.append(f'{name} = {{ value = {value}, source = "house" }}')
    (folder / "pack.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "schedule.csv").write_text("".join(f"{row}\n" for row in (columns, *rows)), encoding="utf-8")
    (folder / "blocks.csv").write_text("course,block,credits,source\n", encoding="utf-8")
    (folder / "activities.csv").write_text(
        "course,block,component,title,duration,credits,logged,source\n", encoding="utf-8"
    )
    return folder


def undated_pack(folder: Path, *rows: str, **settings: str) -> Pack:
    """The same, loaded."""
    return load_pack(str(undated(folder, *rows, **settings)))
