"""A picture of a garden: from above, and below it what the robot sees. Drawn with numpy alone; shown in a window with pygame."""

from __future__ import annotations

import numpy as np
from gymnasium.error import DependencyNotInstalled

from perennial_rl._native import GardenBatch, Scenario

MAP_PIXELS = 256
"""Side of the map, in pixels."""
EYE_PIXELS = 32
"""Height of the strip that shows what the robot sees, in pixels, or more where the eye has more rows."""

WINDOW_SCALE = 2
"""Pixels of a window for each pixel of a picture, along a side."""


class Window:
    """A window that shows pictures at the speed at which a garden lives.

    It uses pygame, as Gymnasium's own environments do: ``pip install 'perennial-rl[human]'``.
    """

    def __init__(self, title: str, frames_per_second: int) -> None:
        try:
            import pygame
        except ImportError as error:
            raise DependencyNotInstalled("render_mode='human' needs pygame: pip install 'perennial-rl[human]'") from error
        self._pygame, self._title, self._frames_per_second = pygame, title, frames_per_second
        self._screen = None
        self._clock = pygame.time.Clock()

    def show(self, image: np.ndarray) -> None:
        """Shows a picture ``[height, width, 3]``, and waits until it is time for it."""
        pygame = self._pygame
        height, width, _ = image.shape
        if self._screen is None:
            try:
                pygame.display.init()
                self._screen = pygame.display.set_mode((WINDOW_SCALE * width, WINDOW_SCALE * height))
            except pygame.error as error:
                raise RuntimeError(
                    f"no window can be opened here ({error}): render_mode='rgb_array' returns pictures without a display"
                ) from error
            pygame.display.set_caption(self._title)
        surface = pygame.surfarray.make_surface(image.transpose(1, 0, 2))
        self._screen.blit(pygame.transform.scale(surface, self._screen.get_size()), (0, 0))
        # Without it, a desktop takes the window for one that does not respond.
        pygame.event.pump()
        self._clock.tick(self._frames_per_second)
        pygame.display.flip()

    def close(self) -> None:
        """Closes the window."""
        self._pygame.display.quit()


def draw(batch: GardenBatch, scenario: Scenario, garden: int) -> np.ndarray:
    """The picture: ``[height, width, 3]``, uint8."""
    return np.concatenate([draw_map(batch.scene(garden)), draw_eye(batch.observation_bytes()[garden], scenario)])


def draw_map(scene: dict) -> np.ndarray:
    """The garden from above: plants in the colours that the robot sees them in, with a blue ring where they are thirsty."""
    side = scene["side_m"]
    image = np.empty((MAP_PIXELS, MAP_PIXELS, 3), dtype=np.float32)
    image[:] = scene["ground"]
    ticks = (np.arange(MAP_PIXELS, dtype=np.float32) + 0.5) / MAP_PIXELS * side - side / 2
    x, z = ticks[None, :], ticks[:, None]
    for (place_x, place_z), radius, colour, thirst in zip(
        scene["positions_m"], scene["radii_m"], scene["colours"], scene["thirst"], strict=True
    ):
        distance = np.hypot(x - place_x, z - place_z)
        if thirst > 0:
            image[distance <= radius + 0.06 + 0.1 * thirst] = (0.1, 0.3, 0.9)
        image[distance <= radius] = colour
    if "robot" in scene:
        robot_x, robot_z, ahead_x, ahead_z = scene["robot"]
        distance = np.hypot(x - robot_x, z - robot_z)
        ahead = (x - robot_x) * ahead_x + (z - robot_z) * ahead_z
        if scene["pump_on"]:
            in_jet = (distance <= scene["jet_reach_m"]) & (ahead >= 0.9 * distance)
            image[in_jet] = 0.5 * image[in_jet] + 0.5 * np.array([0.6, 0.8, 1.0], dtype=np.float32)
        body = distance <= scene["robot_radius_m"]
        image[body] = (0.15, 0.15, 0.15)
        image[body & (ahead >= 0.4 * scene["robot_radius_m"])] = (0.95, 0.85, 0.2)
    return (np.clip(image * scene["light"], 0, 1) * 255 + 0.5).astype(np.uint8)


def draw_eye(observation: np.ndarray, scenario: Scenario) -> np.ndarray:
    """Draws the view of the robot, as wide as the map."""
    rows, columns = scenario.eye_shape
    colours = observation[: 4 * scenario.pixels].reshape(rows, columns, 4)[:, :, :3]
    height = max(EYE_PIXELS, rows)
    return colours[np.arange(height) * rows // height][:, np.arange(MAP_PIXELS) * columns // MAP_PIXELS]
