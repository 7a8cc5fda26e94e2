"""CycleGANs beyond the embedded ones: a repository's registry lists them, and the first who asks brings them here."""

import logging
import threading
from pathlib import Path

from styleprop import hub
from styleprop.checkpoints import list_domains
from styleprop.errors import BusyError, SettingsError, StylepropError
from styleprop.hub import Watcher

SECONDS = 120.0
TO_PAINTING, TO_PHOTO = "to painting", "to photo"
log = logging.getLogger(__name__)


class Domains:
    """The embedded domains and those of a registry on the Hub; an embedded one keeps its name.

    Args:
        source: the registry's repository, "owner/name" or "owner/name@revision"; None for the embedded domains alone.
    """

    def __init__(self, source: str | None = None):
        self.source = source
        self.embedded = list_domains()
        self._remote: dict[str, hub.Domain] = {}
        self._locks: dict[str, threading.Lock] = {}

    @property
    def remote(self) -> dict[str, str]:
        """Titles by name of the domains that live on the Hub; empty until `learn` has read the registry."""
        return {name: domain.title for name, domain in self._remote.items()}

    @property
    def names(self) -> list[str]:
        """The names of all domains on offer."""
        return [*self.embedded, *self._remote]

    def learn(self) -> None:
        """Read the registry. Where it cannot be read, the embedded domains are all there is, and the log says why."""
        if self.source is None:
            return
        try:
            listed = hub.read_registry(self.source)
        except (StylepropError, OSError) as error:
            log.warning("no domains of the Hub are offered: %s", error)
            return
        remote = {domain.name: domain for domain in listed if domain.name not in self.embedded}
        self._locks = {name: threading.Lock() for name in remote}
        self._remote = remote

    def fetch(self, name: str, watch: Watcher | None = None) -> None:
        """Bring a domain of the Hub to this computer, verified, unless it is there; any other name needs nothing.

        Args:
            name: of a domain.
            watch: called as watch(bytes_done, bytes_total) while it comes.

        Raises:
            CheckpointError: the Hub does not give it, or what it has is no sound CycleGAN.
        """
        if name in self._remote:
            with self._locks[name]:  # the second who asks finds it here
                hub.pull(self._remote[name].repo, self._remote[name].revision, SECONDS, watch)

    def locate(self, name: object) -> str:
        """What the engine opens for a name: an embedded domain's name, or the folder of one of the Hub's.

        Raises:
            SettingsError: there is no such domain.
            BusyError: it is not on this computer yet; it is on its way from now on.
        """
        if isinstance(name, str) and name in self.embedded:
            return name
        if isinstance(name, str) and name in self._remote:
            return str(self._find(name))
        known = ", ".join(self.names) or "none: none is here"
        raise SettingsError(f"domain must be one of {known}.")

    def _find(self, name: str) -> Path:
        domain = self._remote[name]
        found = hub.find_cached(hub.Source(domain.repo, domain.revision))
        if found is None:
            if not self._locks[name].locked():
                threading.Thread(target=self._fetch_quietly, args=(name,), daemon=True).start()
            raise BusyError("{domain} is on its way from the Hub; try again in a minute.", domain=domain.title)
        return found

    def _fetch_quietly(self, name: str) -> None:
        try:
            self.fetch(name)
        except StylepropError as error:
            log.error("the domain %s was not pulled: %s", name, error)
