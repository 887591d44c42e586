"""Web servers in front of the pages: the examples fit the program, and log nobody."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from mailer.settings.public import Web
from mailer.web import forms, server
from tests.architecture import tree

if TYPE_CHECKING:
    from collections.abc import Iterator

NGINX: Final = Path("deploy/nginx.conf")
CADDY: Final = Path("deploy/Caddyfile")

BACKEND: Final = f"127.0.0.1:{Web().port}"


def directives(text: str) -> Iterator[tuple[str, ...]]:
    """Yield each directive of nginx with the blocks it stands in, as words.

    "server", "location /", "proxy_pass http://…".
    """
    inside: list[str] = []
    words = ""
    for sign in re.sub(r"#.*", "", text):
        if sign in ";{}":
            said = " ".join(words.split())
            words = ""
            if sign == "{":
                inside.append(said)
            elif sign == "}":
                assert said == ""
                inside.pop()
            else:
                yield (*inside, said)
        else:
            words += sign
    assert inside == []
    assert words.strip() == ""


@pytest.fixture
def nginx() -> list[tuple[str, ...]]:
    """What the example for nginx says."""
    return list(directives(tree.read(NGINX)))


def test_nginx_leads_to_where_we_listen(nginx: list[tuple[str, ...]]) -> None:
    """Every way in leads to the port that is ours by default."""
    passed = [words[-1] for words in nginx if words[-1].startswith("proxy_pass")]
    assert passed
    assert set(passed) == {f"proxy_pass http://{BACKEND}"}


def test_nginx_writes_down_no_visit(nginx: list[tuple[str, ...]]) -> None:
    """An address, or a token in the address of a page, stands in no log."""
    logs = [words[-1] for words in nginx if words[-1].startswith("access_log")]
    assert logs == ["access_log off", "access_log off"]
    assert ("server", "access_log off") in nginx
    errors = [words[-1] for words in nginx if words[-1].startswith("error_log")]
    assert all(one.endswith(" crit") for one in errors)


def test_nginx_believes_no_visitor(nginx: list[tuple[str, ...]]) -> None:
    """X-Forwarded-For is what nginx sees; the name of the host is one of ours."""
    sent = {words[-1] for words in nginx if words[-1].startswith("proxy_set_header")}
    assert "proxy_set_header X-Forwarded-For $remote_addr" in sent
    assert not any("proxy_add_x_forwarded_for" in one for one in sent)
    # One in a location would switch off those around it.
    assert all(
        len(words) == 2 for words in nginx if words[-1].startswith("proxy_set_header")
    )
    (sent_on,) = [words[-1] for words in nginx if words[-1].startswith("return 301")]
    assert "$host" not in sent_on


def test_the_limits_in_front_are_those_behind(nginx: list[tuple[str, ...]]) -> None:
    """What the program takes comes through, and not more."""
    octets = f"{forms.MAX_OCTETS // 1024}"
    assert ("server", f"client_max_body_size {octets}k") in nginx
    assert ("server", f"client_body_timeout {forms.MAX_SECONDS:.0f}s") in nginx
    assert ("server", f"client_header_timeout {server.HEAD_SECONDS:.0f}s") in nginx
    caddy = tree.read(CADDY)
    assert re.search(rf"\bmax_size {octets}KB\n", caddy)
    assert re.search(rf"\bread_body {forms.MAX_SECONDS:.0f}s\n", caddy)
    assert re.search(rf"\bread_header {server.HEAD_SECONDS:.0f}s\n", caddy)
    assert re.search(rf"\bmax_header_size {server.HEAD_OCTETS // 1024}KB\n", caddy)


def test_nobody_is_kept_from_leaving(nginx: list[tuple[str, ...]]) -> None:
    """A provider leaves for thousands from one address: no limit in front of that."""
    blocks = [
        words for words in nginx if len(words) > 2 and words[1] == "location /abmelden/"
    ]
    assert [words[-1] for words in blocks] == [f"proxy_pass http://{BACKEND}"]
    outside = [words[-1] for words in nginx if len(words) == 2]
    assert not any(one.startswith("limit_req ") for one in outside)


def test_what_is_for_this_machine_stays_inside() -> None:
    """Neither of the two shows metrics to the world."""
    assert "location ~ ^/(metrics|healthz|readyz)$" in tree.read(NGINX)
    caddy = tree.read(CADDY)
    assert "@inside path /metrics /healthz /readyz" in caddy
    assert "respond @inside 404" in caddy


def test_caddy_leads_to_where_we_listen() -> None:
    """The same for Caddy; and it is not told to write down visits."""
    caddy = re.sub(r"(?m)^\s*#.*$", "", tree.read(CADDY))
    assert f"reverse_proxy {BACKEND} {{" in caddy
    assert "header_up X-Forwarded-For {remote_host}" in caddy
    assert not re.search(r"(?m)^\s*log\b", caddy)
    assert caddy.count("{") == caddy.count("}")


def test_nginx_understands_it(tmp_path: Path) -> None:
    """Where nginx is installed: its own verdict, with a certificate of its own."""
    tool = shutil.which("nginx")
    if tool is None:
        pytest.skip("nginx is not installed here")
    text = tree.read(NGINX)
    text = re.sub(r"(?m)^\s*ssl_certificate.*$", "", text).replace(" ssl;", ";")
    text = text.replace("/var/log/nginx", str(tmp_path))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in kinds)
    whole = f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{places}{text}\n}}\n"
    (tmp_path / "nginx.conf").write_text(whole, encoding="utf-8")
    done = subprocess.run(
        [tool, "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_caddy_understands_it() -> None:
    """Where Caddy is installed: its own verdict."""
    tool = shutil.which("caddy")
    if tool is None:
        pytest.skip("Caddy is not installed here")
    done = subprocess.run(
        [tool, "validate", "--adapter", "caddyfile", "--config", CADDY],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
