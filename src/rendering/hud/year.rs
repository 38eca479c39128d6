//! Panel with the year as a ring and the current position; a click selects another season.

use std::f32::consts::TAU;

use bevy::input::keyboard::KeyCode;
use bevy_egui::egui::{Align2, Color32, CornerRadius, Painter, Pos2, Rect, Sense, Shape, Stroke, Ui, Vec2, pos2, vec2};

use super::panel::{Height, PanelPlace, PanelSpec};
use super::theme::{self, ACCENT, FAINT, MUTED, SMALL, TEXT};
use super::{PanelContext, UiCommands, words};
use crate::live::SimulationCommand;
use crate::rendering::keys::TURNING_TICKS;
use crate::rendering::ui_command::UiCommand;
use crate::scenario::{Moment, Scenario, SeasonTransition};

/// Number of segments per quarter of the ring.
const FINENESS: f32 = 14.0;

/// Description of the panel.
pub(super) const PANEL: PanelSpec = PanelSpec {
    name: "year",
    title: "year",
    explanation: words::YEAR,
    key: Some(KeyCode::F4),
    place: PanelPlace::Right(Height {
        large: 172.0,
        small: 120.0,
    }),
    has_content: |_| true,
    draw,
};

fn draw(ui: &mut Ui, rect: Rect, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let seasons = scene.shown.scenario.seasons.len();
    let ring = Rect::from_min_size(rect.min, Vec2::splat(rect.height().min(0.54 * rect.width())));
    let ring = ring.translate(vec2(0.0, 0.5 * (rect.height() - ring.height())));
    draw_ring(ui.painter(), ring, scene);
    press_ring(ui, ring, scene, ui_commands);
    let list = Rect::from_min_max(pos2(ring.right() + scene.pick(14.0, 9.0), rect.top()), rect.max);
    let toggle = scene.pick(24.0, 18.0);
    let rows = Rect::from_min_max(list.min, pos2(list.right(), list.bottom() - toggle));
    let row = (rows.height() / seasons as f32).min(scene.pick(26.0, 17.0));
    // With many seasons, the names are only shown in tooltips.
    if row >= 11.0 {
        for season in 0..seasons {
            let top = rows.top() + season as f32 * row;
            let place = Rect::from_min_max(pos2(rows.left() - 5.0, top), pos2(rows.right() + 4.0, top + row - 1.0));
            draw_name(ui, place, season, scene, ui_commands);
        }
    }
    draw_toggle(
        ui,
        Rect::from_min_max(pos2(list.left() - 5.0, list.bottom() - toggle), list.max),
        scene,
        ui_commands,
    );
}

/// Returns a point of a ring. 0 is at the top, and the year runs clockwise.
fn on_ring(centre: Pos2, radius: f32, turn: f32) -> Pos2 {
    let (sine, cosine) = libm::sincosf(TAU * turn);
    centre + radius * vec2(sine, -cosine)
}

fn arc(painter: &Painter, centre: Pos2, radius: f32, [from, to]: [f32; 2], stroke: Stroke) {
    let pieces = ((to - from) * 4.0 * FINENESS).ceil().max(1.0) as usize;
    let points = (0..=pieces).map(|piece| on_ring(centre, radius, from + (to - from) * piece as f32 / pieces as f32));
    painter.add(Shape::line(points.collect(), stroke));
}

