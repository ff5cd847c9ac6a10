"""Which acts would not be refused whatever one filled in: those a card offers, and those whose form opens."""

from __future__ import annotations

from bot.conversation import fit
from bot.conversation.verbs import DEFERRAL_OPEN, EXTENSION_OPEN, REMOVAL_OPEN, RETURN_OPEN
from core.rules.calendar import in_words
from core.rules.results import OutputStanding, Standing
from core.services import why_not
from core.services.enquiries import Case
from core.services.refusals import Refusal
from reference.pack import Pack


def useless(pack: Pack, verb: str, standing: Standing, output: int) -> Refusal | None:
    """Why the act behind an opening verb would be refused whatever is filled in, were it done on the standing's day."""
    given = (pack, standing, standing, standing.as_of)
    match verb:
        case _ if verb == EXTENSION_OPEN:
            return why_not.extend(*given, output)
        case _ if verb == DEFERRAL_OPEN:
            return why_not.defer(*given)
        case _ if verb == RETURN_OPEN:
            return why_not.resume(*given)
        case _ if verb == REMOVAL_OPEN:
            return why_not.remove(*given)
    return None


def refuse_useless(pack: Pack, verb: str, case: Case, output: OutputStanding) -> None:
    """Tells a late press at once that its form would be of no use, and what was recorded last."""
    refusal = useless(pack, verb, case.standing, output.output)
    if refusal is None:
        return
    if not case.history:
        raise refusal
    last = case.history[-1]
    said = f"Last recorded: {last.text} by {fit.shown(last.by, 60)} on {in_words(last.on)}."
    raise Refusal(refusal.code, f"{refusal.message} {said}", field=refusal.field)
