"""Debian's Dovecot, started for a test: no root needed, IMAP on a port of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import imap_tools

from tests.certificates import server_file
from tests.conftest import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

USER: Final = "mia@netz.example"
PASSWORD: Final = "geheim"

PLACES: Final = ("/usr/sbin", "/usr/bin", "/sbin")
"""Debian keeps it where an ordinary PATH does not look."""

START_SECONDS: Final = 30

CONFIG: Final = """\
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{certificate}
disable_plaintext_auth = no
auth_mechanisms = plain login
default_internal_user = {account}
default_internal_group = {group}
default_login_user = {account}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{home}/mail/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%u allow_all_users=yes
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running server.

    Attributes:
        port: Of IMAP on loopback, in clear text until STARTTLS.
        tls_port: Of IMAP with TLS from the first octet.
    """

    port: int
    tls_port: int

    @contextmanager
    def opened(self, folder: str = "INBOX") -> Iterator[imap_tools.BaseMailBox]:
        """Look into the mailbox as its owner does with a mail program."""
        box = imap_tools.MailBoxUnencrypted("127.0.0.1", self.port, timeout=30)
        with box.login(USER, PASSWORD, folder) as mailbox:
            yield mailbox

    def add(self, content: bytes, *, flags: str = "") -> None:
        """Let a message arrive."""
        with self.opened() as mailbox:
            mailbox.append(content, "INBOX", flag_set=flags or None)

    def contents(self, folder: str = "INBOX") -> list[bytes]:
        """Return what lies in a folder, byte for byte."""
        with self.opened() as mailbox:
            if not mailbox.folder.exists(folder):
                return []
            mailbox.folder.set(folder, readonly=True)
            return [
                mailbox.client.uid("FETCH", uid, "(BODY.PEEK[])")[1][0][1]
                for uid in mailbox.uids()
            ]

    def flags(self) -> list[tuple[str, ...]]:
        r"""Return the flags of each message in the inbox, \Recent left out."""
        with self.opened() as mailbox:
            found = mailbox.fetch(mark_seen=False, headers_only=True)
            return [
                tuple(flag for flag in one.flags if flag != r"\Recent") for one in found
            ]


@contextmanager
def running() -> Iterator[Dovecot]:
    """Start a server with one empty mailbox; skip the test where there is none."""
    program = shutil.which("dovecot", path=os.pathsep.join(PLACES))
    if program is None:
        missing("Dovecot (Debian: dovecot-imapd)")
        return
    home = Path(tempfile.mkdtemp(prefix="mia-dovecot-"))
    # Started by root it wants an account without rights; otherwise it stays ours.
    account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    port, tls_port = _free_port(), _free_port()
    for part in ("", "run", "state", "mail"):
        (home / part).mkdir(exist_ok=True)
        os.chown(home / part, account.pw_uid, account.pw_gid)
        (home / part).chmod(0o755)
    config = home / "dovecot.conf"
    config.write_text(
        CONFIG.format(
            home=home,
            account=account.pw_name,
            group=_group(account.pw_gid),
            uid=account.pw_uid,
            gid=account.pw_gid,
            password=PASSWORD,
            port=port,
            tls_port=tls_port,
            certificate=server_file(),
        ),
        encoding="ascii",
    )
    server = subprocess.Popen(
        [program, "-F", "-c", config],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )
    try:
        _wait_for(port, server, home / "log")
        yield Dovecot(port, tls_port)
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(home, ignore_errors=True)


def _group(gid: int) -> str:
    import grp  # noqa: PLC0415 - not on every system

    return grp.getgrgid(gid).gr_name


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait_for(port: int, server: subprocess.Popen[bytes], said: Path) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as line:
                if line.recv(4) == b"* OK":
                    return
        except OSError:
            time.sleep(0.02)
    words = said.read_text(encoding="utf-8", errors="replace") if said.exists() else ""
    raise AssertionError(f"Dovecot did not start: {words}")
