//! Panel that edits the scenario file: colours, weather, ground and rewards of the season that is shown, and the lengths of the seasons.

use bevy::input::keyboard::KeyCode;
use bevy_egui::egui::{
    Align2, Color32, CornerRadius, CursorIcon, DragValue, Grid, Rect, RichText, ScrollArea, Sense, Slider, Ui, Vec2, pos2, vec2,
};

use super::panel::{Height, PanelPlace, PanelSpec};
use super::theme::{self, ACCENT, HOLLOW_WARM, MUTED, ON_ACCENT, TEXT};
use super::words::{self, Term};
use super::{PanelContext, UiCommands};
use crate::authoring::draft::Setting;
use crate::rendering::editing::Editing;
use crate::rendering::ui_command::{EditCommand, UiCommand};
use crate::scenario::{Colour, RewardChanges, Rewards, Scenario, Season, SeasonTransition};

/// Description of the panel.
pub(super) const PANEL: PanelSpec = PanelSpec {
    name: "edit",
    title: "edit",
    explanation: words::EDIT,
    key: Some(KeyCode::F10),
    place: PanelPlace::LeftScrolling(Height {
        large: 200.0,
        small: 120.0,
    }),
    has_content: |scene| scene.editing.is_some(),
    draw,
};

/// Least length of a season that the bar allows, in usual seasons.
const LEAST_LENGTH: f32 = 0.1;

/// A number of a season that can be changed: name, key, range, whether small values matter more, and how it is read.
type Number = (&'static str, &'static str, [f32; 2], bool, fn(&Season) -> f32);

const NUMBERS: &[Number] = &[
    ("traction", "dynamics.traction", [0.02, 1.5], false, |season| {
        season.dynamics.traction
    }),
    (
        "evaporation",
        "dynamics.evaporation_per_decision",
        [0.0, 0.05],
        false,
        |season| season.dynamics.evaporation_per_decision,
    ),
    (
        "temperature",
        "weather.temperature_mean_celsius",
        [-40.0, 50.0],
        false,
        |season| season.weather.temperature_mean_celsius,
    ),
    ("showers", "weather.showers_per_hour", [0.0, 600.0], true, |season| {
        season.weather.showers_per_hour
    }),
    ("darkest light", "weather.light_low", [0.1, 2.0], false, |season| {
        season.weather.light_low
    }),
    ("brightest", "weather.light_high", [0.1, 2.0], false, |season| {
        season.weather.light_high
    }),
    ("noise", "faults.noise_deviation", [0.0, 0.5], true, |season| {
        season.faults.noise_deviation
    }),
    ("dirt", "faults.dirt_fraction", [0.0, 1.0], false, |season| {
        season.faults.dirt_fraction
    }),
];

/// A colour of a season: name, key, and how it is read.
type Tint = (&'static str, &'static str, fn(&Season) -> Colour);

const TINTS: &[Tint] = &[
    ("fine", "look.fine", |season| season.look.fine),
    ("thirsty", "look.thirsty", |season| season.look.thirsty),
    ("ground", "look.ground", |season| season.look.ground),
    ("sky", "look.sky", |season| season.look.sky),
    ("wall", "look.wall", |season| season.look.wall),
];

/// A reward: name, key, how it is read, and how what a season has in place of it is.
type Reward = (
    &'static str,
    &'static str,
    fn(&Rewards) -> f32,
    fn(&RewardChanges) -> Option<f32>,
);

const REWARDS: &[Reward] = &[
    (
        "thirst relieved",
        "rewards.thirst_relieved",
        |rewards| rewards.thirst_relieved,
        |changes| changes.thirst_relieved,
    ),
    (
        "watered needlessly",
        "rewards.watered_needlessly",
        |rewards| rewards.watered_needlessly,
        |changes| changes.watered_needlessly,
    ),
    (
        "watered ground",
        "rewards.watered_ground",
        |rewards| rewards.watered_ground,
        |changes| changes.watered_ground,
    ),
    ("bump", "rewards.bump", |rewards| rewards.bump, |changes| changes.bump),
    ("time", "rewards.time", |rewards| rewards.time, |changes| changes.time),
];

