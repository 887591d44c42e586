"""What can be set about the pages that the law wants: imprint, privacy, accessibility.

Part of ``model``, which names it all. What is empty is left out on the page, never
shown as a gap; ``mia doctor`` names it to the operator.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from subscribers.address import EmailAddress


class Conformance(StrEnum):
    """How far the pages keep the rules of accessibility, as somebody found out."""

    FULL = "vollständig"
    PARTIAL = "teilweise"
    NONE = "nicht"
    UNKNOWN = "nicht bewertet"


@dataclass(frozen=True, slots=True)
class Imprint:
    """``[imprint]``: what § 5 DDG wants beside organisation and postal address."""

    represented_by: str
    """Office and name: "den Oberbürgermeister, Vorname Nachname", after "vertreten
    durch"; default: empty."""
    legal_form: str
    """What kind of body it is: "Körperschaft des öffentlichen Rechts"; default:
    empty."""
    phone: str
    """Of the organisation; default: the coordinator's."""
    email: EmailAddress
    """Of the organisation; default: the coordinator's."""
    vat_id: str
    """VAT number, if there is one; default: empty."""
    supervisor: str
    """Who supervises the organisation: "Salzlandkreis, Kommunalaufsicht"; default:
    empty."""


@dataclass(frozen=True, slots=True)
class Privacy:
    """``[privacy]``: what Art. 13 DSGVO wants beside what the program knows itself."""

    officer: tuple[str, ...]
    """Data protection officer: name or office, postal address, e-mail; one line each.
    Default: empty."""
    authority: tuple[str, ...]
    """The supervisory authority, one line each; default: empty."""
    processor: str
    """Who runs the machine for the organisation: "Name, Ort"; default: empty, the
    organisation itself."""
    proof_kept: str
    """How long the proof of consent is kept after leaving, as in a sentence: "drei
    Jahre"; default: empty."""
    questions_kept: str
    """How long mails with questions are kept: "ein Jahr"; default: empty."""


@dataclass(frozen=True, slots=True)
class Accessibility:
    """``[accessibility]``: the statement on accessibility, after an assessment."""

    law: str
    """Which rules are kept, one sentence; default: empty, then only WCAG 2.2, level
    AA, is named."""
    conformance: Conformance
    """"vollständig", "teilweise", "nicht" or "nicht bewertet"; default: "nicht
    bewertet", and the page claims nothing."""
    assessed_by: str
    """Who found out, after "beruht auf": "einer Selbstbewertung"; default: "einer
    Selbstbewertung"."""
    assessed_on: date | None
    """When; default: never."""
    stated_on: date | None
    """When the statement was made; default: *assessed_on*."""
    gaps: tuple[str, ...]
    """What is not accessible yet, why, until when, and what there is instead; one
    paragraph each. Default: empty."""
    ombuds: str
    """Who decides when the answer does not satisfy, whole sentences; default:
    empty."""
    ombuds_url: str
    """Its page; default: empty."""
