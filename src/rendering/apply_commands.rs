//! Executes the commands given to the window. This is the only place that does.

use bevy::prelude::*;

use super::camera::CameraKind;
use super::capture::Captures;
use super::simulation_handle::SimulationHandle;
use super::ui_command::{Panels, Passing, Selected, TimeScale, UiCommand, Words};

/// Duration of a notice, in seconds.
const NOTICE_S: f32 = 3.0;

/// Executes the commands of this frame.
pub(super) fn apply_commands(
    mut commands: Commands,
    mut ui_commands: MessageReader<UiCommand>,
    mut simulation: ResMut<SimulationHandle>,
    mut passing: ResMut<Passing>,
    mut panels: ResMut<Panels>,
    mut selected: ResMut<Selected>,
    mut camera: ResMut<CameraKind>,
    mut words: ResMut<Words>,
    mut captures: ResMut<Captures>,
    mut exit: MessageWriter<AppExit>,
) {
    for command in ui_commands.read() {
        match command {
            UiCommand::TogglePause => passing.paused = !passing.paused,
            UiCommand::SingleTick => {
                passing.paused = true;
                simulation.single_ticks += 1;
            }
            UiCommand::TimeScale(pace) => {
                passing.pace = *pace;
                passing.paused = false;
            }
            UiCommand::SimulationCommand(command) => simulation.thread.command(command.clone()),
            UiCommand::Camera(kind) => *camera = *kind,
            UiCommand::Screenshot => {
                let path = captures.next_path();
                captures.take(&mut commands, path);
            }
            UiCommand::ToggleFilm => {
                let told = captures.toggle_film();
                words.notice = Some((told, NOTICE_S));
            }
            UiCommand::TogglePanels => panels.visible = !panels.visible,
            UiCommand::TogglePanel(panel) => match panels.closed.iter().position(|closed| closed == panel) {
                Some(place) => {
                    panels.closed.remove(place);
                }
                None => panels.closed.push(*panel),
            },
            UiCommand::ToggleHelp => panels.help = !panels.help,
            UiCommand::Select(selection) => selected.0 = *selection,
            // `editing::edit` makes them.
            UiCommand::Edit(_) => {}
            UiCommand::Quit => {
                exit.write(AppExit::Success);
            }
        }
    }
}

/// Lets notices expire, and reports a simulation whose thread has ended.
pub(super) fn age_words(time: Res<Time<Real>>, simulation: Res<SimulationHandle>, mut words: ResMut<Words>) {
    if let Some((_, left_s)) = &mut words.bypass_change_detection().notice {
        *left_s -= time.delta_secs();
        if *left_s <= 0.0 {
            words.notice = None;
        }
    }
    if simulation.thread.is_broken() && words.mistakes.is_none() {
        words.mistakes = Some("the simulation stopped unexpectedly: close the window and begin again".to_owned());
    }
}

impl TimeScale {
    /// Returns the next faster step of the time scale.
    pub fn faster(self) -> Self {
        let steps = Self::STEPS;
        steps.into_iter().find(|step| step.rank() > self.rank()).unwrap_or(Self::Free)
    }

    /// Returns the next slower step.
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
    use crate::live::{DriverKind, Playback, SimulationCommand, SimulationThread};
    use crate::rendering::ui_command::Selection;
    use crate::rollout::{Recording, RecordingHeader, record};
    use crate::scenario::{DEFAULT_SCENARIO, Scenario};

    #[test]
    fn paces_are_stepped_through_and_end_at_both_ends() {
        assert_eq!(TimeScale::Times(1.0).faster(), TimeScale::Times(2.0));
        assert_eq!(TimeScale::Times(64.0).faster(), TimeScale::Free);
        assert_eq!(TimeScale::Free.faster(), TimeScale::Free);
        assert_eq!(TimeScale::Free.slower(), TimeScale::Times(64.0));
        assert_eq!(TimeScale::Times(0.25).slower(), TimeScale::Times(0.25));
    }

