//! Colours as authors write them, and how one turns into another.

use palette::{FromColor, Mix, Oklab, Srgb};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An sRGB colour, written `"#599940"`; components in 0..1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colour {
    /// Red, in 0..1.
    pub red: f32,
    /// Green, in 0..1.
    pub green: f32,
    /// Blue, in 0..1.
    pub blue: f32,
}

impl Colour {
    /// From components in 0..1.
    pub const fn new(red: f32, green: f32, blue: f32) -> Self {
        Self { red, green, blue }
    }

    /// Red, green and blue, each in 0..1.
    pub fn to_array(self) -> [f32; 3] {
        [self.red, self.green, self.blue]
    }

    /// The colour a part of the way (0..1) to `other`, through OKLab, so that the middle of two seasons looks like the middle
    /// (Ottosson 2020, "A perceptual color space for image processing").
    pub fn mix(self, other: Self, fraction: f32) -> Self {
        // The round trip through OKLab is not exact, and a season that does not turn must not change at all.
        if fraction <= 0.0 || self == other {
            return self;
        }
        if fraction >= 1.0 {
            return other;
        }
        let [from, to] = [self, other].map(|colour| Oklab::from_color(Srgb::new(colour.red, colour.green, colour.blue)));
        let mixed = Srgb::from_color(from.mix(to, fraction));
        Self::new(mixed.red.clamp(0.0, 1.0), mixed.green.clamp(0.0, 1.0), mixed.blue.clamp(0.0, 1.0))
    }
}

impl From<Srgb<u8>> for Colour {
    fn from(colour: Srgb<u8>) -> Self {
        let colour: Srgb<f32> = colour.into_format();
        Self::new(colour.red, colour.green, colour.blue)
    }
}

impl Serialize for Colour {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let colour: Srgb<u8> = Srgb::new(self.red, self.green, self.blue).into_format();
        serializer.serialize_str(&format!("#{colour:x}"))
    }
}

impl<'de> Deserialize<'de> for Colour {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let colour: Srgb<u8> = text
            .parse()
            .map_err(|_| serde::de::Error::custom(format!("`{text}` is not a colour: write red, green and blue as \"#599940\"")))?;
        Ok(colour.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halfway_from_black_to_white_is_perceptual_grey() {
        // OKLab lightness 0.5 is sRGB 0.3886 (#636363), not 0.5.
        let grey = Colour::new(0.0, 0.0, 0.0).mix(Colour::new(1.0, 1.0, 1.0), 0.5);
        for component in grey.to_array() {
            assert!((component - 0.3886).abs() < 2e-3, "{component}");
        }
    }

    #[test]
    fn the_ends_of_a_mix_are_exact() {
        let [from, to] = [Colour::new(0.1, 0.2, 0.3), Colour::new(0.9, 0.8, 0.7)];
        assert_eq!((from.mix(to, 0.0), from.mix(to, 1.0)), (from, to));
    }
}