fn draw_ring(painter: &Painter, rect: Rect, scene: &PanelContext) {
    let (scenario, moment) = (&scene.shown.scenario, scene.shown.before.moment);
    let seasons = scenario.seasons.len();
    let thick = scene.pick(13.0, 9.0);
    let (centre, radius) = (rect.center(), 0.5 * (rect.width() - thick) - 4.0);
    let (each, gap) = (1.0 / seasons as f32, if seasons > 1 { 0.006 } else { 0.0 });
    for season in 0..seasons {
        let begin = season as f32 * each;
        let strength = if season == moment.season { 1.0 } else { 0.62 };
        let pure = 1.0 - turning_part(scenario);
        let colour = theme::season_colour(scenario, season).gamma_multiply(strength);
        arc(
            painter,
            centre,
            radius,
            [begin + gap, begin + each * pure - gap],
            Stroke::new(thick, colour),
        );
        if pure < 1.0 {
            let [from, to] = [season, (season + 1) % seasons].map(|season| scenario.seasons[season].look.fine);
            let pieces = 10;
            for piece in 0..pieces {
                let [a, b] = [piece, piece + 1].map(|piece| begin + each * (pure + (1.0 - pure) * piece as f32 / pieces as f32));
                let mixed = theme::colour(from.mix(to, (piece as f32 + 0.5) / pieces as f32)).gamma_multiply(strength);
                arc(painter, centre, radius, [a, b], Stroke::new(thick, mixed));
            }
            // The part of a season with a transition has a border.
            arc(
                painter,
                centre,
                radius - 0.5 * thick - 2.5,
                [begin + each * pure, begin + each - gap],
                Stroke::new(1.5, MUTED),
            );
        }
    }
    let position = ring_position(
        moment,
        scene.shown.status.year.season_fraction,
        scene.shown.status.year.turns,
        seasons,
    );
    let (tip, root) = (
        on_ring(centre, radius + 0.5 * thick + 3.0, position),
        on_ring(centre, radius - 0.5 * thick - 3.0, position),
    );
    painter.line_segment([root, tip], Stroke::new(5.0, Color32::from_black_alpha(140)));
    painter.line_segment([root, tip], Stroke::new(2.5, TEXT));
    let year = format!("year {}", scene.shown.status.year.year + 1);
    let name = theme::season_name(scenario, shown_season(moment));
    let (large, small) = (scene.pick(14.0, 11.0), scene.pick(SMALL, 9.5));
    let width = 2.0 * (radius - thick);
    theme::cut_text(
        painter,
        centre - vec2(0.0, 0.6 * large),
        Align2::CENTER_CENTER,
        name,
        width,
        large,
        TEXT,
    );
    theme::text(
        painter,
        centre + vec2(0.0, 0.65 * large),
        Align2::CENTER_CENTER,
        year,
        small,
        MUTED,
    );
}

/// Returns the fraction of each season in which it turns into the next.
fn turning_part(scenario: &Scenario) -> f32 {
    match scenario.schedule.transition {
        SeasonTransition::Gradual => scenario.schedule.turning_fraction,
        SeasonTransition::Abrupt => 0.0,
    }
}

/// Returns the predominant season.
pub(super) fn shown_season(moment: Moment) -> usize {
    if moment.turned < 0.5 { moment.season } else { moment.next }
}

/// Returns the current position on the ring, in turns.
fn ring_position(moment: Moment, fraction: f32, turns: bool, seasons: usize) -> f32 {
    let each = 1.0 / seasons as f32;
    let follows = moment.next == (moment.season + 1) % seasons;
    if turns && (moment.turned <= 0.0 || follows) {
        return (moment.season as f32 + fraction.clamp(0.0, 0.999)) * each;
    }
    // By hand: from the middle of one season to the middle of the other, forwards through the year.
    let way = (moment.next + seasons - moment.season) % seasons;
    ((moment.season as f32 + 0.5 + way as f32 * moment.turned) * each).fract()
}

fn press_ring(ui: &mut Ui, rect: Rect, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let seasons = scene.shown.scenario.seasons.len();
    let response = theme::explain(ui.interact(rect, ui.id().with("ring"), Sense::click()), &words::SEASON);
    if response.clicked()
        && let Some(at) = response.interact_pointer_pos()
    {
        let from_centre = at - rect.center();
        if from_centre.length() > 0.25 * rect.width() {
            let turn = (libm::atan2f(from_centre.x, -from_centre.y) / TAU).rem_euclid(1.0);
            choose(ui, ((turn * seasons as f32) as usize).min(seasons - 1), scene, ui_commands);
        }
    }
}

/// Sends the command to change the season: at once, or slowly with a shift key.
pub(super) fn choose(ui: &Ui, season: usize, scene: &PanelContext, ui_commands: &mut UiCommands) {
    if scene.now.recording.is_some() {
        return;
    }
    ui_commands.push(UiCommand::SimulationCommand(if ui.input(|input| input.modifiers.shift) {
        SimulationCommand::TurnInto {
            season,
            ticks: TURNING_TICKS,
        }
    } else {
        SimulationCommand::JumpTo { season }
    }));
}

