//! Driver of the shown robot: a system that overrides the policy in one garden.

use bevy::prelude::*;

use crate::agent::drivers::Driver;
use crate::agent::systems::{self, drivers_decide};
use crate::agent::{DriverInput, Experienced, GardenTruth, TruthInputs};
use crate::app::{Gardens, Tick, TickSystems};
use crate::garden::{GardenList, SeasonState};
use crate::live::DriverKind;
use crate::mdp::Action;
use crate::training::acting::act;

/// The garden that is shown, and the driver of its robot.
#[derive(Resource)]
pub(super) struct ShownDriver {
    garden: usize,
    kind: DriverKind,
    scripted: Option<Box<dyn Driver>>,
    steering: Action,
    truths: Vec<GardenTruth>,
}

impl ShownDriver {
    /// Adds the system to a world of gardens. Initially the policy drives.
    pub(super) fn install(gardens: &mut Gardens) {
        let world = gardens.world_mut();
        world.insert_resource(Self {
            garden: 0,
            kind: DriverKind::Policy,
            scripted: None,
            steering: Action::default(),
            truths: Vec::new(),
        });
        world.resource_mut::<Schedules>().add_systems(
            Tick,
            overrule
                .in_set(TickSystems::Decide)
                .after(act)
                .before(systems::take_given_actions)
                .run_if(drivers_decide),
        );
    }

    /// Shows another garden; the policy takes over in the previous one.
    pub(super) fn show(&mut self, garden: usize) {
        self.garden = garden;
    }

    /// Changes the driver; `driver` decides unless the policy or a person does.
    pub(super) fn take(&mut self, kind: DriverKind, driver: Option<Box<dyn Driver>>) {
        self.kind = kind;
        self.steering = Action::default();
        self.scripted = driver;
    }

    /// Sets the action of the manual driver.
    pub(super) fn steer(&mut self, action: Action) {
        self.steering = action;
    }
}

fn overrule(
    mut shown: ResMut<ShownDriver>,
    mut experienced: ResMut<Experienced>,
    list: Res<GardenList>,
    seasons: Query<&SeasonState>,
    truth: TruthInputs,
) {
    let ShownDriver {
        garden,
        kind,
        scripted,
        steering,
        truths,
    } = &mut *shown;
    let experience = &mut experienced.0;
    let length = experience.observations.len() / experience.actions.len().max(1);
    let Some(number) = experience.actions.get_mut(*garden) else {
        return;
    };
    match (kind, scripted) {
        (DriverKind::Manual, _) => *number = steering.index() as u8,
        (DriverKind::Policy | DriverKind::Recorded, _) | (_, None) => {}
        (_, Some(driver)) => {
            truths.clear();
            if driver.needs_truth() {
                truth.gather(&list.0[*garden..=*garden], truths);
            }
            let season = seasons.get(list.0[*garden]).map(|season| season.moment.season);
            let season: Vec<usize> = season.into_iter().collect();
            let mut action = [Action::from_index((*number).into()).unwrap_or_default()];
            driver.decide(
                &DriverInput {
                    observations: &experience.observations[*garden * length..(*garden + 1) * length],
                    seasons: season.as_slice(),
                    gardens: truths,
                },
                &mut action,
            );
            *number = action[0].index() as u8;
        }
    }
}
