//! Times at which the answers to views of the album flipped, in real time, so that they can flash.

use std::sync::Arc;

use bevy::prelude::Resource;

use crate::live::InsideStatus;

/// Time that a flash takes, in seconds.
const FLASH_S: f64 = 1.6;

/// Time of the last flip of each view.
#[derive(Resource, Clone, Debug, Default)]
pub(super) struct Flips {
    /// Decisions at the newest look.
    decisions: Option<u64>,
    /// Rightness of each answer then.
    right: Vec<bool>,
    /// Real time of the last flip, in seconds.
    at_s: Vec<Option<f64>>,
}

impl Flips {
    /// Compares the newest look with the one that was the newest before.
    pub(super) fn see(&mut self, real_s: f64, inside: Option<&Arc<InsideStatus>>) {
        let Some((inside, newest)) = inside.and_then(|inside| Some((inside, inside.looks.last()?))) else {
            *self = Self::default();
            return;
        };
        if self.decisions == Some(newest.decisions) {
            return;
        }
        let look = inside.looks.len() - 1;
        let right: Vec<bool> = (0..inside.album.views.len())
            .map(|view| inside.is_right(look, view))
            .collect();
        let is_later = self.decisions.is_some_and(|before| before < newest.decisions) && self.right.len() == right.len();
        if is_later {
            for ((at_s, before), now) in self.at_s.iter_mut().zip(&self.right).zip(&right) {
                if before != now {
                    *at_s = Some(real_s);
                }
            }
        } else {
            self.at_s = vec![None; right.len()];
        }
        self.right = right;
        self.decisions = Some(newest.decisions);
    }

    /// Brightness of a view's flash, from 1 when it flipped to 0.
    pub(super) fn flash(&self, view: usize, real_s: f64) -> f32 {
        let at_s = self.at_s.get(view).copied().flatten();
        at_s.map_or(0.0, |at_s| (1.0 - (real_s - at_s) / FLASH_S).clamp(0.0, 1.0) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::InsideRecord;
    use crate::rollout::{Album, AlbumView};

    fn seen(looks: &[(u64, &str)]) -> Arc<InsideStatus> {
        let view = |thirst: f32| AlbumView {
            season: 0,
            species: 0,
            thirst,
            column: 0,
            colour: [0; 3],
            observation: Vec::new(),
        };
        let look = |&(decisions, answers): &(u64, &str)| {
            Arc::new(InsideRecord {
                decisions,
                answers: answers.to_owned(),
                ..InsideRecord::default()
            })
        };
        Arc::new(InsideStatus {
            album: Arc::new(Album {
                views: vec![view(1.0), view(0.0)],
                transitions: Vec::new(),
            }),
            looks: looks.iter().map(look).collect(),
        })
    }

    #[test]
    fn an_answer_that_flips_flashes_and_another_wrong_answer_does_not() {
        let mut flips = Flips::default();
        flips.see(0.0, Some(&seen(&[(1, "40")])));
        assert_eq!([0, 1].map(|view| flips.flash(view, 0.0)), [0.0, 0.0]);
        // The thirsty plant is left now; the fine one is left in another way.
        flips.see(10.0, Some(&seen(&[(1, "40"), (2, "21")])));
        assert_eq!([0, 1].map(|view| flips.flash(view, 10.0)), [1.0, 0.0]);
        assert!(flips.flash(0, 10.8) < 0.6 && flips.flash(0, 10.8) > 0.4);
        assert_eq!(flips.flash(0, 20.0), 0.0);
        // A restart is no flip.
        flips.see(20.0, Some(&seen(&[(1, "40")])));
        assert_eq!(flips.flash(0, 20.0), 0.0);
        assert_eq!(flips.flash(7, 20.0), 0.0);
    }
}
