"""A new profile, or the next version of one, as a concept that a person fills in and then publishes."""

import json
import re
from datetime import date
from pathlib import Path

from adapters.kinds import Kind, Partij
from topics.documents.onderhoud import Statuscode
from topics.errors import Refused
from topics.profile.registry import CONCEPT

_HEAD = """\
# {naam}: {what}.
# Vul aan, controleer met `ketenbus partner controle {partner}` en publiceer met `ketenbus partner publiceer {partner}`.
# Daarna ligt deze versie vast: een wijziging is een volgende versie (`ketenbus partner nieuw {partner} --volgende`).
partner = {partner_}
versie = 1
geldig_vanaf = {day}
naam = {naam_}
kind = {kind_}
gln = {gln_}
gln_aliassen = []
btw_nummers = []  # rechtspersonen van deze partner, waarmee een factuur hem kan noemen
kvk_nummers = []
formaten = {formaten}
dialecten = []  # afwijkingen van een standaard die van deze partner worden aangenomen; controle noemt wat ze heten
mag_sturen = {documenten}
stil_na_uren = 96  # komt er zo lang niets, dan wordt er gekeken of zijn koppeling nog werkt; 0: van hem wordt niets verwacht
proef = {proef}  # true: alles van deze partner loopt in de proef-keten en raakt geen echt dossier
"""

_STATUSES = """
# De eigen statuswoorden van de partner, elk met een voorbeeld uit de praktijk. Een woord met een detail heet
# "woord/detail". Een woord dat hier niet staat gaat naar een mens. De codes: {codes}.
[statussen]
# "Werk gereed" = {{ code = "TGE", voorbeeld = "monteur meldt het werk af" }}
# "Wacht/bewoner afwezig" = {{ code = "OND", detail = "BNT", voorbeeld = "niemand thuis" }}
"""

_CLIENT = """
# Urgentie van een opdracht die haar niet noemt; de eerste regel die past geldt.
# [urgenties]
# "contract:NUMMER" = "spoed"
# "prijscode:CODE" = "spoed"
# "gereed-binnen:24" = "spoed"

# De voorwaarden met elke aannemer: zonder voorwaarden wordt een opdracht aan hem geweigerd.
# [[termen]]
# aannemer = "GLN van de aannemer"
# geldig_vanaf = {day}
# contracten = []  # nummers waaruit de aannemer volgt als de opdracht hem niet noemt
# wachttijd_uren = 72
# [termen.kalender]
# vrije_dagen = []  # elke vrije dag, ook 5 mei, Goede Vrijdag en bouwvak als die vrij zijn
# [[termen.normen]]
# maat = "technisch-gereed"
# waarde = "10"
# eenheid = "werkdagen"
# [termen.facturen]  # zonder de rechtspersoon en de rekening van de aannemer wordt niets van hem vrijgegeven
# btw_nummers = []  # rechtspersonen die voor deze aannemer factureren
# kvk_nummers = []
# entiteiten = []  # bij meer dan een: {{ btw = "NL...", kvk = "..." }}, welke nummers van dezelfde rechtspersoon zijn
# ibans = []
# g_ibans = []
# tolerantie = "0"  # euro per opdracht
# tolerantie_percentage = "0"  # van wat is afgesproken; de grootste van de twee geldt
# regieplafond = "500"  # euro exclusief btw, van een opdracht in regie die geen plafond noemt
# afkoop = []  # wat een contract per hele periode (maand, kwartaal, jaar) kost, in euro exclusief btw
# # {{ contract = "NUMMER", bedrag = "1250", periode = "maand", geldig_vanaf = 2026-01-01, geldig_tot = 2026-12-31 }}
# betaaltermijn_dagen = 30  # ten hoogste 30 (art. 6:119a lid 6 BW)
# wederzijds_groot = false  # true: geen van beide is mkb, dan mag de termijn 60 dagen zijn
# g_regel = "arbeid"  # of "evenredig": wat het deel voor de G-rekening volgt
# eigenbouwer = false  # true: verlegde btw is gebruikelijk
# prijsboek = [
#   {{ code = "CODE", prijs = "45.50" }},
# ]
"""


def new_profile(folder: Path, kind: Kind, *, partner: str, naam: str, gln: str, day: date) -> Path:
    """Write a concept of version 1 of `partner`, in force from `day`. Raises Refused when the partner is there already."""
    path = folder / partner / f"1.toml{CONCEPT}"
    if path.parent.exists():
        raise Refused(f"partner {partner}: found {path.parent}, expected a new name (or --volgende)")
    text = _HEAD.format(
        naam=naam.replace("\n", " "),
        what=kind.what,
        partner=partner,
        partner_=json.dumps(partner),
        day=day,
        naam_=json.dumps(naam, ensure_ascii=False),
        kind_=json.dumps(kind.name),
        gln_=json.dumps(gln),
        formaten=json.dumps(list(kind.formaten)),
        documenten=json.dumps(list(kind.documenten)),
        proef=json.dumps(kind.proef),
    )
    text += _STATUSES.format(codes=", ".join(Statuscode))
    if kind.spreekt_als is Partij.OPDRACHTGEVER:
        text += _CLIENT.format(day=day)
    return _write(path, text)


def next_version(folder: Path, partner: str, day: date, of: int | None = None) -> Path:
    """Copy the highest version of `partner` (or version `of`) to a concept of the next one, in force from `day`.

    Raises Refused when there is none, when there is a concept already, or when `versie` and `geldig_vanaf` do not each
    stand on a line of their own.
    """
    known = [int(path.stem) for path in (folder / partner).glob("*.toml") if path.stem.isdecimal()]
    _no_concept(folder, partner)
    if not known:
        raise Refused(f"partner {partner}: found no profile in {folder}, expected one to go on from")
    of = max(known) if of is None else of
    if of not in known:
        raise Refused(f"partner {partner}: found no version {of}, expected one of {', '.join(map(str, sorted(known)))}")
    text = (folder / partner / f"{of}.toml").read_text(encoding="utf-8")
    text, versions = re.subn(r"(?m)^versie\s*=\s*\d+", f"versie = {max(known) + 1}", text, count=1)
    text, dates = re.subn(r"(?m)^geldig_vanaf\s*=\s*\S+", f"geldig_vanaf = {day}", text, count=1)
    if not (versions and dates):
        raise Refused(f"partner {partner}: version {of} lacks `versie =` or `geldig_vanaf =` on a line of its own")
    return _write(folder / partner / f"{max(known) + 1}.toml{CONCEPT}", text)


def concepts(folder: Path, partner: str) -> list[Path]:
    """Concepts of `partner`, lowest version first."""
    return sorted((folder / partner).glob(f"*.toml{CONCEPT}"), key=lambda path: (len(path.name), path.name))


def release(path: Path) -> Path:
    """The concept becomes a version. Raises Refused when that version is there already."""
    version = path.with_name(path.name.removesuffix(CONCEPT))
    if version.exists():
        raise Refused(f"{version}: found a version, expected none beside its concept")
    return path.rename(version)


def _no_concept(folder: Path, partner: str) -> None:
    found = concepts(folder, partner)
    if found:
        raise Refused(f"partner {partner}: found concept {found[0]}, expected it to be published (or removed) first")


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path
