//! Number of objects of each kind, by quality.

use crate::rendering::quality::Quality;

/// Number of objects of each kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Amounts {
    /// Tufts on a lawn of 8 m by 8 m.
    pub(super) lawn_tufts: usize,
    /// Tufts around the lawn.
    pub(super) meadow_tufts: usize,
    /// Blades per tuft.
    pub(super) blades_per_tuft: usize,
    /// Maximum number of petals and leaves on a lawn of 8 m by 8 m.
    pub(super) litter: usize,
    /// Flowers of the meadow.
    pub(super) flowers: usize,
    /// Petals in the air. There are as many leaves, and three times as many snowflakes.
    pub(super) falling: usize,
    /// Raindrops in the air.
    pub(super) drops: usize,
    /// Rings of raindrops on the ground.
    pub(super) splashes: usize,
    /// Trees.
    pub(super) trees: usize,
    /// Bushes and boulders.
    pub(super) bushes: usize,
    /// Level of detail of lumps.
    pub(super) lump_detail: u32,
    /// Distance from the plot, in metres, up to which lumps have this detail.
    pub(super) fine_until_m: f32,
    /// Maximum number of clouds.
    pub(super) clouds: usize,
    /// `true` if the shade of trees is painted, because there are no shadow maps.
    pub(super) painted_shade: bool,
}

impl Amounts {
    /// Returns the numbers for a quality.
    pub(super) fn of(quality: Quality) -> Self {
        match quality {
            Quality::Low => Self {
                lawn_tufts: 1_800,
                meadow_tufts: 1_900,
                blades_per_tuft: 3,
                litter: 560,
                flowers: 220,
                falling: 190,
                drops: 420,
                splashes: 40,
                trees: 36,
                bushes: 26,
                lump_detail: 1,
                fine_until_m: 15.0,
                clouds: 9,
                painted_shade: true,
            },
            Quality::Medium => Self {
                lawn_tufts: 3_600,
                meadow_tufts: 5_500,
                blades_per_tuft: 5,
                litter: 1_300,
                flowers: 420,
                falling: 260,
                drops: 1_100,
                splashes: 130,
                trees: 90,
                bushes: 60,
                lump_detail: 1,
                fine_until_m: 60.0,
                clouds: 14,
                painted_shade: false,
            },
            Quality::High => Self {
                lawn_tufts: 9_000,
                meadow_tufts: 15_000,
                blades_per_tuft: 6,
                litter: 2_200,
                flowers: 800,
                falling: 420,
                drops: 2_200,
                splashes: 260,
                trees: 130,
                bushes: 90,
                lump_detail: 2,
                fine_until_m: 30.0,
                clouds: 14,
                painted_shade: false,
            },
        }
    }
}
