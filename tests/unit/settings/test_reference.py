"""The page about settings is complete."""

from __future__ import annotations

import pytest

from mailer.settings.reference import SECTIONS, reference


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section[0])
def test_every_key_is_explained(section: tuple[str, str, dict[str, object]]) -> None:
    """Each key of each table has its line and a meaning."""
    heading, _, keys = section
    page = reference()
    part = page.partition(f"## `{heading}`\n")[2].partition("\n## ")[0]
    for key in keys:
        (line,) = [row for row in part.splitlines() if row.startswith(f"- `{key}`")]
        assert len(line.partition(": ")[2]) > 4


def test_the_page_names_the_variables() -> None:
    """Who runs a container finds the name to set."""
    assert "`MIA_SMTP_DATA_TIMEOUT`" in reference()
    assert "`MIA_NETWORK_FIELDS_OF_WORK`" not in reference()
