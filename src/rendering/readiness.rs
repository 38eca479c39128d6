//! Frames that are drawn whole.
//!
//! Shaders are loaded and pipelines compiled beside the frames; until they are there, what needs them is left out, and on a busy
//! machine that lasts. Pictures therefore wait for frames in which nothing was left out, instead of for time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bevy::prelude::*;
use bevy::render::render_resource::PipelineCache;
use bevy::render::{Render, RenderApp, RenderSystems};

/// Frames in a row without anything left out after which a picture shows everything: a new mesh needs one until it asks for its
/// pipeline, and frames are drawn one behind.
const WHOLE_FRAMES: u32 = 3;
/// Seconds after which a picture is taken all the same: something that never comes must not keep a tour for ever.
pub(super) const LONGEST_WAIT_S: f32 = 300.0;

/// Frames drawn in a row in which no pipeline was missing.
#[derive(Resource, Clone, Debug, Default)]
pub(super) struct WholeFrames(Arc<AtomicU32>);

impl WholeFrames {
    /// Returns `true` if what is drawn has everything that it needs.
    pub(super) fn are_enough(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= WHOLE_FRAMES
    }

    /// Counts a frame with so many known and so many missing pipelines.
    fn count(&self, known_before: usize, known: usize, missing: usize) {
        // One that was asked for in this frame was not there when it was drawn.
        if known == 0 || known != known_before || missing > 0 {
            self.0.store(0, Ordering::Relaxed);
        } else {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Counts whole frames.
pub(super) fn plugin(app: &mut App) {
    let frames = WholeFrames::default();
    app.insert_resource(frames.clone());
    if let Some(render_app) = app.get_sub_app_mut(RenderApp) {
        render_app
            .insert_resource(frames)
            .add_systems(Render, count_whole_frames.in_set(RenderSystems::Cleanup));
    }
}

fn count_whole_frames(pipelines: Res<PipelineCache>, frames: Res<WholeFrames>, mut known_before: Local<usize>) {
    let known = pipelines.pipelines().count();
    frames.count(*known_before, known, pipelines.waiting_pipelines().count());
    *known_before = known;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_counts_if_no_pipeline_is_missing_or_new() {
        let frames = WholeFrames::default();
        for (known_before, known, missing, enough) in [
            (0, 0, 0, false),
            (0, 0, 0, false),
            (0, 0, 0, false),
            (0, 12, 12, false),
            (12, 12, 3, false),
            (12, 12, 0, false),
            (12, 12, 0, false),
            (12, 12, 0, true),
            (12, 12, 0, true),
            // Another kind of thing is to be drawn.
            (12, 13, 1, false),
            (13, 13, 0, false),
            (13, 13, 0, false),
            (13, 13, 0, true),
        ] {
            frames.count(known_before, known, missing);
            assert_eq!(frames.are_enough(), enough, "{known_before} {known} {missing}");
        }
    }
}
