"""What people agree to: complete, versioned, true for every network."""

from __future__ import annotations

import pytest

from subscribers.wordings import ON_THE_EVIDENCE, WordingName, WordingNames, wording

NAMES = WordingNames(
    network="NETZ – Netzwerk Beispielstadt",
    organisation="Landkreis Beispielland",
    meetings="Runder Tisch",
    phone="03999 12-34",
    partner="Beispielhaus e. V.",
)


@pytest.mark.parametrize("name", list(WordingName))
def test_every_text_is_filled_and_has_a_version(name: WordingName) -> None:
    """No gap is left, no line break of the source, nobody's town by accident."""
    found = wording(name, NAMES)

    assert found.version == f"{name}/2"
    assert not {"{", "}"} & set(found.text)
    assert ("\n" in found.text) is (name is WordingName.INVITATIONS_MAIL_EASY)
    assert "  " not in found.text
    assert "Aschersleben" not in found.text
    assert "Landkreis Beispielland" in found.text


@pytest.mark.parametrize("name", list(WordingName))
def test_the_reminder_is_named_and_can_be_turned_off(name: WordingName) -> None:
    """It belongs to the invitations, so consent must cover it."""
    text = wording(name, NAMES).text

    assert "Erinnerung" in text
    assert "einzeln" in text


@pytest.mark.parametrize("name", list(WordingName))
def test_every_text_says_how_to_leave(name: WordingName) -> None:
    """Consent can be withdrawn at any time (Art. 7(3) DSGVO)."""
    text = wording(name, NAMES).text

    assert "jederzeit" in text
    assert "widerrufen" in text or "abmelden" in text


def test_names_with_braces_do_no_harm() -> None:
    """A name is filled in, never interpreted."""
    odd = WordingNames("{phone}", "{0}", "{meetings}", "1", "{partner}")

    assert "{phone}" in wording(WordingName.NETWORK_UPDATES, odd).text


def test_a_paper_speaks_for_itself() -> None:
    """What stands on the evidence is not invented afterwards."""
    assert ON_THE_EVIDENCE.text == ""
    assert ON_THE_EVIDENCE.version == "evidence"
