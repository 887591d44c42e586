"""From templates and frozen facts to a letter for all who read the same style."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Final

from css_inline import InlineError
from markupsafe import Markup

from mailer.errors import PlanRefused, TemplateBroken
from mailer.rendering import environment as jinja
from mailer.rendering import markdown, places, review
from mailer.rendering.inlining import polish_html
from mailer.rendering.letter import Letter
from mailer.rendering.polish import polish_text
from subscribers.topics import LetterStyle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Environment

    from mailer.editions.facts import DayOffFacts, Facts
    from mailer.editions.service import ServiceFacts
    from mailer.editions.update_facts import UpdateFacts

    Told = Facts | DayOffFacts | ServiceFacts | UpdateFacts

BODIES: Final = {LetterStyle.STANDARD: "body", LetterStyle.EASY: "easy"}
"""How the templates of a style are called."""


def render(
    environment: Environment,
    facts: Told,
    style: LetterStyle,
    folder: str,
) -> Letter:
    """Return the letter in *folder* for all who read *style*, personal places open.

    Args:
        environment: From ``open_environment``.
        facts: What the letter may mention.
        style: How it is worded.
        folder: Below ``templates/mail``, "invitation".

    Raises:
        TemplateBroken: A template is missing, misspelt or asks for too much.
        PlanRefused: A fact contains a character that is reserved for us.
    """
    _refuse_private_signs(facts)
    base = f"mail/{folder}/{BODIES[style]}"
    known = {
        **{one.name: getattr(facts, one.name) for one in fields(facts)},
        "easy": style is LetterStyle.EASY,
    }
    subject = jinja.render(environment, f"mail/{folder}/subject.txt", known)
    known |= {"subject": " ".join(subject.split()), **places.OPEN}
    return Letter(
        subject=" ".join(subject.split()),
        text=_text(environment, f"{base}.txt", known, facts),
        html=_html(environment, f"{base}.html", known, facts),
    )


def _text(
    environment: Environment,
    name: str,
    known: dict[str, object],
    facts: Told,
) -> str:
    own = {
        "words": markdown.to_text(facts.words),
        "easy_words": markdown.to_text(facts.easy_words, keep_lines=True),
        "review": _review(environment, name, facts),
    }
    return polish_text(jinja.render(environment, name, known | own))


def _html(
    environment: Environment,
    name: str,
    known: dict[str, object],
    facts: Told,
) -> str:
    own = {
        "words": Markup(markdown.to_html(facts.words)),  # noqa: S704 - cleaned by nh3
        "easy_words": Markup(markdown.to_html(facts.easy_words, keep_lines=True)),  # noqa: S704 - cleaned by nh3
        "review": _review(environment, name, facts),
    }
    rendered = jinja.render(environment, name, known | own)
    try:
        return polish_html(rendered)
    except InlineError as fault:
        raise TemplateBroken(
            name, 0, f"die Gestaltung (CSS) ist nicht richtig geschrieben ({fault})"
        ) from fault


def _review(environment: Environment, name: str, facts: Told) -> tuple[str, ...]:
    found = review.parse(jinja.source(environment, name))
    return review.notice(found, new_sentences=bool(facts.easy_words))


def _refuse_private_signs(facts: Told) -> None:
    for name, value in _strings("", facts):
        if places.has_private_sign(value):
            raise PlanRefused(
                f"In „{name}“ steht ein Zeichen, das kein Programm anzeigen kann. "
                "Bitte schreiben Sie den Text neu; es wurde nichts gesendet."
            )


def _strings(name: str, value: object) -> Iterator[tuple[str, str]]:
    """Yield every text in a tree of facts with its dotted name."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, tuple):
        for item in value:
            yield from _strings(name, item)
    elif is_dataclass(value):
        for one in fields(value):
            below = f"{name}.{one.name}" if name else one.name
            yield from _strings(below, getattr(value, one.name))
