"""Gardens that an environment owns: copies of it, pickles, and its end."""

from __future__ import annotations

import copy
from typing import Any

from gymnasium.error import ClosedEnvironmentError

from perennial_rl._native import GardenBatch, Scenario
from perennial_rl.rendering import Window
from perennial_rl.settings import Settings


class OwnsGardens:
    """An environment over a batch of gardens. A copy has the settings and the state, bit for bit, and a window of its own."""

    _settings: Settings
    _scenario: Scenario
    _batch: GardenBatch | None
    _window: Window | None = None

    def _empty_batch(self) -> GardenBatch:
        """Gardens of these settings, of any seed, that a state can be put into."""
        raise NotImplementedError

    def _gardens(self) -> GardenBatch:
        if self._batch is None:
            raise ClosedEnvironmentError("the environment is closed")
        return self._batch

    def __copy__(self) -> OwnsGardens:
        """A whole copy: one that shared its spaces and buffers would change with this one."""
        return copy.deepcopy(self)

    def __getstate__(self) -> dict[str, Any]:
        """The settings, the scenario and the state."""
        kept = {key: value for key, value in self.__dict__.items() if key not in ("_batch", "_window")}
        return {"kept": kept, "state": None if self._batch is None else self._batch.get_state()}

    def __setstate__(self, saved: dict[str, Any]) -> None:
        self.__dict__.update(saved["kept"])
        self._batch = None
        if saved["state"] is not None:
            self._batch = self._empty_batch()
            self._batch.set_state(saved["state"])
