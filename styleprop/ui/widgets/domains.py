"""The domains as the page offers them."""

from typing import Any

from styleprop.errors import SettingsError
from styleprop.server.domains import Domains
from styleprop.server.texts import said
from styleprop.server.tuned import Tuned

OWN = "your own"
# In this order: what works best comes first.
TITLES = {
    OWN: "your own",
    "monet": "Monet",
    "ukiyo-e": "Ukiyo-e",
    "chinese-landscape": "Chinese landscape",
    "pointillism": "Pointillism",
}


def domain_choices(domains: Domains, own: bool = False) -> list[tuple[str, str]]:
    """Titles and names of the domains on offer: the embedded ones, those of the Hub, and the visitor's own."""
    names = [(domain_title(domains, name), name) for name in [*sorted(domains.embedded, key=_place), *domains.remote]]
    return said([*names, ("Yours", OWN)] if own else names)


def domain_title(domains: Domains, name: str) -> str:
    """What the page calls a domain, in English."""
    return TITLES.get(name) or domains.remote.get(name) or name.replace("-", " ").capitalize()


def locate_domain(tuned: Tuned, mine: Any, domain: Any) -> str:
    """What the engine opens: a name must not be taken for a path, so only those on offer pass. Raises SettingsError."""
    if domain == OWN:
        own = tuned.domain(mine)
        if own is None:
            raise SettingsError("Your own domain is not here any more: choose one of the others.")
        return own
    return tuned.models.domains.locate(domain)


def _place(name: str) -> tuple[int, str]:
    known = list(TITLES)
    return (known.index(name) if name in known else len(known), name)