fn draw(ui: &mut Ui, rect: Rect, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let Some(editing) = scene.editing else { return };
    let scenario = editing.scenario();
    let season = super::year::shown_season(scene.shown.before.moment).min(scenario.seasons.len() - 1);
    let mut ui = theme::child(ui, rect, PANEL.name);
    ui.set_clip_rect(rect);
    ui.spacing_mut().item_spacing = vec2(5.0, scene.pick(4.0, 2.0));
    ui.spacing_mut().interact_size.y = scene.pick(20.0, 16.0);
    ui.spacing_mut().slider_width = scene.pick(84.0, 60.0);
    ui.visuals_mut().widgets.inactive.bg_fill = HOLLOW_WARM;
    ui.visuals_mut().widgets.inactive.weak_bg_fill = HOLLOW_WARM;
    ScrollArea::vertical().auto_shrink([false, false]).show(&mut ui, |ui| {
        draw_file(ui, editing, season, scene, ui_commands);
        draw_lengths(ui, scenario, season, scene, ui_commands);
        heading(ui, scene, &scenario.seasons[season].name);
        draw_tints(ui, scenario, season, scene, ui_commands);
        draw_conflict(ui, editing, scene);
        draw_numbers(ui, scenario, season, scene, ui_commands);
        heading(ui, scene, "rewards, of all seasons that have no others");
        draw_rewards(ui, &shared_rewards(scenario), scene, ui_commands);
        let own = own_rewards(scenario, season);
        if !own.is_empty() {
            heading(ui, scene, &format!("rewards, of {} alone", scenario.seasons[season].name));
            draw_rewards(ui, &own, scene, ui_commands);
        }
    });
}

fn set(ui_commands: &mut UiCommands, path: impl Into<String>, setting: Setting) {
    ui_commands.push(UiCommand::Edit(EditCommand::Set(path.into(), setting)));
}

fn text(scene: &PanelContext, words: &str) -> RichText {
    RichText::new(words).size(scene.pick(theme::SMALL, 10.0))
}

fn heading(ui: &mut Ui, scene: &PanelContext, words: &str) {
    ui.add_space(scene.pick(3.0, 1.0));
    ui.label(text(scene, words).color(ACCENT));
}

/// Draws a small button. Returns `true` if it was pressed.
fn button(ui: &mut Ui, scene: &PanelContext, label: &str, on: bool, term: &Term) -> bool {
    let label = text(scene, label).color(if on { ON_ACCENT } else { TEXT });
    let button = bevy_egui::egui::Button::new(label).fill(if on { ACCENT } else { HOLLOW_WARM });
    theme::explain(ui.add(button), term).clicked()
}

/// Draws what concerns the whole file: saving, seasons, and how they follow each other.
fn draw_file(ui: &mut Ui, editing: &Editing, season: usize, scene: &PanelContext, ui_commands: &mut UiCommands) {
    ui.horizontal_wrapped(|ui| {
        let label = if editing.has_changes() { "save" } else { "saved" };
        if button(ui, scene, label, editing.has_changes(), &words::SAVE) {
            ui_commands.push(UiCommand::Edit(EditCommand::Save));
        }
        if button(ui, scene, "+ season", false, &words::ADD_SEASON) {
            ui_commands.push(UiCommand::Edit(EditCommand::AddSeason(season)));
        }
        if button(ui, scene, "- season", false, &words::REMOVE_SEASON) {
            ui_commands.push(UiCommand::Edit(EditCommand::RemoveSeason(season)));
        }
        let (label, other) = match editing.scenario().schedule.transition {
            SeasonTransition::Abrupt => ("abrupt", "gradual"),
            SeasonTransition::Gradual => ("gradual", "abrupt"),
        };
        if button(ui, scene, label, false, &words::TRANSITION) {
            set(ui_commands, "schedule.transition", Setting::Word(other));
        }
    });
}

/// Returns the lengths of the seasons, in usual seasons.
fn lengths(scenario: &Scenario) -> Vec<f32> {
    scenario.seasons.iter().map(|season| season.relative_length).collect()
}

