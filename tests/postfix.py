"""A real Postfix of our own: its queue, its boxes and its bounces, on loopback only.

It knows three kinds of domains: those with boxes (Maildirs), one that it relays to
another server on this machine, so that a refusal there becomes a real bounce here, and
all others, which it refuses. Nothing leaves the machine.
"""

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

if TYPE_CHECKING:
    from collections.abc import Iterator

RELAYED_DOMAIN: Final = "woanders.example"
"""Mail for it is taken, and given to the server behind *next_hop*."""

START_SECONDS: Final = 20.0

MASTER: Final = """\
{port}      inet  n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 1 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, slots=True)
class Postfix:
    """A running server.

    Attributes:
        port: Where it takes mail, without TLS and login.
        boxes: Folder of the Maildirs: ``boxes/rita@netz.example``.
    """

    port: int
    boxes: Path

    def box(self, address: str) -> Path:
        """Return the Maildir of *address*."""
        return self.boxes / address

    def mails(self, address: str) -> list[Path]:
        """Return what lies in the box of *address*, the oldest first."""
        found = [*self.box(address).glob("new/*"), *self.box(address).glob("cur/*")]
        return sorted(found, key=lambda one: one.stat().st_mtime_ns)

    def wait_for(self, address: str, number: int, seconds: float = 30.0) -> list[Path]:
        """Wait until *number* mails lie in the box of *address*; return them."""
        end = time.monotonic() + seconds
        while len(found := self.mails(address)) < number:
            assert time.monotonic() < end, f"{address} has {len(found)} mails"
            time.sleep(0.05)
        return found


def is_possible() -> bool:
    """Tell whether Postfix is installed and we may start it: it needs root."""
    return shutil.which("postfix") is not None and os.geteuid() == 0


@contextmanager
def running_postfix(*addresses: str, next_hop: int = 1) -> Iterator[Postfix]:
    """Run a Postfix with a box for each of *addresses* and stop it at the end.

    Args:
        addresses: Who has a box.
        next_hop: Port on this machine that gets the mail for ``RELAYED_DOMAIN``.
    """
    # Postfix wants short paths for its sockets, and folders that others may enter.
    folder = Path(tempfile.mkdtemp(prefix="mia-mta-", dir="/tmp"))
    folder.chmod(0o755)
    port = _free_port()
    boxes = folder / "boxes"
    _write_configuration(folder, port, addresses, next_hop)
    command = ["postfix", "-c", str(folder / "etc")]
    try:
        subprocess.run([*command, "start"], check=True, capture_output=True)
        _wait_for_port(port)
        yield Postfix(port, boxes)
    finally:
        subprocess.run([*command, "abort"], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def _write_configuration(
    folder: Path, port: int, addresses: tuple[str, ...], next_hop: int
) -> None:
    owner = pwd.getpwnam("postfix")
    for name in ("etc", "queue", "data", "boxes"):
        (folder / name).mkdir()
    made = [folder / "data", folder / "boxes"]
    for address in addresses:
        box = folder / "boxes" / address
        made += [box, *(box / name for name in ("new", "cur", "tmp"))]
    for one in made:
        one.mkdir(exist_ok=True)
        os.chown(one, owner.pw_uid, owner.pw_gid)
    domains = sorted({address.rpartition("@")[2] for address in addresses})
    boxes = "".join(f"{address} {address}/\n" for address in addresses)
    (folder / "etc" / "boxes").write_text(boxes, encoding="utf-8")
    route = f"{RELAYED_DOMAIN} smtp:[127.0.0.1]:{next_hop}\n"
    (folder / "etc" / "transport").write_text(route, encoding="utf-8")
    settings = {
        "compatibility_level": "3.6",
        "queue_directory": folder / "queue",
        "data_directory": folder / "data",
        "command_directory": "/usr/sbin",
        "daemon_directory": "/usr/lib/postfix/sbin",
        "maillog_file": folder / "log",
        "maillog_file_prefixes": folder,
        "mail_owner": "postfix",
        "setgid_group": "postdrop",
        "myhostname": "mta.mia.example",
        "mydestination": "",
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "mynetworks": "127.0.0.0/8",
        "alias_maps": "",
        "alias_database": "",
        "recipient_delimiter": "+",
        "virtual_mailbox_domains": " ".join(domains),
        "virtual_mailbox_base": folder / "boxes",
        "virtual_mailbox_maps": f"texthash:{folder}/etc/boxes",
        "virtual_uid_maps": f"static:{owner.pw_uid}",
        "virtual_gid_maps": f"static:{owner.pw_gid}",
        "virtual_minimum_uid": "1",
        "relay_domains": RELAYED_DOMAIN,
        "transport_maps": f"texthash:{folder}/etc/transport",
        # Whatever else somebody names is refused at once.
        "smtpd_relay_restrictions": "reject_unauth_destination",
        "bounce_queue_lifetime": "0",
    }
    text = "".join(f"{name} = {value}\n" for name, value in settings.items())
    (folder / "etc" / "main.cf").write_text(text, encoding="utf-8")
    master = MASTER.format(port=f"127.0.0.1:{port}")
    (folder / "etc" / "master.cf").write_text(master, encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_for_port(port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < end, "Postfix does not listen"
            time.sleep(0.05)
        else:
            return
