"""The acts by the words that staff use for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.services.acts import contact, declaration, deferral, deferral_answer, extension, removal, resumption
from core.services.acts.recording import Outcome

DO: Mapping[str, Callable[..., Outcome]] = {
    "extend": extension.extend,
    "contact": contact.log_contact,
    "defer": deferral.defer,
    "answer_deferral": deferral_answer.answer_deferral,
    "resume": resumption.resume,
    "remove": removal.remove,
    "declare": declaration.declare,
}