/// Returns the lengths of two neighbours after the line between them was moved by some usual seasons.
fn moved([first, second]: [f32; 2], by: f32) -> [f32; 2] {
    let both = first + second;
    let first = (first + by).clamp(LEAST_LENGTH.min(0.5 * both), both - LEAST_LENGTH.min(0.5 * both));
    let rounded = |length: f32| (length * 100.0).round() / 100.0;
    [rounded(first), rounded(both - rounded(first))]
}

/// Draws the year as a bar, whose lines can be dragged.
fn draw_lengths(ui: &mut Ui, scenario: &Scenario, shown: usize, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let lengths = lengths(scenario);
    let all: f32 = lengths.iter().sum();
    let (bar, response) = ui.allocate_exact_size(vec2(ui.available_width(), scene.pick(22.0, 16.0)), Sense::hover());
    theme::explain(response, &words::LENGTHS);
    let x = |length: f32| bar.left() + bar.width() * length / all;
    let mut begin = 0.0;
    for (season, length) in lengths.iter().enumerate() {
        let part = Rect::from_min_max(pos2(x(begin), bar.top()), pos2(x(begin + length), bar.bottom()));
        let colour = theme::season_colour(scenario, season);
        let fill = if season == shown {
            colour
        } else {
            colour.gamma_multiply(0.45)
        };
        ui.painter()
            .rect_filled(part.shrink2(vec2(0.5, 0.0)), CornerRadius::same(3), fill);
        if ui.interact(part, ui.id().with(("part", season)), Sense::click()).clicked()
            && season < scene.shown.scenario.seasons.len()
        {
            super::year::choose(ui, season, scene, ui_commands);
        }
        begin += length;
    }
    let mut end = 0.0;
    for (season, pair) in lengths.windows(2).enumerate() {
        end += pair[0];
        let line = Rect::from_center_size(pos2(x(end), bar.center().y), vec2(8.0, bar.height()));
        let response = ui.interact(line, ui.id().with(("line", season)), Sense::drag());
        let response = response.on_hover_cursor(CursorIcon::ResizeHorizontal);
        if response.hovered() || response.dragged() {
            ui.painter()
                .vline(line.center().x, bar.y_range(), bevy_egui::egui::Stroke::new(2.0, TEXT));
        }
        // Where the pointer is counts, and not how far it came: so that nothing is lost to rounding.
        if let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged()) {
            let by = (pointer.x - line.center().x) / bar.width() * all;
            let [first, second] = moved([pair[0], pair[1]], by);
            if first != pair[0] {
                set(
                    ui_commands,
                    format!("seasons.{season}.relative_length"),
                    Setting::Number(first),
                );
                set(
                    ui_commands,
                    format!("seasons.{}.relative_length", season + 1),
                    Setting::Number(second),
                );
            }
        }
    }
}

fn draw_tints(ui: &mut Ui, scenario: &Scenario, season: usize, scene: &PanelContext, ui_commands: &mut UiCommands) {
    ui.horizontal_wrapped(|ui| {
        for (name, key, read) in TINTS {
            let shown = theme::colour(read(&scenario.seasons[season]));
            let before = [shown.r(), shown.g(), shown.b()];
            let mut bytes = before;
            ui.vertical(|ui| {
                ui.spacing_mut().interact_size = Vec2::splat(scene.pick(30.0, 22.0));
                ui.color_edit_button_srgb(&mut bytes);
                ui.label(text(scene, name).color(MUTED));
            });
            if bytes != before {
                let [red, green, blue] = bytes;
                let colour = Colour::from_bytes(red, green, blue);
                set(ui_commands, format!("seasons.{season}.{key}"), Setting::Colour(colour));
            }
        }
    });
}

fn draw_numbers(ui: &mut Ui, scenario: &Scenario, season: usize, scene: &PanelContext, ui_commands: &mut UiCommands) {
    Grid::new("numbers").num_columns(2).show(ui, |ui| {
        for (name, key, [least, most], small, read) in NUMBERS {
            let before = read(&scenario.seasons[season]);
            let mut value = before;
            ui.label(text(scene, name).color(MUTED));
            let slider = Slider::new(&mut value, *least..=*most).logarithmic(*small).max_decimals(3);
            ui.add(slider);
            ui.end_row();
            if value != before {
                set(
                    ui_commands,
                    format!("seasons.{season}.{key}"),
                    Setting::Number(rounded(value)),
                );
            }
        }
    });
}

