"""The setting for return paths: only where it can work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailer.errors import SettingsInvalid
from mailer.outbox.return_path import MAX_BASE_CHARS
from mailer.settings import ReturnPaths, example_toml, load
from mailer.settings.rules import MOST_BEFORE_A_TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from mailer.settings import Smtp

LONGEST = f"{'m' * MAX_BASE_CHARS}@stadt.example"
TOO_LONG = f"m{LONGEST}"


def smtp(tmp_path: Path, **flags: str) -> Smtp:
    """Return ``[smtp]`` of the example with flags."""
    path = tmp_path / "mia.toml"
    path.write_text(example_toml(), encoding="utf-8")
    named = {f"smtp.{key}": value for key, value in flags.items()}
    return load(path, {"MIA_SECRET": "0123456789abcdef" * 4}, flags=named).settings.smtp


def test_all_letters_share_one_return_path_by_default(tmp_path: Path) -> None:
    """Not every server delivers addresses with a plus."""
    assert smtp(tmp_path).return_paths is ReturnPaths.SHARED


def test_a_base_with_room_for_the_token_is_taken(tmp_path: Path) -> None:
    """64 characters in all."""
    found = smtp(tmp_path, return_path=LONGEST, return_paths="signed")
    assert found.return_paths is ReturnPaths.SIGNED


def test_a_base_without_room_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    """Otherwise the first letter would find out."""
    with pytest.raises(SettingsInvalid) as caught:
        smtp(tmp_path, return_path=TOO_LONG, return_paths="signed")
    (sentence,) = caught.value.problems
    assert "höchstens 31 Zeichen" in sentence


def test_a_long_base_is_fine_if_nothing_is_added(tmp_path: Path) -> None:
    """An address of the town may be as long as it likes."""
    assert smtp(tmp_path, return_path=TOO_LONG).return_path.text == TOO_LONG


def test_settings_and_outbox_agree_on_the_room() -> None:
    """The settings stand below the outbox and cannot ask it."""
    assert MOST_BEFORE_A_TOKEN == MAX_BASE_CHARS
