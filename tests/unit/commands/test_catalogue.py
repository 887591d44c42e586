"""The German catalogue covers everything that Click can say."""

from __future__ import annotations

import ast
import io
import re
from gettext import GNUTranslations
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import click
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from mailer.commands import speech

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Catalog, Message

FOLDER: Final = speech.CATALOGUES / "de" / "LC_MESSAGES"


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    """Our catalogue, as its source has it."""
    with (FOLDER / "mia.po").open("rb") as file:
        return read_po(file, locale="de")


def messages_of_click() -> Iterator[tuple[str, ...]]:
    """Yield each text that the installed Click hands to gettext."""
    for path in sorted(Path(click.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            counts = {"_": 1, "gettext": 1, "ngettext": 2}
            texts = node.args[: counts.get(node.func.id, 0)]
            found = [one.value for one in texts if isinstance(one, ast.Constant)]
            if found:
                yield tuple(str(text) for text in found)


def test_every_text_of_click_is_translated(catalogue: Catalog) -> None:
    """A new version of Click with a new text fails here, not at a town clerk's."""
    texts = set(messages_of_click())
    assert len(texts) > 50
    missing = {
        text
        for text in texts
        if (entry := catalogue.get(text[0])) is None or not all(_strings(entry))
    }
    assert missing == set()


def test_translations_keep_the_places_of_the_original(catalogue: Catalog) -> None:
    """No name in braces is invented; that would be an error at the wrong moment."""
    for entry in catalogue:
        if entry.id:
            original = " ".join([entry.id] if isinstance(entry.id, str) else entry.id)
            for text in _strings(entry):
                assert _places(text) <= _places(original), text


def test_the_compiled_catalogue_is_the_source_compiled(catalogue: Catalog) -> None:
    """The .mo that the program reads has been made from the .po that people read."""
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    with (FOLDER / "mia.mo").open("rb") as file:
        assert _texts(file) == _texts(compiled)


def _texts(file: IO[bytes]) -> dict[object, str]:
    """Return all texts of a compiled catalogue but its header, which has a date."""
    # There is no public way to list them.
    texts: dict[object, str] = dict(vars(GNUTranslations(file))["_catalog"])
    del texts[""]
    return texts


def _strings(entry: Message) -> list[str]:
    texts = entry.string or ()
    return [texts] if isinstance(texts, str) else list(texts)


def _places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)", text)) | set(re.findall(r"%\((\w+)\)", text))
