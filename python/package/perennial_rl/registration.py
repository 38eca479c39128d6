"""Ids of the environments: one for each shipped scenario."""

from __future__ import annotations

import difflib

import gymnasium

from perennial_rl._native import shipped_scenarios

VERSION = 0
"""Version of the ids. It is raised where learning results change."""


def environment_id(scenario: str) -> str:
    """Id of a shipped scenario: ``four_seasons`` is ``perennial/FourSeasons-v0``."""
    known = shipped_scenarios()
    if scenario not in known:
        near = difflib.get_close_matches(str(scenario), known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
        raise ValueError(f"no shipped scenario is called {scenario!r}: {hint}")
    return f"perennial/{''.join(word.capitalize() for word in scenario.split('_'))}-v{VERSION}"


def register_all() -> None:
    """Registers an environment for each shipped scenario. Importing the package does it."""
    for scenario in shipped_scenarios():
        name = environment_id(scenario)
        if name not in gymnasium.registry:
            gymnasium.register(
                name,
                entry_point="perennial_rl.env:Env",
                vector_entry_point="perennial_rl.vector:VectorEnv",
                kwargs={"scenario": scenario},
            )
