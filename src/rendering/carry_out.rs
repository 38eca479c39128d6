//! The one place that carries out what is asked of the window.

use bevy::prelude::*;

use super::ask::{Ask, Pace, Panels, Passing, Selected, Words};
use super::camera::CameraKind;
use super::capture::Captures;
use super::stage::OnStage;

/// Seconds that a notice is shown.
const NOTICE_S: f32 = 3.0;

/// Carries out what was asked since the last frame.
pub(super) fn carry_out(
    mut commands: Commands,
    mut asked: MessageReader<Ask>,
    mut on_stage: ResMut<OnStage>,
    mut passing: ResMut<Passing>,
    mut panels: ResMut<Panels>,
    mut selected: ResMut<Selected>,
    mut camera: ResMut<CameraKind>,
    mut words: ResMut<Words>,
    mut captures: ResMut<Captures>,
    mut exit: MessageWriter<AppExit>,
) {
    for ask in asked.read() {
        match ask {
            Ask::TogglePause => passing.paused = !passing.paused,
            Ask::SingleTick => {
                passing.paused = true;
                on_stage.single_ticks += 1;
            }
            Ask::Pace(pace) => {
                passing.pace = *pace;
                passing.paused = false;
            }
            Ask::Order(order) => on_stage.stage.order(order.clone()),
            Ask::Camera(kind) => *camera = *kind,
            Ask::Screenshot => {
                let path = captures.next_path();
                captures.take(&mut commands, path);
            }
            Ask::ToggleFilm => {
                let told = captures.toggle_film();
                words.notice = Some((told, NOTICE_S));
            }
            Ask::TogglePanels => panels.visible = !panels.visible,
            Ask::TogglePanel(panel) => match panels.closed.iter().position(|closed| closed == panel) {
                Some(place) => {
                    panels.closed.remove(place);
                }
                None => panels.closed.push(*panel),
            },
            Ask::ToggleHelp => panels.help = !panels.help,
            Ask::Select(selection) => selected.0 = *selection,
            Ask::Quit => {
                exit.write(AppExit::Success);
            }
        }
    }
}

/// Notices fade; a stage whose thread is gone is told.
pub(super) fn age_words(time: Res<Time<Real>>, on_stage: Res<OnStage>, mut words: ResMut<Words>) {
    if let Some((_, left_s)) = &mut words.bypass_change_detection().notice {
        *left_s -= time.delta_secs();
        if *left_s <= 0.0 {
            words.notice = None;
        }
    }
    if on_stage.stage.is_broken() && words.mistakes.is_none() {
        words.mistakes = Some("the simulation stopped unexpectedly: close the window and begin again".to_owned());
    }
}

impl Pace {
    /// The next faster pace of those that are stepped through.
    pub fn faster(self) -> Self {
        let steps = Self::STEPS;
        steps.into_iter().find(|step| step.rank() > self.rank()).unwrap_or(Self::Free)
    }

    /// The next slower one.
    pub fn slower(self) -> Self {
        let steps = Self::STEPS;
        steps
            .into_iter()
            .rev()
            .find(|step| step.rank() < self.rank())
            .unwrap_or(steps[0])
    }

    fn rank(self) -> f32 {
        match self {
            Self::Times(times) => times,
            Self::Free => f32::INFINITY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paces_are_stepped_through_and_end_at_both_ends() {
        assert_eq!(Pace::Times(1.0).faster(), Pace::Times(2.0));
        assert_eq!(Pace::Times(64.0).faster(), Pace::Free);
        assert_eq!(Pace::Free.faster(), Pace::Free);
        assert_eq!(Pace::Free.slower(), Pace::Times(64.0));
        assert_eq!(Pace::Times(0.25).slower(), Pace::Times(0.25));
    }
}
