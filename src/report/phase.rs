//! Phase diagrams: sections that differ in the angle between two seasons, in their ground and in the speed of change, and in nothing else.

use super::Section;
use crate::authoring::family::phase::PhaseCell;
use crate::scenario::{Scenario, Schedule};

/// Least number of sections that make a diagram.
const LEAST_CELLS: usize = 4;

/// A phase diagram: the numbers of its sections, with their places.
pub(super) type Diagram = Vec<(PhaseCell, usize)>;

/// Returns the phase diagrams among sections.
pub(super) fn diagrams(sections: &[Section]) -> Vec<Diagram> {
    let mut diagrams: Vec<Diagram> = Vec::new();
    for (number, section) in sections.iter().enumerate() {
        let Some(place) = PhaseCell::of(&section.example().config.scenario) else {
            continue;
        };
        let is_same = |diagram: &&mut Diagram| {
            diagram.first().is_some_and(|(_, first)| {
                let other = &sections[*first];
                other.differs_in_garden_only(section) && without_place(other) == without_place(section)
            })
        };
        match diagrams.iter_mut().find(is_same) {
            // Of two sections at one place the first one, which has more runs, is drawn.
            Some(diagram) if diagram.iter().any(|(other, _)| *other == place) => {}
            Some(diagram) => diagram.push((place, number)),
            None => diagrams.push(vec![(place, number)]),
        }
    }
    diagrams.retain(|diagram| diagram.len() >= LEAST_CELLS);
    diagrams
}

/// Returns the scenario of a section without what its place says.
fn without_place(section: &Section) -> Scenario {
    let mut scenario = section.example().config.scenario.clone();
    scenario.name.clear();
    scenario.description.clear();
    let usual = Schedule::default();
    (scenario.schedule.transition, scenario.schedule.turning_fraction) = (usual.transition, usual.turning_fraction);
    if let [first, second] = &mut scenario.seasons[..] {
        second.look = first.look.clone();
    }
    scenario
}
