"""The checker for Leichte Sprache can fire: one bad sentence for each rule."""

from __future__ import annotations

from typing import Final

import pytest

from tests import leichte_sprache
from tests.letters import invitation

LONG: Final = "\n".join(["Wir reden heute."] * 9)

BAD: Final = [
    ("L02", LONG),
    ("L03", "Wir reden heute mit vielen Menschen über gute Ideen für alle hier."),
    ("L04", "Kommen Sie. Wir reden."),
    ("L05", "Wir reden am Tag mit allen Leuten im Haus der Stadt über das Leben."),
    ("L06", "Zum Beispiel Treffen, Kurse usw."),
    ("L06", "Das gilt z. B. für Sie."),
    ("L07", "Sie könnten kommen."),
    ("L08", "Das Treffen wird verschoben."),
    ("L08", "Sie werden von uns eingeladen."),
    ("L09", "Das ist die Adresse des Hauses."),
    ("L10", "Wir wissen, dass Sie kommen."),
    ("L10", "Kommen Sie, weil es Spaß macht."),
    ("L11", "Das ist der Raum, in dem wir reden."),
    ("L12", "Wir reden, essen, trinken, lachen."),
    ("L13", "Das Treffen fand im Rathaus statt."),
    ("L14", "Wir kommen nicht ohne Sie."),
    ("L15", "Das ist unmöglich."),
    ("L15", "Das Treffen ist kostenlos."),
    ("L16", "Das Treffen (im Rathaus) beginnt."),
    ("L16", "Das Treffen heißt „Miteinander reden“."),
    ("L17", "Das Treffen ist am 3.12.2026."),
    ("L17", "Das Treffen ist am 2026-12-03."),
    ("L18", "Das Treffen beginnt um 10:30 Uhr."),
    ("L19", "Das Treffen ist von 10-13 Uhr."),
    ("L20", "Wir reden drei Stunden."),
    ("L21", "Das ist Teil II."),
    ("L22", "Das ist WICHTIG."),
    ("L23", "Alle Bürger*innen kommen."),
    ("L23", "Alle BürgerInnen kommen."),
    ("L24", "Wir brauchen Informationen."),
    ("L25", "Das macht die Gleichstellungsbeauftragte."),
    ("L26", "Kommst du auch?"),
    ("L27", "Dann kommt er."),
    ("L28", "Das kann man lernen."),
    ("L29", "Das Treffen ist ein Termin."),
    ("L30", "Inklusion ist gut."),
    ("L31", "Wir reden am Tag mit allen Leuten im Haus der Stadt."),
    ("L32", "Rufen Sie an: 03473 958 111"),
    ("L33", "Das Treffen ist in 06449 Aschersleben."),
    ("L34", LONG.replace("\n", "\n\n")),
]


@pytest.mark.parametrize(("rule", "text"), BAD)
def test_each_rule_fires(rule: str, text: str) -> None:
    """A sentence that breaks a rule is found by that rule."""
    assert rule in {remark.rule for remark in leichte_sprache.check(text)}


def test_every_rule_has_a_bad_sentence() -> None:
    """A rule without an example might never fire."""
    known = {rule for rule, _, _ in leichte_sprache.LINE_RULES}
    assert known | {"L02", "L29", "L30", "L31", "L34"} == {rule for rule, _ in BAD}


@pytest.mark.parametrize(
    "text",
    [
        "Das Treffen ist am Donnerstag.\nDas ist der 3. Dezember 2026.",
        "Das Treffen beginnt um 10 Uhr 30.",
        "Telefon:\n03473 95 81 11",
        "Konferenz-Raum\nHohe Straße 21\n06449 Aschersleben",
        "Inklusion bedeutet:\nAlle Menschen können überall dabei sein.",
        "Schreiben Sie nur dieses Wort: Abmelden",
        "- Sie hören schlecht.",
    ],
)
def test_good_sentences_pass(text: str) -> None:
    """What our letters say is not complained about."""
    assert leichte_sprache.check(text) == []


def test_the_standard_letter_is_not_easy() -> None:
    """One must not be sold as the other."""
    assert len(leichte_sprache.errors(invitation().text)) > 15
