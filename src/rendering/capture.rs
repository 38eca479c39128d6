//! Screenshots, and films as series of screenshots.

use std::path::{Path, PathBuf};

use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};

use super::picture_format::PictureFormat;
use super::ui_command::Words;
use crate::files;

/// Interval between two pictures of a film, in seconds.
const FILM_EVERY_S: f32 = 1.0 / 15.0;
/// Duration of a notice, in seconds.
const NOTICE_S: f32 = 4.0;

/// Destination of screenshots, and captures in progress.
#[derive(Resource, Clone, Debug, Default)]
pub struct Captures {
    /// Folder for pictures without an explicit path.
    pub folder: PathBuf,
    /// The film in progress: its folder, number of pictures so far, and seconds since the last one.
    film: Option<(PathBuf, u32, f32)>,
    /// Pictures that came back since the last frame.
    written: Vec<(PathBuf, Result<(), String>)>,
    under_way: usize,
    /// The picture of the film that is under way; nobody waits for it but the next one.
    filmed: Option<PathBuf>,
}

impl Captures {
    /// Creates captures that write to this folder by default.
    pub fn into_folder(folder: PathBuf) -> Self {
        Self {
            folder,
            ..Self::default()
        }
    }

    /// Pictures that were asked for one by one and are not written yet.
    pub fn under_way(&self) -> usize {
        self.under_way
    }

    /// Returns `true` while a film is recorded.
    pub fn is_filming(&self) -> bool {
        self.film.is_some()
    }

    /// Takes a picture of the window after this frame.
    pub fn take(&mut self, commands: &mut Commands, path: PathBuf) {
        self.under_way += 1;
        Self::capture(commands, path);
    }

    fn capture(commands: &mut Commands, path: PathBuf) {
        let save = move |captured: On<ScreenshotCaptured>, mut captures: ResMut<Self>| {
            let result = save(&captured.image, &path);
            captures.written.push((path.clone(), result));
        };
        commands
            .spawn((Name::new("picture"), Screenshot::primary_window()))
            .observe(save);
    }

    /// Starts a film in a folder of its own, or ends the current one. Returns a message for the user.
    pub fn toggle_film(&mut self) -> String {
        if let Some((folder, pictures, _)) = self.film.take() {
            return format!("{pictures} pictures are in {}", folder.display());
        }
        let folder = free_name(&self.folder, "film", "");
        if let Err(error) = files::create_folder(&folder) {
            return format!("no film: {} cannot be made ({})", folder.display(), error.why);
        }
        let told = format!("filming into {}", folder.display());
        self.film = Some((folder, 0, FILM_EVERY_S));
        told
    }

    /// Returns the path of the next screenshot.
    pub fn next_path(&self) -> PathBuf {
        free_name(&self.folder, "perennial", ".png")
    }
}

/// Returns `folder/name-0001.png`, with the first free number.
fn free_name(folder: &Path, name: &str, ending: &str) -> PathBuf {
    (1..)
        .map(|number: u32| folder.join(format!("{name}-{number:04}{ending}")))
        .find(|path| !path.exists())
        .unwrap_or_else(|| folder.join(format!("{name}{ending}")))
}

/// Returns an image as the bytes of a file.
pub(super) fn encode(image: &Image, format: PictureFormat) -> Result<Vec<u8>, String> {
    let picture = image.clone().try_into_dynamic().map_err(|error| error.to_string())?;
    // The alpha channel of a window means nothing in a picture.
    format.encode(&picture.to_rgb8())
}

/// Writes an image in the format that the name of the file asks for, whole or not at all.
pub(super) fn save(image: &Image, path: &Path) -> Result<(), String> {
    let bytes = encode(image, PictureFormat::of(path)?)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        files::create_folder(folder).map_err(|error| error.to_string())?;
    }
    files::write(path, |file| file.write_all(&bytes)).map_err(|error| error.why.to_string())
}

/// Reports written files, and continues a film.
pub(super) fn follow_captures(
    mut commands: Commands,
    time: Res<Time<Real>>,
    mut captures: ResMut<Captures>,
    mut words: ResMut<Words>,
) {
    for (path, result) in std::mem::take(&mut captures.written) {
        if captures.filmed.take_if(|filmed| *filmed == path).is_none() {
            captures.under_way = captures.under_way.saturating_sub(1);
        }
        match result {
            Ok(()) if captures.film.is_none() => words.notice = Some((format!("{} is written", path.display()), NOTICE_S)),
            Ok(()) => {}
            Err(reason) => {
                captures.film = None;
                words.notice = Some((format!("{} cannot be written: {reason}", path.display()), 2.0 * NOTICE_S));
            }
        }
    }
    let idle = captures.under_way == 0 && captures.filmed.is_none();
    let due = captures.film.as_mut().and_then(|(folder, pictures, since_s)| {
        *since_s += time.delta_secs();
        (idle && *since_s >= FILM_EVERY_S).then(|| {
            *since_s = 0.0;
            *pictures += 1;
            folder.join(format!("{pictures:06}.png"))
        })
    });
    if let Some(path) = due {
        captures.filmed = Some(path.clone());
        Captures::capture(&mut commands, path);
    }
}
