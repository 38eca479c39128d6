use std::sync::Arc;

use bevy_egui::egui::{Event, FullOutput, RawInput, Shape, epaint::ClippedShape};

use super::*;
use crate::agent::drivers::Gardener;
use crate::live::{
    DriverKind, EarlierMark, EarlierStatus, Playback, Programme, SeasonCurvePoint, Session, SessionSettings, Simulation,
    SimulationCommand, SimulationThread,
};
use crate::rendering::simulation_handle::SimulationHandle;
use crate::rollout::{Recording, RecordingHeader, record};
use crate::scenario::{DEFAULT_SCENARIO, Scenario};
use crate::training::RunConfig;

/// Small, usual and large windows.
const SIZES: [(f32, f32); 8] = [
    (240.0, 320.0),
    (320.0, 240.0),
    (400.0, 300.0),
    (500.0, 400.0),
    (640.0, 360.0),
    (800.0, 600.0),
    (1024.0, 768.0),
    (1280.0, 720.0),
];

/// A view of gardens that turn from one season into another, in a run with a long name and a known score.
fn live() -> FrameView {
    let mut session = Session::new(SessionSettings {
        config: RunConfig {
            gardens: 2,
            method: "replay_boundary_free".to_owned(),
            ..RunConfig::new(Scenario::load(DEFAULT_SCENARIO).unwrap().scenario)
        },
        policy: None,
        learn: true,
        year_turns: true,
        season: 0,
        programme: Programme::Run("four_seasons-replay_boundary_free-seed0".to_owned()),
        overlapped: false,
        evaluate: false,
        curve: vec![SeasonCurvePoint {
            decisions: 1,
            season: 0,
            score: -1.25,
        }],
        evaluations: Vec::new(),
        earlier: Vec::new(),
    })
    .unwrap();
    session.command(SimulationCommand::TurnInto { season: 1, ticks: 40 });
    for _ in 0..20 {
        session.tick();
    }
    let view = session.view().unwrap();
    FrameView::between(view.clone(), view, 0.5, session.status())
}

/// A view of a recording.
fn recording() -> FrameView {
    let mut scenario = Scenario::load(DEFAULT_SCENARIO).unwrap().scenario;
    scenario.episode.decisions = 20;
    let header = RecordingHeader::new(scenario, Some(0), 1, 3, "gardener");
    let mut text = Vec::new();
    record(&header, Box::new(Gardener), &mut text, |_| {}).unwrap();
    let playback = Playback::new("gardener.rec", Recording::read(&text[..]).unwrap());
    let thread = SimulationThread::open(Box::new(playback)).unwrap();
    SimulationHandle::new(thread).first_shown().unwrap()
}

/// Draws something in a window of this size until it has come to rest, and returns what is painted.
fn painted(size: (f32, f32), shown: &FrameView, draw: impl Fn(&egui::Context, &PanelContext)) -> Vec<ClippedShape> {
    painted_with(size, shown, None, draw)
}

/// Draws the same while a scenario is edited.
fn painted_with(
    (width, height): (f32, f32),
    shown: &FrameView,
    editing: Option<&Editing>,
    draw: impl Fn(&egui::Context, &PanelContext),
) -> Vec<ClippedShape> {
    let context = egui::Context::default();
    theme::apply(&context);
    let zoom = layout::zoom(vec2(width, height));
    let points = vec2(width, height) / zoom;
    let (panels, words, rates, mut sight) = (Panels::default(), Words::default(), Rates::default(), Sight::default());
    let mut flips = Flips::default();
    sight.see(&shown.scenario);
    let mut shapes = Vec::new();
    for frame in 0..4 {
        flips.see(f64::from(frame), shown.status.inside.as_ref());
        let scene = PanelContext {
            shown,
            panels: &panels,
            words: &words,
            editing,
            now: Now::of(shown, Passing::default(), CameraKind::Orbit, Selected::default(), &panels),
            rates: &rates,
            flips: &flips,
            sight: &sight,
            real_s: f64::from(frame),
            compact: layout::is_compact(points),
        };
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), points)),
            time: Some(f64::from(frame)),
            events: vec![Event::PointerGone],
            ..RawInput::default()
        };
        let mut output: FullOutput = context.run_ui(input, |ui| draw(ui.ctx(), &scene));
        // Nothing is painted here, so textures are not applied.
        output.textures_delta.clear();
        shapes = output.shapes;
    }
    shapes
}

