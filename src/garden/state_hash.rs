//! Hash of the complete state of all gardens. Two runs with equal hashes at every tick are the same run.

use bevy::ecs::system::{RunSystemOnce, SystemParam};
use bevy::prelude::*;
use xxhash_rust::xxh3::Xxh3;

use super::{Clock, EpisodeEnd, EpisodeState, Garden, GardenEntities, GardenList, Pump, RecentRewards, Sky, Soil, Wellbeing};
use crate::physics::{LoosePose, Motion, Pose};

/// State hash after the last tick: xxh3 over the bits of every changing number, in the order of the gardens.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateHash(pub u64);

/// Computes the hash outside of a tick, after gardens were spawned or restored.
pub fn hash_now(world: &mut World) {
    // The only error is a missing resource, and a world with gardens has them all.
    let _ = world.run_system_once(hash_states);
}

/// Fingerprint of the last states of the episodes that ended with the last tick; 0 if none did.
///
/// The next episode begins in the same tick, so [`StateHash`] does not hold what the last decision of an episode led to.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndHash(pub u64);

/// Takes the fingerprint.
pub fn hash_states(
    mut hash: ResMut<StateHash>,
    clock: Res<Clock>,
    list: Res<GardenList>,
    gardens: Query<(&GardenEntities, &EpisodeState, &Sky, &RecentRewards)>,
    bodies: Bodies,
) {
    let mut digest = Xxh3::new();
    digest.update(&clock.tick.to_le_bytes());
    let mut numbers: Vec<f32> = Vec::with_capacity(64);
    for (entities, episode, sky, recent) in gardens.iter_many(&list.0) {
        bodies.digest(entities, episode, sky, &mut numbers, &mut digest);
        digest_rewards(recent, &mut digest);
    }
    hash.0 = digest.digest();
}

/// Takes the fingerprint of the episodes that end with this tick, before the next ones begin.
pub fn hash_ends(
    mut hash: ResMut<EndHash>,
    list: Res<GardenList>,
    gardens: Query<(&Garden, &GardenEntities, &EpisodeState, &Sky, &RecentRewards)>,
    bodies: Bodies,
) {
    let mut digest = None;
    let mut numbers = Vec::new();
    for (garden, entities, episode, sky, recent) in gardens.iter_many(&list.0) {
        let Some(end) = episode.end else { continue };
        let digest = digest.get_or_insert_with(Xxh3::new);
        digest.update(&(garden.number as u64).to_le_bytes());
        digest.update(&[u8::from(end == EpisodeEnd::Terminated)]);
        let tally = &episode.tally;
        digest.update(&tally.thirst_relieved.to_bits().to_le_bytes());
        for count in [tally.sprays_thirsty, tally.sprays_needless, tally.sprays_ground, tally.bumps] {
            digest.update(&count.to_le_bytes());
        }
        bodies.digest(entities, episode, sky, &mut numbers, digest);
        digest_rewards(recent, digest);
    }
    hash.0 = digest.map_or(0, |digest| digest.digest());
}

/// Adds what watering has brought to a digest, where anything is remembered: nothing is for robots without that sense.
fn digest_rewards(recent: &RecentRewards, digest: &mut Xxh3) {
    if *recent != RecentRewards::default() {
        digest.update(bytemuck::cast_slice(&[recent.thirsty_looking, recent.fine_looking]));
    }
}

/// Everything that changes in a garden beside its episode and its sky.
#[derive(SystemParam)]
pub struct Bodies<'w, 's> {
    robots: Query<'w, 's, (&'static Pose, &'static Motion, &'static Pump)>,
    plants: Query<'w, 's, (&'static Soil, &'static Wellbeing)>,
    loose: Query<'w, 's, &'static LoosePose>,
}

impl Bodies<'_, '_> {
    /// Adds the bits of every changing number of a garden to a digest; `numbers` is a buffer.
    fn digest(&self, entities: &GardenEntities, episode: &EpisodeState, sky: &Sky, numbers: &mut Vec<f32>, digest: &mut Xxh3) {
        digest.update(&episode.number.to_le_bytes());
        digest.update(&episode.decisions.to_le_bytes());
        numbers.clear();
        numbers.extend([
            episode.tally.episode_return,
            sky.light,
            sky.evaporation_factor,
            sky.shower_left_s,
            sky.dry_left_s,
        ]);
        if let Ok((pose, motion, pump)) = self.robots.get(entities.robot) {
            numbers.extend(pose.position_m.to_array());
            numbers.extend(pose.forward.to_array());
            numbers.extend(motion.velocity_m_per_s.to_array());
            numbers.extend([
                motion.yaw_rate_rad_per_s,
                pump.sprays_left.map_or(-1.0, |sprays| sprays as f32),
            ]);
        }
        for (soil, wellbeing) in self.plants.iter_many(&entities.plants) {
            numbers.extend([soil.moisture, wellbeing.0]);
        }
        for pose in self.loose.iter_many(&entities.props) {
            numbers.extend(pose.translation_m.to_array());
            numbers.extend(pose.rotation.to_array());
        }
        digest.update(bytemuck::cast_slice(numbers));
    }
}
