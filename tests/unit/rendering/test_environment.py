"""The Jinja environment: strict, sandboxed, and German when it complains."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from mailer.editions.facts import DayOffFacts, Facts
from mailer.editions.service import ServiceFacts
from mailer.errors import ExitCode, TemplateBroken
from mailer.rendering.environment import open_environment, source
from mailer.rendering.places import OPEN, SIGNS
from mailer.rendering.typesetting import render as render_letter
from subscribers.topics import LetterStyle
from tests.letters import some_facts

BODY = "mail/invitation/body.txt"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder of the operator's own, with room for one letter."""
    (tmp_path / "mail" / "invitation").mkdir(parents=True)
    return tmp_path


def broken(own: Path, text: str, name: str = BODY) -> TemplateBroken:
    """Return what is said about an own template with this *text*."""
    (own / name).write_text(text, encoding="utf-8")
    with pytest.raises(TemplateBroken) as caught:
        render_letter(
            open_environment(own), some_facts(), LetterStyle.STANDARD, "invitation"
        )
    return caught.value


def test_an_unknown_name_is_told_with_the_nearest(own: Path) -> None:
    """File, line, the unknown name and what may be meant; nothing is sent."""
    fault = broken(own, "Guten Tag\n\n{{ wenn.day }}")

    assert fault.sentence == (
        f"Vorlage {BODY}, Zeile 3: unbekannte Angabe „wenn“ (meinten Sie „when“?). "
        "Es wurde nichts gesendet."
    )
    assert fault.exit_code is ExitCode.CONFIGURATION


def test_an_unknown_part_is_told_with_the_nearest(own: Path) -> None:
    """The parts of a fact are known too."""
    reason = broken(own, "{{ coordinator.fone }}").reason
    assert reason == "unbekannte Angabe „fone“ (meinten Sie „phone“?)"


def test_a_name_like_nothing_gets_no_suggestion(own: Path) -> None:
    """A wild guess would only confuse."""
    assert broken(own, "{{ xyzzy }}").reason == "unbekannte Angabe „xyzzy“"


def test_the_subject_has_no_personal_place(own: Path) -> None:
    """A subject is the same for everybody, so a greeting there is unknown."""
    fault = broken(own, "Hallo {{ greeting }}", "mail/invitation/subject.txt")
    assert fault.template == "mail/invitation/subject.txt"
    assert "unbekannte Angabe „greeting“" in fault.reason


@pytest.mark.parametrize(
    "misuse",
    [
        "{% if greeting %}ja{% endif %}",
        "{% for sign in greeting %}{{ sign }}{% endfor %}",
        "{{ greeting | upper }}",
        "{{ greeting | length }}",
        "{{ greeting == 'Guten Tag,' }}",
        "{{ greeting ~ '!' }}",
        "{{ greeting + '!' }}",
        "{{ greeting[0] }}",
        "{{ 'Tag' in greeting }}",
        "{{ [greeting] | join(' ') }}",
        "{{ 'x %s' | format(greeting) }}",
        "{{ greeting < 'x' }}",
        "{{ {greeting: 1} }}",
        "{{ greeting() }}",
    ],
)
def test_a_personal_place_can_only_be_printed(own: Path, misuse: str) -> None:
    """Every question would get one answer for all readers, so it is refused."""
    fault = broken(own, f"\n{misuse}")
    assert fault.line == 2
    assert "ist für jede Person anders" in fault.reason


def test_a_printed_place_is_one_private_character() -> None:
    """In text and in HTML alike, with or without escaping."""
    environment = open_environment(None)
    template = environment.from_string("{{ greeting }}|{{ reason | default('x') }}")
    assert template.render(OPEN) == f"{SIGNS['greeting']}|{SIGNS['reason']}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{% if when %}", "die Anweisung ist nicht richtig geschrieben"),
        ("{{ when.__class__.__mro__ }}", "ist in Vorlagen nicht erlaubt"),
        ("{% include 'mail/nichts.txt' %}", "die Datei „mail/nichts.txt“ fehlt"),
        ("{{ 1 / 0 }}", "die Anweisung gelingt nicht"),
        ("{{ range(10 ** 9) | list }}", "die Anweisung gelingt nicht"),
        ("{{ later.append(when) }}", "unbekannte Angabe „append“"),
    ],
)
def test_mistakes_are_told_in_german(own: Path, text: str, said: str) -> None:
    """Misspelt, forbidden, missing or impossible: never a traceback."""
    assert said in broken(own, text).reason


def test_a_file_in_another_encoding_is_told(own: Path) -> None:
    """An editor that saves cp1252 is found out by name."""
    (own / BODY).write_bytes("Grüße".encode("cp1252"))
    with pytest.raises(TemplateBroken, match="nicht in UTF-8"):
        source(open_environment(own), BODY)


def test_broken_styles_are_told(own: Path) -> None:
    """A style attribute that nobody can read is a mistake of the template."""
    text = (
        '{% extends "mail/_frame.html" %}'
        '{% block letter %}<p style="color">x</p>{% endblock %}'
    )
    fault = broken(own, text, "mail/invitation/body.html")
    assert fault.template == "mail/invitation/body.html"
    assert "die Gestaltung (CSS) ist nicht richtig geschrieben" in fault.reason


def test_a_mistake_in_a_frame_names_the_frame(own: Path) -> None:
    """The line belongs to the file in which it stands."""
    fault = broken(
        own, "\n\n{{ unknown }}{% block letter %}{% endblock %}", "mail/_frame.txt"
    )
    assert (fault.template, fault.line) == ("mail/_frame.txt", 3)


def test_own_templates_win_file_by_file(own: Path) -> None:
    """The operator's text part is taken, the HTML stays ours."""
    (own / BODY).write_text("{{ greeting }} Eigener Text", encoding="utf-8")
    letter = render_letter(
        open_environment(own), some_facts(), LetterStyle.STANDARD, "invitation"
    )
    assert "Eigener Text" in letter.text
    assert "Auf einen Blick" in letter.html


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """A folder that is set but not there is never passed over in silence."""
    with pytest.raises(TemplateBroken, match=r"\[letters\] templates"):
        open_environment(tmp_path / "nichts")


def test_every_template_names_its_facts() -> None:
    """The first line of each template says which object its names come from."""
    environment = open_environment(None)
    names = environment.list_templates(
        filter_func=lambda name: name.startswith("mail/")
    )
    assert len(names) >= 8
    for name in names:
        first = source(environment, name).partition("\n")[0]
        found = re.fullmatch(
            r"{# (?:names|\w*Facts)[,:] see (mailer/\S+\.py) #}", first
        )
        assert found, name
        assert Path(found[1]).exists(), name


@pytest.mark.parametrize("known", [Facts, DayOffFacts, ServiceFacts])
def test_no_fact_hides_behind_a_personal_place(known: type) -> None:
    """A fact called "reason" could never be printed: the place has that name."""
    assert not {field.name for field in fields(known)} & SIGNS.keys()
