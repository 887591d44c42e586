"""The example file: complete, and open to answers."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from mailer.settings import example_toml, plain_values, with_answers
from mailer.settings.fields import (
    CLOSED,
    PROVIDER,
    RELAY,
    SERIES,
    TABLES,
    VENUE,
    VENUE_FACTS,
)


def test_every_setting_has_its_line_in_the_example() -> None:
    """What can be set can be found by reading: set, or as a comment."""
    text = example_toml()
    arrays = (SERIES, CLOSED, RELAY, PROVIDER)
    everything = (*TABLES.values(), VENUE, VENUE_FACTS, *arrays)
    keys = {key for fields in everything for key in fields}
    lines = [line.removeprefix("# ") for line in text.splitlines()]
    missing = {
        key for key in keys if not any(line.startswith(f"{key} = ") for line in lines)
    }
    assert missing == set()


def test_lines_switched_on_are_valid_toml() -> None:
    """Taking away "# " before a setting gives a file that can be read."""
    rows = [
        line[2:] if line.startswith(("# ", "# [[")) and " = " in line else line
        for line in example_toml().splitlines()
    ]
    for row in rows:
        if row.startswith(("password", "url", "host", "base_url")):
            tomllib.loads(row)


def test_answers_replace_values_and_keep_comments() -> None:
    """Set keys change, commented ones are switched on, nothing else moves."""
    answers = {
        "network.name": 'Netz "Köthen"',
        "smtp.host": "mail.example.org",
        "series[1].nth": [2, -1],
        "series[1].added": [],
        "series[1].first_on": date(2027, 1, 1),
        "smtp.port": 465,
    }
    text = with_answers(example_toml(), answers)
    values = tomllib.loads(text)
    assert values["network"]["name"] == 'Netz "Köthen"'
    assert values["smtp"]["host"] == "mail.example.org"
    assert values["smtp"]["port"] == 465
    assert values["series"][0]["nth"] == [2, -1]
    assert values["series"][0]["added"] == []
    assert values["series"][0]["first_on"] == date(2027, 1, 1)
    assert text.count("\n") == example_toml().count("\n")
    assert "# Wer wir sind" in text


def test_an_unknown_answer_is_a_mistake_of_ours() -> None:
    """A renamed key is noticed by the first test run."""
    with pytest.raises(KeyError):
        with_answers(example_toml(), {"smtp.hots": "x"})


def test_values_can_be_proposed() -> None:
    """Each value is one line for people."""
    values = plain_values(example_toml())
    assert values["series[1].nth"] == "1, 3"
    assert values["network.postal_address"] == "Markt 1, 06449 Aschersleben"
    assert "smtp.host" not in values
