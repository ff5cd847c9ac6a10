"""What `npq doctor` finds, and whether what is set has the form of what it should be: said of each setting by its name, never with its
value.

Platforms make their ids, tokens and secrets in forms of their own. A test server makes them as it likes, so there another form
is only worth a note, unless the value is certainly something else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import SecretStr

Form = tuple[str, str]  # a pattern, and what fits it
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PLACEHOLDERS: tuple[Form, ...] = (
    (r"\$.*|.*[{}].*|(?i:.*(?:change_?me|your[-_]).*)", "a placeholder that nobody has filled in"),
)


@dataclass(frozen=True, slots=True)
class DoctorFinding:
    """One check: what was looked at, whether it is well, and how to mend it when it is not."""

    check: str
    well: bool
    says: str


@dataclass(frozen=True, slots=True)
class MisfitSetting:
    """A setting that has not the form it should have, and how to mend it; `certain` False: right for a test server."""

    setting: str
    certain: bool
    says: str

    @property
    def finding(self) -> DoctorFinding:
        """As `npq doctor` says it."""
        says = self.says if self.certain else f"please note: {self.says}"
        return DoctorFinding(f"{self.setting.split('_')[0].capitalize()} settings", not self.certain, says)


def fitting(value: str, forms: tuple[Form, ...]) -> str:
    """What a value is by its form; "" where none of these fits."""
    return next((what for form, what in forms if re.fullmatch(form, value)), "")


def plain(secret: SecretStr | None) -> str:
    """A secret's own words; "" where there is none."""
    return "" if secret is None else secret.get_secret_value()
