"""Absence notes without a mark, and people who only mention their holiday."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any, Final

import pytest

from mailer.inbound.autoreply import worded

EXAMPLES: Final[list[dict[str, Any]]] = tomllib.loads(
    files("mailer.inbound").joinpath("autoreply.toml").read_text(encoding="utf-8")
)["beispiel"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one["text"][:30])
def test_the_table_reads_out_its_examples(example: dict[str, Any]) -> None:
    """Who extends it is told what it does."""
    found = worded(example["betreff"], example["text"])
    assert (found is not None) is example["maschine"], found
