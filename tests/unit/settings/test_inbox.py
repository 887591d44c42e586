"""The settings of the mailbox that is read."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from mailer.errors import SettingsInvalid, UsageRefused
from mailer.settings import InboxMode, OnHardBounce, Security, example_toml, load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mailer.settings import Settings

SECRET = {"MIA_SECRET": "0123456789abcdef" * 4}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The example file."""
    path = tmp_path / "mia.toml"
    path.write_text(example_toml(), encoding="utf-8")
    return path


def loaded(path: Path, environ: Mapping[str, str] = SECRET, **flags: str) -> Settings:
    """Return the example with flags for ``[inbox]``."""
    named = {f"inbox.{key}": value for key, value in flags.items()}
    return load(path, {**SECRET, **environ}, flags=named).settings


def problem(path: Path, **flags: str) -> str:
    """Return the one thing that is wrong."""
    with pytest.raises(SettingsInvalid) as caught:
        loaded(path, SECRET, **flags)
    (sentence,) = caught.value.problems
    return sentence


def test_nothing_is_read_and_nothing_is_moved_by_default(path: Path) -> None:
    """Only a network that names a mailbox has one, and it stays a person's."""
    inbox = loaded(path).inbox
    assert (inbox.host, inbox.maildir) == ("", None)
    assert (inbox.mode, inbox.processed_folder) == (InboxMode.SHARED, "")


def test_a_dedicated_mailbox_is_kept_tidy(path: Path) -> None:
    """What is settled goes to a folder of its own."""
    inbox = loaded(path, mode="dedicated").inbox
    assert inbox.processed_folder == "mia-erledigt"


def test_a_server_needs_little(path: Path) -> None:
    """Port and login follow from security and address; the password is hidden."""
    password = {"MIA_INBOX_PASSWORD": "geheim"}
    inbox = loaded(
        path, password, host="imap.example.org", address="mia@netz.example"
    ).inbox
    assert (inbox.port, inbox.security) == (993, Security.TLS)
    assert (inbox.user, inbox.password) == ("mia@netz.example", "geheim")
    assert "geheim" not in repr(inbox)
    inbox = loaded(
        path, password, host="localhost", address="a@b.example", security="plain"
    ).inbox
    assert inbox.port == 143


def test_a_token_replaces_the_password(path: Path) -> None:
    """XOAUTH2 has no password that could be missing."""
    inbox = loaded(
        path, host="imap.example.org", address="a@b.example", token_command="print-it"
    ).inbox
    assert (inbox.token_command, inbox.password) == ("print-it", "")


def test_a_maildir_begins_beside_the_settings_file(path: Path) -> None:
    """As every relative path does."""
    (path.parent / "post" / "new").mkdir(parents=True)
    inbox = loaded(path, maildir="post", address="a@b.example").inbox
    assert inbox.maildir == path.parent / "post"


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (
            {"host": "imap.example.org", "address": "a@b.example"},
            "inbox.user: Zu diesem Namen fehlt das Passwort.",
        ),
        (
            {"host": "h.example", "token_command": "x"},
            "inbox.address: Bitte nennen Sie die Adresse dieses Postfachs.",
        ),
        (
            {
                "host": "h.example",
                "token_command": "x",
                "address": "a@b.example",
                "security": "plain",
            },
            "wird nur auf diesem Rechner gelesen (localhost), nicht bei h.example.",
        ),
        ({"maildir": "nirgends", "address": "a@b.example"}, "ist kein Maildir"),
        ({"processed_folder": "INBOX"}, "braucht einen anderen Ordner"),
        ({"ca_file": "x.pem"}, "x.pem gibt es nicht."),
    ],
)
def test_what_does_not_fit_together_is_said(
    path: Path, flags: dict[str, str], expected: str
) -> None:
    """Before a mailbox is opened that is not meant."""
    assert expected in problem(path, **flags)


def test_a_server_and_a_maildir_exclude_each_other(path: Path) -> None:
    """Nobody could say which one was read."""
    (path.parent / "post" / "new").mkdir(parents=True)
    said = problem(
        path, host="h.example", token_command="x", address="a@b.example", maildir="post"
    )
    assert "nur eines" in said


def test_the_password_is_refused_on_the_command_line(path: Path) -> None:
    """As that of the relay is."""
    with pytest.raises(UsageRefused) as caught:
        loaded(path, password="geheim")
    assert "MIA_INBOX_PASSWORD" in caught.value.sentence


def test_how_patient_we_are_can_be_set(path: Path) -> None:
    """Defaults of ``[policy]`` for what comes back."""
    policy = loaded(path).policy
    assert policy.confirm_within == timedelta(days=7)
    assert policy.on_hard_bounce is OnHardBounce.REST
    assert (policy.soft_bounces, policy.soft_bounce_span) == (5, timedelta(days=30))
