//! Plants, soil, weather, season, robot, watering, reward, episode.
