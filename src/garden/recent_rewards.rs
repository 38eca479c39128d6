//! Recent rewards of watering, which the sense `rewarded` reads.
//!
//! Where two seasons look the same and their colours mean the opposite, a policy that sees one view can only act by chance: nothing in the view
//! tells the seasons apart. What tells them apart is what watering a colour has just brought. Two fading averages are the simplest memory of
//! that, and need no recurrent network. How plants look is told by the colours of the first season, whatever season it is: a fixed way of
//! naming two kinds of colour, which says nothing of the season.

use bevy::prelude::Component;

use crate::scenario::{PlantLook, Scenario};

/// Share of the newest watering in its average.
const NEWEST_SHARE: f32 = 0.5;
/// Part of an average that is left after a decision: half of it is gone after 69 decisions, 14 s.
const KEPT_PER_DECISION: f32 = 0.99;

/// Fading averages of the rewards for watering plants in the current episode, each reward limited to -1..1; 0 where nothing is remembered.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq)]
pub struct RecentRewards {
    /// For plants that looked thirsty by the colours of the first season.
    pub thirsty_looking: f32,
    /// For plants that looked fine by them.
    pub fine_looking: f32,
}

impl RecentRewards {
    /// Fades both averages by one decision.
    pub(super) fn fade(&mut self) {
        self.thirsty_looking *= KEPT_PER_DECISION;
        self.fine_looking *= KEPT_PER_DECISION;
    }

    /// Adds the reward for watering a plant that looked thirsty or fine.
    pub(super) fn note(&mut self, looked_thirsty: bool, reward: f32) {
        let average = if looked_thirsty {
            &mut self.thirsty_looking
        } else {
            &mut self.fine_looking
        };
        *average += NEWEST_SHARE * (reward.clamp(-1.0, 1.0) - *average);
    }
}

/// Returns the colours by which a plant of a species looks thirsty or fine: those of the first season, as it is written.
pub(super) fn reference_look(scenario: &Scenario, species: usize) -> PlantLook {
    let look = &scenario.seasons[0].look;
    let own = look
        .species
        .get(&scenario.plants.species[species].name)
        .copied()
        .unwrap_or_default();
    PlantLook {
        fine: own.fine.unwrap_or(look.fine),
        thirsty: own.thirsty.unwrap_or(look.thirsty),
    }
}

/// Returns `true` if a colour (sRGB, unclamped) is nearer to that of full thirst than to that of none.
pub(super) fn looks_thirsty(colour: [f32; 3], reference: &PlantLook) -> bool {
    let distance_squared = |other: [f32; 3]| -> f32 {
        colour
            .iter()
            .zip(other)
            .map(|(one, other)| (one - other) * (one - other))
            .sum()
    };
    distance_squared(reference.thirsty.to_array()) < distance_squared(reference.fine.to_array())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_follows_its_own_waterings_and_fades() {
        let mut recent = RecentRewards::default();
        recent.note(true, 0.5);
        recent.note(false, -0.5);
        assert_eq!((recent.thirsty_looking, recent.fine_looking), (0.25, -0.25));
        recent.note(true, 7.0);
        assert_eq!(
            (recent.thirsty_looking, recent.fine_looking),
            (0.625, -0.25),
            "a reward counts as 1 at most"
        );
        (0..69).for_each(|_| recent.fade());
        assert!((recent.thirsty_looking - 0.3125).abs() < 0.002, "{recent:?}");
    }

    #[test]
    fn looks_are_told_by_the_first_season() {
        let scenario = Scenario::load("mirror_year").unwrap().scenario;
        let reference = reference_look(&scenario, 0);
        let [first, second] = [0, 1].map(|season| {
            let look = &scenario.seasons[season].look;
            PlantLook {
                fine: look.fine,
                thirsty: look.thirsty,
            }
        });
        assert_eq!(reference, first);
        for (thirst, looks_so) in [(0.1, false), (0.9, true)] {
            assert_eq!(looks_thirsty(first.colour(thirst, [0.0; 3]), &reference), looks_so);
            assert_eq!(looks_thirsty(second.colour(thirst, [0.0; 3]), &reference), !looks_so);
        }
    }
}