/// The texts among shapes, each with the place where it can be seen.
fn texts(shapes: &[ClippedShape]) -> Vec<(String, Rect)> {
    fn collect(shape: &Shape, clip: Rect, found: &mut Vec<(String, Rect)>) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| collect(shape, clip, found)),
            Shape::Text(text) => {
                let place = text.galley.rect.translate(text.pos.to_vec2()).intersect(clip);
                if !text.galley.text().trim().is_empty() && place.is_positive() {
                    found.push((text.galley.text().to_owned(), place));
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    for clipped in shapes {
        collect(&clipped.shape, clipped.clip_rect, &mut found);
    }
    found
}

/// Asserts that no two texts lie on each other by more than the air around letters.
fn assert_apart(what: &str, size: (f32, f32), texts: &[(String, Rect)]) {
    for (number, (one, place)) in texts.iter().enumerate() {
        for (other, other_place) in &texts[number + 1..] {
            let both = place.intersect(*other_place);
            assert!(
                !(both.width() > 1.0 && both.height() > 3.0),
                "{what} at {size:?}: `{one}` {place:?} and `{other}` {other_place:?}"
            );
        }
    }
}

#[test]
fn no_two_texts_lie_on_each_other_in_any_window() {
    for (what, shown) in [("live", live()), ("recording", recording())] {
        for size in SIZES {
            let shapes = painted(size, &shown, |context, scene| {
                draw_panels(context, scene, &mut UiCommands::new());
            });
            let texts = texts(&shapes);
            assert!(texts.iter().any(|(text, _)| text == "1x"), "{what} at {size:?}: {texts:?}");
            assert_apart(what, size, &texts);
        }
    }
}

#[test]
fn the_halves_of_a_split_view_say_what_drives_there() {
    let mut shown = live();
    let mut status = (*shown.status).clone();
    status.earlier = EarlierStatus {
        marks: Arc::new(vec![EarlierMark {
            id: 7,
            season: 0,
            decisions: 120,
            ends_season: true,
            of_run: false,
        }]),
        beside: Some(DriverKind::Earlier(7)),
    };
    shown.status = Arc::new(status);
    shown.beside = Some([shown.before.clone(), shown.after.clone()]);
    for size in SIZES {
        let shapes = painted(size, &shown, |context, scene| {
            let layout = draw_panels(context, scene, &mut UiCommands::new());
            halves::draw_labels(context, &layout, scene);
        });
        let texts = texts(&shapes);
        let find = |wanted: &str| {
            texts
                .iter()
                .find(|(text, _)| text.starts_with(wanted))
                .map(|&(_, place)| place)
        };
        let (now, then) = (find("now, lea"), find("the netw"));
        let (now, then) = now.zip(then).unwrap_or_else(|| panic!("{size:?}: {texts:?}"));
        assert!(now.right() < then.left(), "{size:?}: {now:?} {then:?}");
    }
}

#[test]
fn the_list_of_keys_is_whole_in_any_window() {
    let shown = live();
    for size in SIZES {
        let shapes = painted(size, &shown, |context, scene| {
            help::draw(context, scene, &mut UiCommands::new());
        });
        let texts = texts(&shapes);
        assert_apart("keys", size, &texts);
        let window = Rect::from_min_size(pos2(0.0, 0.0), vec2(size.0, size.1) / layout::zoom(vec2(size.0, size.1)));
        for key in keys::KEYS {
            let place = texts.iter().find(|(text, _)| text == key.does).map(|&(_, place)| place);
            assert!(
                place.is_some_and(|place| window.expand(0.5).contains_rect(place)),
                "{} at {size:?}: {place:?}",
                key.does
            );
        }
    }
}

#[test]
fn everything_can_be_steered_at_500x400() {
    let shown = live();
    let shapes = painted((500.0, 400.0), &shown, |context, scene| {
        draw_panels(context, scene, &mut UiCommands::new());
    });
    let texts: Vec<String> = texts(&shapes).into_iter().map(|(text, _)| text).collect();
    for wanted in ["1x", "1", "4", "policy", "learns", "orbit", "panels", "hide", "?"] {
        assert!(texts.iter().any(|text| text == wanted), "{wanted} is not among {texts:?}");
    }
}

#[test]
fn a_panel_has_a_name_and_a_key_of_its_own_which_the_help_lists() {
    let row = keys::KEYS.iter().find(|key| key.does == "show or hide one panel").unwrap();
    let listed = row.shown();
    let (first, last) = listed.split_once(" - ").unwrap();
    let number = |key: &str| key.trim_start_matches('F').parse::<u32>().unwrap();
    for number in number(first)..=number(last) {
        let key = format!("F{number}");
        let opens_a_panel = PANELS
            .iter()
            .any(|panel| panel.key.is_some_and(|of_panel| format!("{of_panel:?}") == key));
        let has_a_row = keys::KEYS
            .iter()
            .any(|row| row.name.split_whitespace().any(|name| name == key));
        assert!(opens_a_panel != has_a_row, "{key} in {listed}");
    }
    let outside = PANELS.iter().filter_map(|panel| panel.key).map(|key| format!("{key:?}"));
    for key in outside {
        assert!((number(first)..=number(last)).contains(&number(&key)), "{key} in {listed}");
    }
    for (number, panel) in PANELS.iter().enumerate() {
        for other in &PANELS[number + 1..] {
            assert!(
                panel != other && (panel.key.is_none() || panel.key != other.key) && panel.title != other.title,
                "{panel:?} and {other:?}"
            );
        }
    }
}

/// A file with three seasons that is edited.
fn editing(folder: &std::path::Path) -> Editing {
    let path = folder.join("mine.toml");
    let text = crate::authoring::template::new_file(crate::authoring::editor::FileKind::Scenario, "mine", None);
    std::fs::write(&path, &text).unwrap();
    Editing::open(path, text).unwrap()
}

#[test]
fn the_panel_that_edits_is_readable_in_any_window() {
    let folder = tempfile::tempdir().unwrap();
    let (shown, editing) = (live(), editing(folder.path()));
    for size in SIZES {
        let shapes = painted_with(size, &shown, Some(&editing), |context, scene| {
            draw_panels(context, scene, &mut UiCommands::new());
        });
        let texts = texts(&shapes);
        assert_apart("the panel that edits", size, &texts);
        let is_there = texts.iter().any(|(text, _)| text == "+ season");
        // Smaller ones have one column, which is the other.
        assert_eq!(is_there, size.0 >= 500.0, "{size:?}");
    }
}

/// A person with a mouse at the panel that edits.
struct Mouse {
    context: egui::Context,
    editing: Editing,
    shown: FrameView,
    frame: u32,
    texts: Vec<(String, Rect)>,
    /// Pictures of colours: those of a colour picker.
    meshes: Vec<Rect>,
}

impl Mouse {
    /// Draws a frame with these events, and does what the panel asks for.
    fn frame(&mut self, events: Vec<Event>) {
        let (words, rates, mut sight) = (Words::default(), Rates::default(), Sight::default());
        let flips = Flips::default();
        let panels = Panels {
            closed: vec!["eye", "year", "memory"],
            ..Panels::default()
        };
        sight.see(&self.shown.scenario);
        self.frame += 1;
        let mut asked = UiCommands::new();
        let scene = PanelContext {
            shown: &self.shown,
            panels: &panels,
            words: &words,
            editing: Some(&self.editing),
            now: Now::of(
                &self.shown,
                Passing::default(),
                CameraKind::Orbit,
                Selected::default(),
                &panels,
            ),
            rates: &rates,
            flips: &flips,
            sight: &sight,
            real_s: f64::from(self.frame),
            compact: false,
        };
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(1280.0, 900.0))),
            time: Some(f64::from(self.frame) * 0.05),
            events,
            ..RawInput::default()
        };
        let mut output = self.context.run_ui(input, |ui| {
            draw_panels(ui.ctx(), &scene, &mut asked);
        });
        output.textures_delta.clear();
        self.texts = texts(&output.shapes);
        let mesh = |clipped: &ClippedShape| match &clipped.shape {
            Shape::Mesh(mesh) => Some(mesh.calc_bounds()),
            _ => None,
        };
        self.meshes = output.shapes.iter().filter_map(mesh).collect();
        for command in asked {
            if let UiCommand::Edit(command) = command {
                assert!(
                    self.editing.apply(&command).is_none_or(|told| told.contains("is written")),
                    "{command:?}"
                );
            }
        }
    }

    fn find(&self, text: &str) -> Rect {
        let found = self.texts.iter().find(|(other, _)| other == text);
        found.unwrap_or_else(|| panic!("{text}: {:?}", self.texts)).1
    }

    /// Presses at one place and lets go at another.
    fn drag(&mut self, from: egui::Pos2, to: egui::Pos2) {
        let button = |pos, pressed| Event::PointerButton {
            pos,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: egui::Modifiers::NONE,
        };
        self.frame(vec![Event::PointerMoved(from)]);
        self.frame(vec![button(from, true)]);
        for step in 1..=4 {
            self.frame(vec![Event::PointerMoved(from.lerp(to, step as f32 / 4.0))]);
        }
        self.frame(vec![button(to, false)]);
        self.frame(vec![]);
    }

    fn click(&mut self, at: egui::Pos2) {
        self.drag(at, at);
    }
}

