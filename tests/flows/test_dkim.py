"""A relay that does not sign: ``mia dkim``, from the key to the letter."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING, Final

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from mailer.errors import ExitCode
from mailer.outbox.models import Delivery
from mailer.rendering.signing_keys import KeyRecord
from tests.factories import a_subscriber
from tests.program import Program
from tests.servers import DROP, Script, ScriptedSmtp
from tests.verifying import verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from subscribers.database import Database


def private_key(*, rsa_bits: int, password: bytes | None = None) -> bytes:
    """Return a private key as a PEM file has it; an Ed25519 key for no bits."""
    key = (
        rsa.generate_private_key(65537, rsa_bits)
        if rsa_bits
        else ed25519.Ed25519PrivateKey.generate()
    )
    locked = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)


@pytest.fixture
def mia(settings_file: Path, database_url: str, database: Database) -> Program:
    """The program, with two people to write to."""
    with database.transaction() as db:
        a_subscriber(db, "rita@netz.example")
        a_subscriber(db, "egon@netz.example")
    return Program(settings_file, {"MIA_DATABASE_URL": database_url})


def signing(mia: Program, pair: str = "mia-2026-11") -> Program:
    """Return the program with its settings changed: *pair* signs."""
    return Program(mia.config, {**mia.environ, "MIA_DKIM_SELECTOR": pair})


def are_good(message: bytes, mia: Program) -> list[bool]:
    """Return what dkimpy says of both signatures, with the records that are shown."""
    shown = json.loads(mia.here("dkim", "show", "--json").stdout)
    return verdicts(message, [KeyRecord(**one) for one in shown])


def test_letters_are_signed_once_the_settings_say_so(mia: Program) -> None:
    """New key, records for the DNS, a name in the file: every letter verifies."""
    made = mia.here("dkim", "new")
    assert made.exit_code == ExitCode.OK, made.stderr
    signer = signing(mia)

    with ScriptedSmtp() as server:
        sent = signer.with_relay(server).here("invite", "--yes")

    assert sent.exit_code == ExitCode.OK, sent.stderr
    assert len(server.accepted) == 2
    for received in server.accepted:
        assert are_good(received.content, signer) == [True, True]


def test_without_a_name_in_the_settings_nothing_is_signed(mia: Program) -> None:
    """A key that lies there signs nothing: the town's relay does it."""
    mia.here("dkim", "new")

    with ScriptedSmtp() as server:
        mia.with_relay(server).here("invite", "--yes")

    assert len(server.accepted) == 2
    assert not any(b"DKIM-Signature" in one.content for one in server.accepted)


def test_a_second_copy_has_the_same_signatures(mia: Program) -> None:
    """A doubtful letter is sent again with identical bytes, signatures included."""
    mia.here("dkim", "new")

    with ScriptedSmtp(Script(content=[DROP, "250 2.0.0 taken"])) as server:
        signing(mia).with_relay(server).here("invite", "--yes")

    first, *others = [one for one in server.received if "rita" in one.recipient]
    assert [one.content for one in others] == [first.content]
    assert first.content.startswith(b"DKIM-Signature: ")


WRONG_KEYS: Final[Mapping[str, tuple[Callable[[], bytes], str]]] = {
    "no key": (
        partial(bytes, b"gr\xfc\xdfe"),
        "die Datei enthält keinen privaten Schlüssel",
    ),
    "too short": (
        partial(private_key, rsa_bits=1024),
        "er hat 1024 Bit, nötig sind mindestens 2048",
    ),
    "of another kind": (
        partial(private_key, rsa_bits=0),
        "es ist kein Schlüssel für „rsa“",
    ),
    "locked": (
        partial(private_key, rsa_bits=2048, password=b"geheim"),
        "er ist mit einem Passwort verschlossen",
    ),
}
"""What may lie where the key should lie, and what is said about it."""


@pytest.mark.parametrize("lost", ["mia-2026-11.pem", "mia-2026-11-ed25519.pem"])
def test_without_its_key_nothing_is_issued(
    mia: Program, database: Database, lost: str
) -> None:
    """A clear sentence before anything is issued, and exit code 78."""
    mia.here("dkim", "new")
    (mia.config.parent / "dkim" / lost).unlink()

    check_refused(signing(mia), database, lost, "das gibt es nicht")


@pytest.mark.parametrize("wrong", WRONG_KEYS)
def test_with_a_wrong_key_nothing_is_issued(
    mia: Program, database: Database, wrong: str
) -> None:
    """The sentence says what is wrong with the file."""
    make, says = WRONG_KEYS[wrong]
    mia.here("dkim", "new")
    (mia.config.parent / "dkim" / "mia-2026-11.pem").write_bytes(make())

    check_refused(signing(mia), database, "mia-2026-11.pem", says)


