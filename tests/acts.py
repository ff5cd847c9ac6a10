"""The acts by the words that staff use for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.services.acts import contact, declaration, deferral, extension, removal, resumption
from core.services.acts.recording import Outcome

DO: Mapping[str, Callable[..., Outcome]] = {
    "extend": extension.extend,
    "contact": contact.log_contact,
    "defer": deferral.defer,
    "resume": resumption.resume,
    "remove": removal.remove,
    "declare": declaration.declare,
}