#[test]
fn a_season_made_by_mouse_alone_is_a_valid_file() {
    let folder = tempfile::tempdir().unwrap();
    let context = egui::Context::default();
    theme::apply(&context);
    let mut mouse = Mouse {
        context,
        editing: editing(folder.path()),
        shown: live(),
        frame: 0,
        texts: Vec::new(),
        meshes: Vec::new(),
    };
    let before = mouse.editing.scenario().clone();
    (0..3).for_each(|_| mouse.frame(vec![]));
    let at = mouse.find("+ season").center();
    mouse.click(at);
    let at = mouse.find("abrupt").center();
    mouse.click(at);
    let label = mouse.find("traction");
    mouse.drag(
        label.right_center() + vec2(60.0, 0.0),
        label.right_center() + vec2(110.0, 0.0),
    );
    let label = mouse.find("fine");
    mouse.click(label.center() - vec2(0.0, 22.0));
    let area = |rect: &Rect| rect.width() * rect.height();
    let picker = mouse
        .meshes
        .iter()
        .copied()
        .max_by(|one, other| area(one).total_cmp(&area(other)));
    let picker = picker.filter(|rect| rect.width() > 50.0).expect("a picker of colours");
    mouse.click(picker.lerp_inside(vec2(0.3, 0.4)));
    let edited = mouse.editing.scenario().clone();
    let season = super::year::shown_season(mouse.shown.before.moment);
    assert_eq!(edited.seasons.len(), before.seasons.len() + 1);
    assert_ne!(edited.schedule.transition, before.schedule.transition);
    assert_ne!(
        edited.seasons[season].dynamics.traction,
        before.seasons[season].dynamics.traction
    );
    assert_ne!(edited.seasons[season].look.fine, before.seasons[season].look.fine);
    // The popup is closed by a click beside it.
    mouse.click(pos2(640.0, 450.0));
    let at = mouse.find("save").center();
    mouse.click(at);
    assert!(!mouse.editing.has_changes());
    let file = folder.path().join("mine.toml");
    let loaded = Scenario::load(file.to_str().unwrap()).unwrap().scenario;
    assert_eq!(loaded, edited);
    mouse.find("saved");
}
