//! Colours that tell thirst: of known plants and of a new species, estimated from labelled views, and views recoloured from one to the other.
//!
//! A pixel of a plant lies near the line from the mean colour of fine plants to that of thirsty ones; beside it lie walls, stones and other plants. A view is
//! recoloured by moving each pixel near one line to the same place of the other line, and keeping what it differs by: its own tint and the light. So a view
//! of a known plant becomes the view that the robot would have of a plant of the new species that stands there and is as thirsty, and back.

use crate::rollout::AlbumView;

/// Bytes of a pixel: red, green, blue, nearness.
const PIXEL: usize = 4;
/// Farthest distance of a pixel from a line, in root mean squares of what labelled pixels have.
const FARTHEST: f32 = 3.0;
/// Least such root mean square, in bytes: of few views it is uncertain.
const LEAST_DEVIATION: f32 = 12.0;
/// Farthest distance of a pixel from the ray of the wall's colours, in bytes: rounding, and a little more.
const OF_WALL: f32 = 3.0;
/// Places of a line, beyond its ends, at which a pixel still counts: labels are of clearly thirsty plants, and some are more so.
const BEYOND: f32 = 0.4;

/// Colours from fine to thirsty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThirstColours {
    /// Mean colour of fine plants, in bytes.
    fine: [f32; 3],
    /// Mean colour of thirsty plants.
    thirsty: [f32; 3],
    /// Root mean square distance of labelled pixels from the line.
    deviation: f32,
}

impl ThirstColours {
    /// Estimates the colours in full light from labelled views of `pixels` pixels before a `wall`; `None` unless there are fine and thirsty ones, and they differ.
    pub fn of<'a>(views: impl Iterator<Item = &'a AlbumView>, pixels: usize, wall: [u8; 3]) -> Option<Self> {
        let seen: Vec<(bool, [u8; 3])> = views
            .map(|view| {
                let light = light_of(&view.observation, pixels, wall).max(0.1);
                (view.is_thirsty(), lit(view.colour, 1.0 / light))
            })
            .collect();
        let mean = |is_thirsty: bool| {
            let (mut sum, mut count) = ([0.0; 3], 0.0);
            for (_, colour) in seen.iter().filter(|(thirsty, _)| *thirsty == is_thirsty) {
                for (sum, part) in sum.iter_mut().zip(*colour) {
                    *sum += f32::from(part);
                }
                count += 1.0;
            }
            (count > 0.0).then(|| sum.map(|sum| sum / count))
        };
        let mut colours = Self {
            fine: mean(false)?,
            thirsty: mean(true)?,
            deviation: LEAST_DEVIATION,
        };
        if squared(way(colours.fine, colours.thirsty)) < 1.0 {
            return None;
        }
        let (mut sum, mut count) = (0.0, 0.0);
        for (_, colour) in &seen {
            let (_, beside) = colours.place(*colour);
            (sum, count) = (sum + squared(beside), count + 1.0);
        }
        colours.deviation = (sum / count as f32).sqrt().max(LEAST_DEVIATION);
        Some(colours)
    }

    /// Returns a pixel's place along the line, 0 at fine and 1 at thirsty, and what it differs from the line by.
    fn place(&self, colour: [u8; 3]) -> (f32, [f32; 3]) {
        let colour = colour.map(f32::from);
        let (along, from) = (way(self.fine, self.thirsty), way(self.fine, colour));
        let dot: f32 = along.iter().zip(from).map(|(along, from)| along * from).sum();
        let place = (dot / squared(along)).clamp(-BEYOND, 1.0 + BEYOND);
        (place, std::array::from_fn(|part| from[part] - place * along[part]))
    }

    /// Returns a pixel's distance from the line in root mean squares.
    fn distance(&self, colour: [u8; 3]) -> f32 {
        squared(self.place(colour).1).sqrt() / self.deviation
    }

    /// Returns the colour at the same place of another line.
    fn moved(&self, to: &Self, colour: [u8; 3]) -> [u8; 3] {
        let (place, beside) = self.place(colour);
        let along = way(to.fine, to.thirsty);
        std::array::from_fn(|part| (to.fine[part] + place * along[part] + beside[part] + 0.5) as u8)
    }
}

fn way(from: [f32; 3], to: [f32; 3]) -> [f32; 3] {
    std::array::from_fn(|part| to[part] - from[part])
}

fn squared(vector: [f32; 3]) -> f32 {
    vector.iter().map(|part| part * part).sum()
}

/// Returns the light in which a pixel of the wall would have this colour; `None` if it is none. Walls have no tint of their own, so all of them lie on one
/// ray of colours, which few plants hit, even where thirsty plants are about as grey as the wall.
fn light_of_wall(wall: [u8; 3], colour: [u8; 3]) -> Option<f32> {
    let (wall, colour) = (wall.map(f32::from), colour.map(f32::from));
    let dot: f32 = wall.iter().zip(colour).map(|(wall, colour)| wall * colour).sum();
    let light = dot / squared(wall).max(1.0);
    let beside = squared(std::array::from_fn(|part| colour[part] - light * wall[part]));
    (beside <= OF_WALL * OF_WALL).then_some(light)
}

/// Returns the light of a view: the mean over its pixels of the wall, or 1 if it shows none.
fn light_of(view: &[u8], pixels: usize, wall: [u8; 3]) -> f32 {
    let seen = view.chunks_exact(PIXEL).take(pixels);
    let lights = seen.filter_map(|pixel| light_of_wall(wall, [pixel[0], pixel[1], pixel[2]]));
    let (sum, count) = lights.fold((0.0, 0.0), |(sum, count), light| (sum + light, count + 1.0));
    if count > 0.0 { sum / count } else { 1.0 }
}

