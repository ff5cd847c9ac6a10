"""`npq partner`: Delivery Partners that are stored under two names become one."""

from __future__ import annotations

from dataclasses import asdict

import click

from bot.cli.command_output import Answer, answers, open_context
from core.services.partners import MergedPartners, merge_partners


@click.group()
def partner() -> None:
    """Delivery Partners as they are stored."""


@partner.command("merge")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="INTO")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@answers
def merge(source: str, target: str, dry_run: bool) -> Answer:
    """Makes everything that is stored for FROM that of INTO; nothing is posted again."""
    context = open_context()
    merged = merge_partners(context.installation, context.actor, source, target, now=context.now, dry_run=dry_run)
    return Answer({"merged": asdict(merged), "dry_run": dry_run}, lambda: _show(merged, dry_run))


def _show(merged: MergedPartners, dry_run: bool) -> None:
    would = "would now belong" if dry_run else "now belongs"
    click.echo(f"What was stored for “{merged.source}” {would} to “{merged.target}”:")
    click.echo(
        f"  participants {merged.participants}, meetings {merged.meetings}, sessions {merged.sessions}, staff {merged.staff}, "
        f"channels {merged.places}, messages that went out {merged.messages}"
    )
    for channel in merged.unbound:
        click.echo(
            f"  {channel} gets no posts any more: “{merged.target}” has its own channel (npq place add binds it again)."
        )
    if merged.participants and not dry_run:
        click.echo(
            "  Posts that stand are brought up to date by the next pass; who was named in none yet is in the next ones."
        )
    if dry_run:
        click.echo("A dry run: nothing was written.")
