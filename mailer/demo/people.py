"""Invented residents and partners, as the CSV files that a coordinator would have.

Nobody of them exists, and every address ends in .example, which no mail server serves
(RFC 2606, section 2).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

EASY: Final = "Leichte Sprache"

RESIDENTS: Final = (
    ("Renate", "Albrecht", "renate.albrecht@post.example", ""),
    ("Marco", "Behrens", "marco.behrens@handy.example", EASY),
    ("Egon", "Fiedler", "egon.fiedler@briefkasten.example", ""),
    ("Aylin", "Çelik", "aylin.celik@netz.example", ""),
    ("Jürgen", "Daßler", "juergen.dassler@post.example", EASY),
    ("Hannelore", "Ebert", "h.ebert@briefkasten.example", ""),
    ("Piotr", "Filipowicz", "piotr.f@netz.example", ""),
    ("Günther", "Gräfe", "graefe@bücherfreunde.example", ""),
    ("Ilse", "Hübner", "ilse.huebner@post.example", EASY),
    ("Thi Lan", "Hoang", "lan.hoang@netz.example", ""),
    ("Björn", "Jäckel", "bjoern.jaeckel@handy.example", ""),
    ("Sabine", "Köhler-Voß", "koehler-voss@post.example", ""),
    ("Detlef", "Krämer", "detlef@briefkasten.example", EASY),
    ("Yusuf", "Löwe", "yusuf.loewe@netz.example", ""),
    ("Edeltraud", "Mühlbach", "edel.muehlbach@briefkasten.example", ""),
    ("Nele", "Niemann", "nele.niemann@handy.example", EASY),
    ("Sören", "Oelze", "soeren+mia@netz.example", ""),
    ("Käthe", "Pötzsch", "kaethe.poetzsch@briefkasten.example", ""),
    ("Quirin", "Quast", "quirin@post.example", ""),
    ("Ronny", "Rößler", "ronny.roessler@handy.example", EASY),
    ("Olena", "Schewtschuk", "olena.s@netz.example", ""),
    ("Anna-Lena", "Strauß", "annalena.strauss@post.example", ""),
    ("Traudel", "Teichmann", "traudel.teichmann@briefkasten.example", ""),
    ("Uwe", "Uhlig", "uwe.uhlig@post.example", EASY),
    ("Vera", "Vogel", "vera.vogel@netz.example", ""),
    ("Wolfgang", "Wünsch", "w.wuensch@briefkasten.example", ""),
    ("Xenia", "Zöllner", "xenia@handy.example", EASY),
    ("Jamal", "Yıldız", "jamal.y@netz.example", ""),
    ("", "", "stammtisch@post.example", ""),
    ("Zora", "Ziegler", "zora.ziegler@post.example", EASY),
)
"""First name, last name, address, style."""

WITHOUT_PROOF: Final = ("Klaus", "Ohneblatt", "klaus.ohneblatt@post.example", "")
"""On the list, but nobody can show that he agreed: he must get nothing."""

PARTNERS: Final = (
    (
        "Tageswerk Sonnenblick e. V.",
        0,
        "Frauke Lindner",
        "Leitung",
        "lindner@sonnenblick.example",
    ),
    (
        "Tageswerk Sonnenblick e. V.",
        0,
        "Timo Hartung",
        "Assistenz",
        "hartung@sonnenblick.example",
    ),
    ("Suppenküche Am Einetal", 0, "", "Büro", "buero@suppenkueche-einetal.example"),
    (
        "Seniorenkreis Silberfaden",
        1,
        "Gisela Ackermann",
        "Vorsitz",
        "vorstand@silberfaden.example",
    ),
    (
        "Selbsthilfe Blickwechsel",
        2,
        "Renate Albrecht",
        "Sprecherin",
        "renate.albrecht@post.example",
    ),
    (
        "Gehörlosenverein Handzeichen e. V.",
        2,
        "Mirko Sander",
        "Vorstand",
        "sander@handzeichen.example",
    ),
    (
        "Reha-Sport Bodetal 04 e. V.",
        3,
        "Jana Pohl",
        "Übungsleitung",
        "pohl@rehasport-bodetal.example",
    ),
    (
        "Grundschule Lindenallee",
        4,
        "",
        "Sekretariat",
        "sekretariat@gs-lindenallee.example",
    ),
    (
        "Kita Regenbogenhaus",
        4,
        "Britta Franke",
        "Leitung",
        "leitung@regenbogenhaus.example",
    ),
    (
        "Wohnbau Harzblick eG",
        5,
        "Stefan Nolte",
        "Sozialmanagement",
        "nolte@wohnbau-harzblick.example",
    ),
    ("Beratungsladen Lotse", 6, "Katja Wirth", "Beratung", "wirth@lotse.example"),
    ("Schuldnerberatung Kompass", 6, "", "Beratung", "info@kompass.example"),
    (
        "Nachbarschaft Herrenbreite",
        7,
        "Dieter Schäfer",
        "Mitglied",
        "schaefer@herrenbreite.example",
    ),
)
"""Organisation, index of its field of work, person, role, address."""

WORDS: Final = """\
Diesmal sprechen wir über **Wege in der Stadt**: Wo kommen Sie gut voran, und wo nicht?

- Bordsteine, Pflaster und Treppen
- Ampeln mit Ton
- Bänke zum Ausruhen

Bringen Sie gern Fotos mit.
"""

EASY_WORDS: Final = """\
Dieses Mal reden wir über Wege in der Stadt.
Wo kommen Sie gut voran?
Wo ist es schwer für Sie?
Sie können gern Fotos mitbringen.
"""

AGREED_BEFORE: Final = timedelta(days=30)
"""How long ago the invented people agreed."""


def residents_csv(today: date) -> str:
    """Return the residents' list as German Excel writes it."""
    header = "E-Mail;Vorname;Nachname;Fassung;Einwilligung am;Einwilligung Weg;Nachweis"
    agreed = f"{today - AGREED_BEFORE:%d.%m.%Y};Papier;Liste am Eingang, Blatt 1"
    rows = [
        f"{address};{first};{last};{style};{agreed}"
        for first, last, address, style in RESIDENTS
    ]
    first, last, address, style = WITHOUT_PROOF
    return _file([header, *rows, f"{address};{first};{last};{style};;;"])


def partners_csv(today: date, fields_of_work: tuple[str, ...]) -> str:
    """Return the partners' list as German Excel writes it.

    Args:
        fields_of_work: From the settings; the list uses each of them.
    """
    header = (
        "Einrichtung;Arbeitsfeld;Ansprechperson;Funktion;E-Mail;Grundlage;Themen;"
        "Einwilligung am;Einwilligung Weg;Nachweis"
    )
    agreed = f"{today - AGREED_BEFORE:%d.%m.%Y};Papier;Beitrittserklärung"
    rows = [
        f"{organisation};{fields_of_work[field % len(fields_of_work)]};{name};{role};"
        f"{address};Benannt in der Beitrittserklärung;"
        f"Einladungen, Netzwerk-Info;{agreed}"
        for organisation, field, name, role, address in PARTNERS
    ]
    return _file([header, *rows])


def _file(rows: list[str]) -> str:
    """Return *rows* with the line ends of Windows."""
    return "\r\n".join([*rows, ""])