    /// The app without a window: everything that sends and executes commands, and a recording of a few ticks.
    fn window() -> App {
        let mut scenario = Scenario::load(DEFAULT_SCENARIO).unwrap().scenario;
        scenario.episode.decisions = 20;
        let header = RecordingHeader::new(scenario, Some(0), 1, 3, "gardener");
        let mut text = Vec::new();
        record(&header, Box::new(crate::agent::drivers::Gardener), &mut text, |_| {}).unwrap();
        let recording = Recording::read(&text[..]).unwrap();
        let mut app = App::new();
        app.add_message::<UiCommand>()
            .add_message::<AppExit>()
            .init_resource::<Passing>()
            .init_resource::<Panels>()
            .init_resource::<Selected>()
            .init_resource::<CameraKind>()
            .init_resource::<Words>()
            .init_resource::<Captures>()
            .insert_resource(SimulationHandle::new(
                SimulationThread::open(Box::new(Playback::new("a.rec", recording))).unwrap(),
            ))
            .add_systems(Update, apply_commands);
        app
    }

    fn send(app: &mut App, command: UiCommand) {
        app.world_mut().write_message(command);
        app.update();
    }

    #[test]
    fn whatever_is_asked_is_done() {
        let mut app = window();
        send(&mut app, UiCommand::TogglePause);
        assert!(app.world().resource::<Passing>().paused);
        send(&mut app, UiCommand::TimeScale(TimeScale::Times(4.0)));
        assert_eq!(
            *app.world().resource::<Passing>(),
            Passing {
                paused: false,
                pace: TimeScale::Times(4.0)
            }
        );
        send(&mut app, UiCommand::SingleTick);
        assert!(app.world().resource::<Passing>().paused && app.world().resource::<SimulationHandle>().single_ticks == 1);
        send(&mut app, UiCommand::Camera(CameraKind::Above));
        assert_eq!(*app.world().resource::<CameraKind>(), CameraKind::Above);
        send(&mut app, UiCommand::TogglePanels);
        send(&mut app, UiCommand::TogglePanel("eye"));
        send(&mut app, UiCommand::ToggleHelp);
        let panels = app.world().resource::<Panels>().clone();
        assert!(!panels.visible && panels.closed == ["eye"] && panels.help);
        send(&mut app, UiCommand::TogglePanel("eye"));
        assert!(app.world().resource::<Panels>().closed.is_empty());
        send(&mut app, UiCommand::Select(Some(Selection::Plant(2))));
        assert_eq!(app.world().resource::<Selected>().0, Some(Selection::Plant(2)));
        send(&mut app, UiCommand::Screenshot);
        assert_eq!(app.world().resource::<Captures>().under_way(), 1);
        send(&mut app, UiCommand::Quit);
        assert!(!app.world().resource::<Messages<AppExit>>().is_empty());
    }

    #[test]
    fn orders_reach_the_simulation() {
        let mut app = window();
        send(&mut app, UiCommand::SimulationCommand(SimulationCommand::Seek(7)));
        send(
            &mut app,
            UiCommand::SimulationCommand(SimulationCommand::Drive(DriverKind::Manual)),
        );
        let tells = |app: &App| app.world().resource::<SimulationHandle>().thread.status().unwrap().tick;
        // Two hundred naps take two seconds or more: enough for a thread that has seven ticks to play.
        for _ in 0..200 {
            if tells(&app) == 7 {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert_eq!(tells(&app), 7);
    }

    #[test]
    fn a_film_is_a_folder_of_numbered_pictures() {
        let folder = tempfile::tempdir().unwrap();
        let mut captures = Captures::into_folder(folder.path().to_owned());
        assert!(captures.toggle_film().starts_with("filming into") && captures.is_filming());
        assert!(folder.path().join("film-0001").is_dir());
        assert!(captures.toggle_film().contains("pictures are in") && !captures.is_filming());
        let denied = &mut Captures::into_folder(folder.path().join("film-0001\0"));
        assert!(denied.toggle_film().starts_with("no film") && !denied.is_filming());
    }
}
