"""A finding has to be seen three times before it is told, and missed nine times before it goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pellucid.inspect.diagnosing.finding import Finding

__all__ = ["Persistence"]


class Persistence:
    """Holds findings back until they have lasted, and keeps them until they have gone for good.

    Parameters
    ----------
    fires : int
        Looks in a row that show a finding before it counts.
    clears : int
        Looks in a row that do not show it before it counts no more.
    """

    def __init__(self, fires: int = 3, clears: int = 9) -> None:
        self.fires = fires
        self.clears = clears
        self.active: dict[str, Finding] = {}
        self.cleared: dict[str, Finding] = {}
        self._seen: dict[str, int] = {}
        self._missed: dict[str, int] = {}
        self._latest: dict[str, Finding] = {}

    def update(self, findings: Iterable[Finding]) -> list[Finding]:
        """Take one look's findings; return those that begin to count with it."""
        here: dict[str, Finding] = {}
        for found in findings:
            here.setdefault(f"{found.code}:{found.layer}", found)
        self._latest = here
        begun = []
        for key, found in here.items():
            self._missed[key] = 0
            self._seen[key] = self._seen.get(key, 0) + 1
            if key not in self.active and self._seen[key] >= self.fires:
                self.active[key] = found
                self.cleared.pop(key, None)
                begun.append(found)
            elif key in self.active and found.change != self.active[key].change:
                self.active[key] = replace(found, step=self.active[key].step)
        for key in list(self._seen):
            if key in here:
                continue
            self._missed[key] = self._missed.get(key, 0) + 1
            if key not in self.active:
                del self._seen[key]
            elif self._missed[key] >= self.clears:
                self.cleared[key] = self.active.pop(key)
                del self._seen[key]
        return begun

    def settle(self, looks: int) -> list[Finding]:
        """Let count, at the end of a training of few looks, what each of them has shown.

        Parameters
        ----------
        looks : int
            How many looks there were in all.
        """
        begun = [
            found
            for key, found in self._latest.items()
            if key not in self.active and 0 < looks <= self._seen.get(key, 0)
        ]
        self.active |= {f"{found.code}:{found.layer}": found for found in begun}
        return begun

    def state(self) -> dict[str, Any]:
        """Return plain values for a checkpoint."""
        return {
            "active": {key: found.to_dict() for key, found in self.active.items()},
            "cleared": {key: found.to_dict() for key, found in self.cleared.items()},
            "seen": dict(self._seen),
            "missed": dict(self._missed),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what :meth:`state` gave."""
        self.active = {key: Finding.from_dict(v) for key, v in state["active"].items()}
        self.cleared = {key: Finding.from_dict(v) for key, v in state["cleared"].items()}
        self._seen = dict(state["seen"])
        self._missed = dict(state["missed"])
