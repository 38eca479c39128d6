"""A random agent and one that was trained in spring, in spring and in summer: their scores, and a picture.

    pip install ./python && python python/examples/quickstart.py

A score of 0 is a driver that acts at random, 1 a scripted gardener who knows which plants are thirsty. The trained agent comes with the
package; it is run here in numpy, as any agent of yours would be.
"""

import os
import struct
import zlib

import gymnasium
import numpy as np
import perennial_rl

EPISODES = int(os.environ.get("PERENNIAL_QUICKSTART_EPISODES", "16"))


def normalised(hidden):
    """Each row with mean 0 and variance 1."""
    return (hidden - hidden.mean(axis=1, keepdims=True)) / np.sqrt(hidden.var(axis=1, keepdims=True) + 1e-5)


class TrainedAgent:
    """The policy `spring` as a few products of matrices. Its hidden layers are normalised."""

    def __init__(self):
        scenario = perennial_rl.Scenario("four_seasons")
        self.layers = perennial_rl.Policy("spring", scenario).layers()

    def predict(self, observations, deterministic=True):
        hidden = observations
        for weights, biases in self.layers[:-1]:
            hidden = np.maximum(normalised(hidden @ weights + biases), 0)
        weights, biases = self.layers[-1]
        return (hidden @ weights + biases).argmax(axis=1), None


class RandomAgent:
    """Any of the five actions."""

    def __init__(self):
        self.random = np.random.default_rng(0)

    def predict(self, observations, deterministic=True):
        return self.random.integers(5, size=len(observations)), None


def write_png(path, image):
    """Writes an image without any library."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width, _ = image.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), image.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows.tobytes())) + chunk(b"IEND", b""))


def main():
    agents = {"random": RandomAgent(), "trained in spring": TrainedAgent()}
    seasons = ["spring", "summer"]
    print(f"{'score':<20}" + "".join(f"{season:>10}" for season in seasons))
    for name, agent in agents.items():
        card = perennial_rl.evaluate(agent, seasons=seasons, episodes=EPISODES)
        print(f"{name:<20}" + "".join(f"{score:>10.2f}" for score in card.scores))

    frames = []
    for season in seasons:
        env = gymnasium.make("perennial/FourSeasons-v0", season=season, render_mode="rgb_array")
        observation, _ = env.reset(seed=5)
        for _ in range(60):
            actions, _ = agents["trained in spring"].predict(observation[None])
            observation, *_ = env.step(int(actions[0]))
        frames.append(env.render())
        env.close()
    write_png("quickstart.png", np.concatenate(frames, axis=1))
    print("quickstart.png shows the trained agent after 12 seconds (60 decisions) in spring and in summer")


if __name__ == "__main__":
    main()