def check_refused(mia: Program, database: Database, file: str, says: str) -> None:
    """Assert that a key which cannot be used stops everything before it begins."""
    with ScriptedSmtp() as server:
        refused = mia.with_relay(server).here("invite", "--yes")
    checked = mia.here("config", "check")

    assert refused.exit_code == checked.exit_code == ExitCode.CONFIGURATION
    for told in (refused.stderr, checked.stderr):
        assert re.search(rf"Der Schlüssel \S+/{file}, der Nachrichten signiert", told)
        assert says in told
        assert "mia dkim rotate" in told
    assert server.received == []
    with database.reading() as db:
        assert db.scalars(sa.select(Delivery)).all() == []


def test_the_records_are_ready_to_paste(mia: Program) -> None:
    """For a form and for a zone file, with what to do next."""
    made = mia.here("dkim", "new")

    assert "Name: mia-2026-11._domainkey.aschersleben.de\n" in made.stdout
    for line in (
        r"^Wert: v=DKIM1; k=rsa; p=[\w+/=]{300,}$",
        r"^Wert: v=DKIM1; k=ed25519; p=[\w+/=]{44}$",
        r'^mia-\S+\. IN TXT \( "v=DKIM1;.{247}" "',
    ):
        assert re.search(line, made.stdout, re.MULTILINE)
    assert 'selector = "mia-2026-11"' in made.stdout


def test_rotation_keeps_the_old_key_until_the_settings_say_otherwise(
    mia: Program,
) -> None:
    """Both pairs lie there; the one in the settings signs."""
    mia.here("dkim", "new")
    old = signing(mia)

    turned = old.here("dkim", "rotate", "--selector", "mia2027")

    assert turned.exit_code == ExitCode.OK, turned.stderr
    assert "Bis dahin signiert weiter „mia-2026-11“" in turned.stdout
    for pair in ("mia-2026-11", "mia2027"):
        with ScriptedSmtp() as server:
            signing(mia, pair).with_relay(server).here(
                "invite", "--test", "jan@stadt.example"
            )
        assert len(server.accepted) == 2
        for one in server.accepted:
            assert are_good(one.content, signing(mia, pair)) == [True, True]


@pytest.mark.parametrize(
    ("words", "pair", "says"),
    [
        (("new",), "mia-2026-11", "„mia dkim rotate“"),
        (("rotate",), "", "„mia dkim new“"),
        (("show",), "", "„mia dkim new“"),
        (("check",), "", "„mia dkim new“"),
        (("new", "--selector", "Groß"), "", "Kleinbuchstaben"),
    ],
)
def test_a_command_at_the_wrong_time_names_the_right_one(
    mia: Program, words: tuple[str, ...], pair: str, says: str
) -> None:
    """Exit code 2, and nothing is made."""
    refused = signing(mia, pair).here("dkim", *words)

    assert refused.exit_code == ExitCode.USAGE
    assert says in refused.stderr
    assert not (mia.config.parent / "dkim").exists()


def test_checking_says_when_others_can_read_a_key(mia: Program) -> None:
    """First all is well; then the file is named, and what to do."""
    mia.here("dkim", "new")
    fine = mia.here("dkim", "check", "mia-2026-11", "--offline")
    path = mia.config.parent / "dkim" / "mia-2026-11.pem"
    path.chmod(0o644)
    exposed = mia.here("dkim", "check", "mia-2026-11", "--offline")

    assert (fine.exit_code, exposed.exit_code) == (ExitCode.OK, ExitCode.FAILURE)
    assert "vollständig und brauchbar" in fine.stdout
    assert f"{path} lesen" in exposed.stderr


def test_a_domain_that_proves_nothing_is_refused(mia: Program) -> None:
    """DMARC wants the domain of From, or one above it."""
    mia.here("dkim", "new")
    program = signing(mia)

    wrong = Program(
        program.config, {**program.environ, "MIA_DKIM_DOMAIN": "anderswo.example"}
    ).here("config", "check")
    right = Program(
        program.config, {**program.environ, "MIA_DKIM_DOMAIN": "aschersleben.de"}
    ).here("config", "check")

    assert wrong.exit_code == ExitCode.CONFIGURATION
    assert "Bitte nehmen Sie aschersleben.de" in wrong.stderr
    assert right.exit_code == ExitCode.OK
