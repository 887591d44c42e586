"""The one Jinja environment: strict, escaping, sandboxed, German when it complains.

Templates are data. Ours lie in the package ``templates``; a folder of the operator's
own comes first, file by file. Both run in the sandbox, because both are edited by
people who trust them to be harmless. Every mistake becomes a ``TemplateBroken``.
"""

from __future__ import annotations

import difflib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
    pass_eval_context,
)
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from markupsafe import Markup
from typing_extensions import override

from mailer.editions.facts import DayOffFacts, Facts
from mailer.editions.service import ServiceFacts
from mailer.editions.update_facts import UpdateFacts
from mailer.errors import TemplateBroken
from mailer.rendering import markdown
from mailer.rendering.places import SIGNS, PlaceMisused, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

    from jinja2 import BaseLoader, Template
    from jinja2.nodes import EvalContext

_FAULTS: Final = (
    TemplateError,
    PlaceMisused,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a template can bring about by itself; anything else is our mistake."""


KNOWN_NAMES: Final = tuple(
    dict.fromkeys(
        [
            *Facts.__dataclass_fields__,
            *DayOffFacts.__dataclass_fields__,
            *ServiceFacts.__dataclass_fields__,
            *UpdateFacts.__dataclass_fields__,
            *SIGNS,
            *("easy", "review", "subject"),
        ]
    )
)
"""What ``typesetting.render`` gives to templates, for the hint "meinten Sie"."""


def open_environment(own: Path | None) -> Environment:
    """Return the environment all letters are rendered in.

    Args:
        own: A folder whose templates win over ours; None for ours alone.

    Raises:
        TemplateBroken: There is no such folder.
    """
    loaders: list[BaseLoader] = [PackageLoader("templates", "")]
    if own is not None:
        if not own.is_dir():
            raise TemplateBroken(
                str(own),
                0,
                "den Ordner gibt es nicht. Bitte legen Sie ihn an oder ändern Sie "
                "[letters] templates",
            )
        loaders.insert(0, FileSystemLoader(own))
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader(loaders),
        undefined=UnknownFact,
        # Only what ends in .html is markup; a text must not say "&amp;".
        autoescape=lambda name: name is not None and name.endswith(".html"),
        finalize=printable,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        cache_size=-1,  # a few dozen templates, and the program ends soon
        auto_reload=False,
    )
    environment.filters["markdown"] = _written
    return environment


@pass_eval_context
def _written(context: EvalContext, source: str) -> str:
    """Return somebody's Markdown as the template needs it: HTML or plain text."""
    if context.autoescape:
        return Markup(markdown.to_html(source, names_sites=True))  # noqa: S704 - cleaned by nh3
    return markdown.to_text(source, names_sites=True)


class UnknownFact(StrictUndefined):
    """A name no template knows, with the nearest one that exists."""

    @property
    @override
    def _undefined_message(self) -> str:
        name = str(self._undefined_name)
        near = difflib.get_close_matches(name, self._known(), n=1)
        hint = f" (meinten Sie „{near[0]}“?)" if near else ""
        return f"unbekannte Angabe „{name}“{hint}"

    def _known(self) -> list[str]:
        if self._undefined_obj is missing:
            return list(KNOWN_NAMES)
        return [name for name in dir(self._undefined_obj) if not name.startswith("_")]


def render(environment: Environment, name: str, variables: Mapping[str, object]) -> str:
    """Return the text of one template.

    Args:
        environment: From ``open_environment``.
        name: "mail/invitation/body.html".
        variables: What the template may mention.

    Raises:
        TemplateBroken: It is missing, misspelt or asks for something unknown.
    """
    with _faults_in(name):
        return compiled(environment, name).render(variables)


def compiled(environment: Environment, name: str) -> Template:
    """Return a template, read and understood but not filled.

    Raises:
        TemplateBroken: It is missing or misspelt.
    """
    with _faults_in(name):
        return environment.get_template(name)


def source(environment: Environment, name: str) -> str:
    """Return a template as it is written.

    Raises:
        TemplateBroken: It is missing or cannot be read.
    """
    with _faults_in(name):
        loader = environment.loader
        return loader.get_source(environment, name)[0] if loader else ""


@contextmanager
def _faults_in(name: str) -> Iterator[None]:
    try:
        yield
    except _FAULTS as fault:
        place = _place(fault, name)
        raise TemplateBroken(*place, _reason(fault)) from fault


def _place(fault: BaseException, name: str) -> tuple[str, int]:
    """Return the template and the line in which *fault* happened."""
    if isinstance(fault, TemplateSyntaxError):
        return fault.name or name, fault.lineno
    found = (name, 0)
    step: TracebackType | None = fault.__traceback__
    while step is not None:
        # Jinja writes the template's own lines into the traceback, marked so.
        if "__jinja_exception__" in step.tb_frame.f_globals:
            found = (_short(step.tb_frame.f_code.co_filename, name), step.tb_lineno)
        step = step.tb_next
    return found


def _short(filename: str, name: str) -> str:
    """Return the part of *filename* that templates are called by."""
    root = name.partition("/")[0]
    head, found, tail = filename.rpartition(f"/{root}/")
    return f"{root}/{tail}" if found and head else filename


def _reason(fault: BaseException) -> str:
    match fault:
        case UndefinedError():
            reason = str(fault)
        case SecurityError():
            reason = "diese Anweisung ist in Vorlagen nicht erlaubt"
        case TemplateSyntaxError():
            reason = f"die Anweisung ist nicht richtig geschrieben ({fault.message})"
        case TemplateNotFound():
            reason = f"die Datei „{fault.name}“ fehlt"
        case PlaceMisused():
            reason = (
                f"„{fault.name}“ ist für jede Person anders und kann nur ausgegeben, "
                "nicht geprüft oder verändert werden"
            )
        case UnicodeDecodeError():
            reason = "die Datei ist nicht in UTF-8 gespeichert"
        case _:
            reason = f"die Anweisung gelingt nicht ({fault})"
    return reason