/// A reward as it is shown: its name, the path at which it is set, and its value.
type ShownReward = (&'static str, String, f32);

/// Returns the rewards of the seasons that have no other ones.
fn shared_rewards(scenario: &Scenario) -> Vec<ShownReward> {
    let all = REWARDS.iter();
    all.map(|(name, key, read, _)| (*name, (*key).to_owned(), read(&scenario.rewards)))
        .collect()
}

/// Returns the rewards that a season has in place of those.
fn own_rewards(scenario: &Scenario, season: usize) -> Vec<ShownReward> {
    let changes = &scenario.seasons[season].rewards;
    let own = REWARDS.iter();
    own.filter_map(|(name, key, _, read)| Some((*name, format!("seasons.{season}.{key}"), read(changes)?)))
        .collect()
}

fn draw_rewards(ui: &mut Ui, rewards: &[ShownReward], scene: &PanelContext, ui_commands: &mut UiCommands) {
    // Each path is there once, so the two grids have names of their own.
    let first = rewards.first().map(|(_, path, _)| path.clone());
    Grid::new(("rewards", first)).num_columns(2).show(ui, |ui| {
        for (name, path, before) in rewards {
            let mut value = *before;
            ui.label(text(scene, name).color(MUTED));
            ui.add(DragValue::new(&mut value).range(-100.0..=100.0).speed(0.01).max_decimals(3));
            ui.end_row();
            if value != *before {
                set(ui_commands, path.clone(), Setting::Number(rounded(value)));
            }
        }
    });
}

/// Rounds to what a person would write.
fn rounded(value: f32) -> f32 {
    let digits = if value.abs() < 0.1 { 10_000.0 } else { 1_000.0 };
    (value * digits).round() / digits
}

fn draw_conflict(ui: &mut Ui, editing: &Editing, scene: &PanelContext) {
    let wrong = &editing.conflict().wrong;
    let seasons = wrong.len();
    ui.label(text(scene, "what is known of the row, wrong in the column, %").color(MUTED));
    let cell = (ui.available_width() / seasons as f32).min(scene.pick(34.0, 24.0));
    let (place, response) = ui.allocate_exact_size(vec2(cell, 0.7 * cell) * seasons as f32, Sense::hover());
    for (row, line) in wrong.iter().enumerate() {
        for (column, &wrong) in line.iter().enumerate() {
            let corner = place.min + vec2(column as f32 * cell, row as f32 * 0.7 * cell);
            let square = Rect::from_min_size(corner, vec2(cell - 1.0, 0.7 * cell - 1.0));
            let fill = theme::ALARM.gamma_multiply(wrong.clamp(0.06, 1.0));
            ui.painter().rect_filled(square, CornerRadius::same(2), fill);
            if cell > 20.0 {
                let ink = if wrong > 0.6 { Color32::BLACK } else { TEXT };
                let percent = format!("{:.0}", 100.0 * wrong);
                theme::text(ui.painter(), square.center(), Align2::CENTER_CENTER, percent, 9.5, ink);
            }
        }
    }
    theme::explain(response, &words::CONFLICT);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_dragged_keeps_the_length_of_both_together() {
        assert_eq!(moved([1.0, 1.0], 0.25), [1.25, 0.75]);
        assert_eq!(moved([1.0, 2.0], -5.0), [0.1, 2.9]);
        assert_eq!(moved([1.0, 2.0], 5.0), [2.9, 0.1]);
        assert_eq!(moved([0.05, 0.05], 1.0), [0.05, 0.05]);
    }

    #[test]
    fn rewards_of_a_season_are_shown_beside_those_of_all_and_set_where_they_are_written() {
        let mut scenario = Scenario::load("four_seasons").unwrap().scenario;
        let usual = scenario.rewards.time;
        assert!(own_rewards(&scenario, 0).is_empty());
        scenario.seasons[0].rewards.time = Some(-0.77);
        assert_eq!(
            own_rewards(&scenario, 0),
            [("time", "seasons.0.rewards.time".to_owned(), -0.77)]
        );
        assert!(own_rewards(&scenario, 1).is_empty());
        assert!(shared_rewards(&scenario).contains(&("time", "rewards.time".to_owned(), usual)));
    }
}
