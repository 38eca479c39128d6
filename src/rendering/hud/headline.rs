//! Headline: the garden, the source, the season, progress and score.

use bevy_egui::egui::{Align2, Color32, FontId, Rect, Ui, pos2, vec2};

use super::theme::{self, ACCENT, FAINT, MUTED, TEXT};
use super::{PanelContext, words};
use crate::live::Programme;
use crate::scenario::{Moment, Scenario};

/// Parts of the line in the order in which they are left out where there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum HeadlinePart {
    Watched,
    Year,
    Decisions,
    Scenario,
    Score,
    Season,
}

/// A part as it is written.
struct Written {
    part: HeadlinePart,
    /// A name before the text, in a quieter colour.
    name: &'static str,
    text: String,
    colour: Color32,
    term: &'static words::Term,
    width: f32,
}

pub(super) fn draw(ui: &mut Ui, rect: Rect, scene: &PanelContext) {
    let (y, size) = (rect.center().y, scene.pick(theme::BODY, 11.0));
    let gap = scene.pick(20.0, 11.0);
    let dot = scene.pick(5.0, 4.0);
    let painter = ui.painter().clone();
    let inner = rect.shrink2(vec2(scene.pick(12.0, 8.0), 0.0));
    let mut left = left(scene);
    let mut right = right(scene);
    for written in left.iter_mut().chain(&mut right) {
        let width = |text: &str| {
            let galley = painter.layout_no_wrap(text.to_owned(), FontId::proportional(size), written.colour);
            galley.size().x
        };
        written.width = match written.part {
            HeadlinePart::Watched => width(&written.text).min(scene.pick(260.0, 110.0)),
            HeadlinePart::Season => width(&written.text) + 2.0 * dot + 6.0,
            _ if written.name.is_empty() => width(&written.text),
            _ => width(&written.text) + NAME_GAP + width(written.name),
        };
    }
    leave_out(&mut left, &mut right, inner.width(), gap);

    // From the left: where we are.
    let mut x = inner.left();
    for written in &left {
        if written.part == HeadlinePart::Season {
            let fill = theme::colour(scene.shown.look().fine);
            painter.circle_filled(pos2(x + dot, y), dot, fill);
            x += 2.0 * dot + 6.0;
        }
        let room = match written.part {
            HeadlinePart::Watched => written.width + 0.5,
            _ => inner.right() - x,
        };
        let at = pos2(x, y);
        let place = theme::cut_text(&painter, at, Align2::LEFT_CENTER, &written.text, room, size, written.colour);
        theme::tip(ui, place.expand(3.0), written.term);
        x = place.right() + gap;
    }

    // From the right: how far, and how well.
    let mut x = inner.right();
    for written in &right {
        let value = theme::text(
            &painter,
            pos2(x, y),
            Align2::RIGHT_CENTER,
            &written.text,
            size,
            written.colour,
        );
        let at = pos2(value.left() - NAME_GAP, y);
        let label = theme::text(&painter, at, Align2::RIGHT_CENTER, written.name, size, MUTED);
        theme::tip(ui, value.union(label), written.term);
        x = label.left() - gap;
    }
}

/// Points between a name and what it names.
const NAME_GAP: f32 = 5.0;

/// Leaves out what has no room, the least important first.
fn leave_out(left: &mut Vec<Written>, right: &mut Vec<Written>, room: f32, gap: f32) {
    loop {
        let all = || left.iter().chain(right.iter());
        let needed: f32 = all().map(|written| written.width + gap).sum();
        if needed <= room + gap {
            return;
        }
        // The season is the last; alone it is cut.
        let Some(least) = all()
            .map(|written| written.part)
            .min()
            .filter(|&part| part != HeadlinePart::Season)
        else {
            return;
        };
        left.retain(|written| written.part != least);
        right.retain(|written| written.part != least);
    }
}

/// Returns the parts on the left, from the left.
fn left(scene: &PanelContext) -> Vec<Written> {
    let scenario = &scene.shown.scenario;
    let moment = scene.shown.before.moment;
    let (watched, colour) = watched(&scene.shown.status.programme);
    let turning_term = if moment.turned > 0.0 {
        &words::TURNING
    } else {
        &words::SEASON
    };
    let written = |part, text, colour, term| Written {
        part,
        name: "",
        text,
        colour,
        term,
        width: 0.0,
    };
    vec![
        written(HeadlinePart::Scenario, scenario.name.clone(), TEXT, &words::SCENARIO),
        written(HeadlinePart::Watched, watched, colour, &words::SCENARIO),
        written(HeadlinePart::Season, turning(scenario, moment), TEXT, turning_term),
    ]
}

/// Returns the parts on the right, from the right.
fn right(scene: &PanelContext) -> Vec<Written> {
    let status = &scene.shown.status;
    let written = |part, name, text, colour, term| Written {
        part,
        name,
        text,
        colour,
        term,
        width: 0.0,
    };
    let mut parts = Vec::new();
    if let Some(point) = status.curve.last() {
        let score = theme::score(point.score);
        parts.push(written(HeadlinePart::Score, "score", score, ACCENT, &words::RECENT));
    }
    parts.push(match status.programme {
        Programme::Recording { ticks, .. } => {
            let text = format!("{} / {}", theme::thousands(scene.shown.before.tick), theme::thousands(ticks));
            written(HeadlinePart::Decisions, "tick", text, TEXT, &words::SCRUBBER)
        }
        _ => {
            let text = if scene.compact {
                theme::short(status.decisions as f64)
            } else {
                theme::thousands(status.decisions)
            };
            written(HeadlinePart::Decisions, "decisions", text, TEXT, &words::DECISIONS)
        }
    });
    let year = (status.year.year + 1).to_string();
    parts.push(written(HeadlinePart::Year, "year", year, TEXT, &words::YEARS));
    parts
}

/// Returns the name and colour of what is shown.
fn watched(programme: &Programme) -> (String, Color32) {
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
        let moment = |turned| Moment::turning(0, 1, turned);
        assert_eq!(turning(&scenario, moment(0.4)), "spring to summer, 40 %");
        assert_eq!(turning(&scenario, moment(0.0)), "spring");
        assert_eq!(turning(&scenario, Moment::pure(3)), "winter");
    }
}