fn draw_name(ui: &mut Ui, rect: Rect, season: usize, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let scenario = &scene.shown.scenario;
    let response = ui.interact(rect, ui.id().with(("season", season)), Sense::click());
    let moment = scene.shown.before.moment;
    let share = if moment.season == moment.next {
        f32::from(u8::from(season == moment.season))
    } else if season == moment.season {
        1.0 - moment.turned
    } else if season == moment.next {
        moment.turned
    } else {
        0.0
    };
    if response.hovered() || share > 0.0 {
        let fill = if response.hovered() {
            theme::HOLLOW_WARM
        } else {
            theme::HOLLOW
        };
        ui.painter().rect_filled(rect, CornerRadius::same(5), fill);
    }
    let y = rect.center().y;
    let dot = scene.pick(4.5, 3.5);
    ui.painter()
        .circle_filled(pos2(rect.left() + 6.0 + dot, y), dot, theme::season_colour(scenario, season));
    let size = scene.pick(13.0, 10.5);
    let colour = if share > 0.0 { TEXT } else { MUTED };
    let x = rect.left() + 12.0 + 2.0 * dot;
    theme::cut_text(
        ui.painter(),
        pos2(x, y),
        Align2::LEFT_CENTER,
        theme::season_name(scenario, season),
        rect.right() - x - if share > 0.0 && share < 1.0 { 28.0 } else { 4.0 },
        size,
        colour,
    );
    if share > 0.0 && share < 1.0 {
        let percent = format!("{:.0}%", 100.0 * share);
        theme::text(
            ui.painter(),
            pos2(rect.right() - 5.0, y),
            Align2::RIGHT_CENTER,
            percent,
            scene.pick(SMALL, 9.5),
            ACCENT,
        );
    }
    if theme::explain(response, &words::SEASON).clicked() {
        choose(ui, season, scene, ui_commands);
    }
}

fn draw_toggle(ui: &mut Ui, rect: Rect, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let turns = scene.now.year_turns;
    let response = ui.interact(rect, ui.id().with("turns"), Sense::click());
    let y = rect.bottom() - scene.pick(9.0, 7.0);
    let track = Rect::from_min_size(pos2(rect.left() + 6.0, y - 5.0), vec2(20.0, 10.0));
    let fill = if turns {
        ACCENT.gamma_multiply(0.7)
    } else {
        theme::HOLLOW_WARM
    };
    ui.painter().rect_filled(track, CornerRadius::same(5), fill);
    let knob = if turns { track.right() - 5.0 } else { track.left() + 5.0 };
    ui.painter()
        .circle_filled(pos2(knob, y), 4.2, if turns { TEXT } else { FAINT });
    let colour = if response.hovered() { TEXT } else { MUTED };
    theme::text(
        ui.painter(),
        pos2(track.right() + 7.0, y),
        Align2::LEFT_CENTER,
        "year turns",
        scene.pick(SMALL, 10.0),
        colour,
    );
    if theme::explain(response, &words::YEAR_TURNS).clicked() && scene.now.recording.is_none() {
        ui_commands.push(UiCommand::SimulationCommand(SimulationCommand::LetYearTurn(!turns)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_needle_goes_through_the_year_and_stands_where_it_is_held() {
        assert_eq!(ring_position(Moment::pure(0), 0.0, true, 4), 0.0);
        assert_eq!(ring_position(Moment::pure(2), 0.5, true, 4), 0.625);
        assert_eq!(
            ring_position(Moment::pure(2), 1.0, false, 4),
            0.625,
            "in the middle of the season that is held"
        );
        let turning = Moment::turning(3, 1, 0.5);
        // From the middle of the fourth season two seasons on: half of that is the beginning of the first season.
        assert_eq!(ring_position(turning, 0.2, false, 4), 0.125);
    }

    #[test]
    fn the_ring_begins_above_and_goes_round_as_a_clock() {
        let centre = pos2(0.0, 0.0);
        assert!((on_ring(centre, 1.0, 0.0) - pos2(0.0, -1.0)).length() < 1e-6);
        assert!((on_ring(centre, 1.0, 0.25) - pos2(1.0, 0.0)).length() < 1e-6);
    }
}