/// Returns a colour as it would be in another light.
fn lit(colour: [u8; 3], light: f32) -> [u8; 3] {
    colour.map(|part| (f32::from(part) * light + 0.5) as u8)
}

/// Recolours plants in the `pixels` of a view from one line of colours to another: pixels that in full light are near the first line and are not of the `wall`. Each run of neighbouring pixels of plants is one plant, of which `chooses` says whether it is recoloured. Returns the number of pixels
/// that were.
pub fn recolour(
    view: &mut [u8],
    pixels: usize,
    from: &ThirstColours,
    to: &ThirstColours,
    wall: [u8; 3],
    mut chooses: impl FnMut() -> bool,
) -> usize {
    let (mut recoloured, mut under_way, mut nearness) = (0, None, 0_u8);
    let light = light_of(view, pixels, wall).max(0.1);
    for pixel in view.chunks_exact_mut(PIXEL).take(pixels) {
        let colour = [pixel[0], pixel[1], pixel[2]];
        let in_full_light = lit(colour, 1.0 / light);
        let is_plant = from.distance(in_full_light) <= FARTHEST && light_of_wall(wall, colour).is_none();
        if !is_plant {
            under_way = None;
            continue;
        }
        // A plant behind another one begins where the distance jumps.
        let continues = under_way.filter(|_| pixel[3].abs_diff(nearness) <= 6);
        let chosen = *under_way.insert(continues.unwrap_or_else(&mut chooses));
        nearness = pixel[3];
        if chosen {
            pixel[..3].copy_from_slice(&lit(from.moved(to, in_full_light), light));
            recoloured += 1;
        }
    }
    recoloured
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const WALL: [u8; 3] = [115, 102, 89];

    /// A labelled view of one pixel.
    pub(crate) fn view(colour: [u8; 3], is_thirsty: bool) -> AlbumView {
        AlbumView {
            season: 0,
            species: 0,
            thirst: if is_thirsty { 0.8 } else { 0.0 },
            column: 0,
            colour,
            observation: vec![colour[0], colour[1], colour[2], 90],
        }
    }

    fn colours(fine: [u8; 3], thirsty: [u8; 3]) -> ThirstColours {
        ThirstColours::of([view(fine, false), view(thirsty, true)].iter(), 1, WALL).unwrap()
    }

    #[test]
    fn a_plant_becomes_one_of_the_new_species_as_thirsty_as_it_was_and_back() {
        let (known, new) = (colours([60, 160, 50], [200, 190, 60]), colours([90, 60, 200], [40, 200, 210]));
        let wall = [115, 102, 89, 40];
        // Fine, half thirsty with a tint of its own, and a wall.
        let before: Vec<u8> = [[60, 160, 50, 90], [130, 179, 55, 60], wall].concat();
        let mut view = before.clone();
        assert_eq!(recolour(&mut view, 3, &known, &new, WALL, || true), 2);
        assert_eq!(view[..4], [90, 60, 200, 90]);
        assert_eq!(view[8..], wall, "a wall is no plant");
        assert!(
            view[5].abs_diff(134) <= 1 && view[6].abs_diff(205) <= 1,
            "half way, with its tint: {view:?}"
        );
        assert_eq!(recolour(&mut view, 3, &new, &known, WALL, || true), 2);
        // A tint along the other line counts as a little more or less thirst there.
        for ((now, before), most) in view.iter().zip(&before).zip([1, 1, 1, 0, 6, 6, 6, 0, 0, 0, 0, 0]) {
            assert!(now.abs_diff(*before) <= most, "{view:?}");
        }
    }

    #[test]
    fn a_run_of_pixels_is_one_plant_and_a_jump_of_nearness_another() {
        let (known, new) = (colours([60, 160, 50], [200, 190, 60]), colours([90, 60, 200], [40, 200, 210]));
        let mut view: Vec<u8> = [[60, 160, 50, 90], [60, 160, 50, 92], [200, 190, 60, 40]].concat();
        let mut asked = 0;
        recolour(&mut view, 3, &known, &new, WALL, || {
            asked += 1;
            asked == 2
        });
        assert_eq!(asked, 2);
        assert_eq!((view[0], view[8]), (60, 40), "only the second plant was chosen");
    }

    #[test]
    fn a_thirsty_plant_as_grey_as_the_wall_is_told_by_its_tint() {
        assert_eq!(light_of_wall(WALL, WALL), Some(1.0));
        assert!((light_of_wall(WALL, [92, 82, 71]).unwrap() - 0.8).abs() < 0.01);
        assert_eq!(light_of_wall(WALL, [115, 92, 71]), None);
    }

    #[test]
    fn the_light_is_that_of_the_wall_and_kept() {
        let (known, new) = (colours([60, 160, 50], [200, 190, 60]), colours([90, 60, 200], [40, 200, 210]));
        let mut view: Vec<u8> = [[30, 80, 25, 90], [58, 51, 45, 40]].concat();
        assert!((light_of(&view, 2, WALL) - 0.5).abs() < 0.01);
        assert_eq!(recolour(&mut view, 2, &known, &new, WALL, || true), 1);
        for (now, wanted) in view.iter().zip([45, 30, 100, 90]) {
            assert!(now.abs_diff(wanted) <= 2, "{view:?}");
        }
    }

    #[test]
    fn colours_need_views_of_both_answers_that_differ() {
        assert_eq!(ThirstColours::of([view([1, 2, 3], true)].iter(), 1, WALL), None);
        assert_eq!(
            ThirstColours::of([view([1, 2, 3], true), view([1, 2, 3], false)].iter(), 1, WALL),
            None
        );
    }
}
