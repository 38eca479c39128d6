//! Headline: the garden, the source, the season, progress and score.

use bevy_egui::egui::{Align2, Rect, Ui, pos2};

use super::theme::{self, ACCENT, FAINT, MUTED, TEXT};
use super::{PanelContext, words};
use crate::live::Programme;
use crate::scenario::{Moment, Scenario};

pub(super) fn draw(ui: &mut Ui, rect: Rect, scene: &PanelContext) {
    let status = &scene.shown.status;
    let scenario = &scene.shown.scenario;
    let (y, size) = (rect.center().y, scene.pick(theme::BODY, 11.0));
    let gap = scene.pick(20.0, 11.0);
    let painter = ui.painter().clone();
    let dot = scene.pick(5.0, 4.0);
    let moment = scene.shown.before.moment;

    // From the left: garden, source and season.
    let mut x = rect.left() + scene.pick(12.0, 8.0);
    let name = theme::text(&painter, pos2(x, y), Align2::LEFT_CENTER, &scenario.name, size, TEXT);
    theme::tip(ui, name.expand(3.0), &words::SCENARIO);
    x = name.right() + scene.pick(9.0, 6.0);
    let (watched, colour) = watched(&status.programme);
    let width = scene.pick(260.0, 110.0);
    x = theme::cut_text(&painter, pos2(x, y), Align2::LEFT_CENTER, &watched, width, size, colour).right() + gap;
    let fill = theme::colour(scene.shown.look().plant_fine);
    painter.circle_filled(pos2(x + dot, y), dot, fill);
    x += 2.0 * dot + 6.0;
    let season = theme::text(
        &painter,
        pos2(x, y),
        Align2::LEFT_CENTER,
        turning(scenario, moment),
        size,
        TEXT,
    );
    let term = if moment.turned > 0.0 {
        &words::TURNING
    } else {
        &words::SEASON
    };
    theme::tip(ui, season.expand(3.0), term);

    // From the right: progress and score.
    let mut x = rect.right() - scene.pick(12.0, 8.0);
    let mut told = |text: String, name: &str, term: &words::Term, strong: bool| {
        let colour = if strong { ACCENT } else { TEXT };
        let value = theme::text(&painter, pos2(x, y), Align2::RIGHT_CENTER, text, size, colour);
        let label = theme::text(&painter, pos2(value.left() - 5.0, y), Align2::RIGHT_CENTER, name, size, MUTED);
        theme::tip(ui, value.union(label), term);
        x = label.left() - gap;
    };
    if let Some(point) = status.curve.last() {
        told(theme::score(point.score), "score", &words::RECENT, true);
    }
    match status.programme {
        Programme::Recording { ticks, .. } => {
            told(
                format!("{} / {}", theme::thousands(scene.shown.before.tick), theme::thousands(ticks)),
                "tick",
                &words::SCRUBBER,
                false,
            );
        }
        _ if scene.compact => told(theme::short(status.decisions as f64), "decisions", &words::DECISIONS, false),
        _ => told(theme::thousands(status.decisions), "decisions", &words::DECISIONS, false),
    }
    told((status.year.year + 1).to_string(), "year", &words::YEARS, false);
}

/// Returns the label and the colour of the source of the shown garden.
fn watched(programme: &Programme) -> (String, bevy_egui::egui::Color32) {
    match programme {
        Programme::Live => ("live".to_owned(), ACCENT),
        Programme::Run(name) => (format!("run {name}"), MUTED),
        Programme::Recording { name, .. } => (format!("recording {name}"), FAINT),
    }
}

/// Returns the season, or both seasons of a transition and its progress.
pub(super) fn turning(scenario: &Scenario, moment: Moment) -> String {
    let name = |season| theme::season_name(scenario, season);
    if moment.turned <= 0.0 || moment.season == moment.next {
        name(moment.season).to_owned()
    } else {
        format!(
            "{} to {}, {:.0} %",
            name(moment.season),
            name(moment.next),
            100.0 * moment.turned
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_season_that_turns_says_into_which_and_how_far() {
        let scenario = Scenario::load("four_seasons").unwrap().scenario;
        let moment = |turned| Moment {
            season: 0,
            next: 1,
            turned,
        };
        assert_eq!(turning(&scenario, moment(0.4)), "spring to summer, 40 %");
        assert_eq!(turning(&scenario, moment(0.0)), "spring");
        assert_eq!(turning(&scenario, Moment::pure(3)), "winter");
    }
}
