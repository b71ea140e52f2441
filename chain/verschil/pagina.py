"""The report as one page for a browser: nothing else is fetched, and without scripts everything is shown."""

import os
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chain.verschil.rapport import Rapport, Soort
from chain.verschil.tabel import NIETS, figures
from topics.errors import Refused

_TEMPLATE: Final = "pagina.html"


def page(found: Rapport) -> str:
    """HTML. What partners sent is escaped."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).resolve().parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template(_TEMPLATE)
    return template.render(rapport=found, soorten=list(Soort), niets=NIETS, figures=figures, partners=_partners(found))


def write_page(path: Path, found: Rapport) -> None:
    """The file appears whole. Raises Refused."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        temporary.write_text(page(found), encoding="utf-8")
        os.replace(temporary, path)
    except OSError as error:
        raise Refused(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _partners(found: Rapport) -> list[tuple[str, str]]:
    """Whom lines are about: what the page filters by, and a name."""
    used = {line.partner for section in found.secties for line in section.regels if line.partner}
    return sorted({(found.namen.get(one, one), found.namen.get(one, one)) for one in used})
