//! Formats of pictures.

use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, RgbImage};

/// Quality of JPEG pictures, of 100.
const JPEG_QUALITY: u8 = 92;

/// Format of a picture, by the end of its file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFormat {
    /// `.png`
    Png,
    /// `.jpg` or `.jpeg`
    Jpeg,
    /// `.webp`, without loss.
    WebP,
}

impl PictureFormat {
    /// The format of a file; PNG where the path is a device or a pipe, whose name says nothing.
    ///
    /// # Errors
    /// The name ends in nothing that is known.
    pub fn of(path: &Path) -> Result<Self, String> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("png") => Ok(Self::Png),
            Some("jpg" | "jpeg") => Ok(Self::Jpeg),
            Some("webp") => Ok(Self::WebP),
            None if is_device(path) => Ok(Self::Png),
            _ => Err("its name must end in .png, .jpg, .jpeg or .webp".to_owned()),
        }
    }

    /// A picture as the bytes of a file.
    ///
    /// # Errors
    /// The picture is larger than the format allows.
    pub fn encode(self, picture: &RgbImage) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let (width, height) = picture.dimensions();
        let colour = ExtendedColorType::Rgb8;
        match self {
            Self::Png => PngEncoder::new(&mut bytes).write_image(picture, width, height, colour),
            Self::Jpeg => JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).write_image(picture, width, height, colour),
            Self::WebP => WebPEncoder::new_lossless(&mut bytes).write_image(picture, width, height, colour),
        }
        .map_err(|error| error.to_string())?;
        Ok(bytes)
    }
}

/// `true` for devices, pipes, and the names that the system has for what this process was handed open.
fn is_device(path: &Path) -> bool {
    path.starts_with("/dev")
        || path.starts_with("/proc")
        || std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_name_decides() {
        for (name, format) in [
            ("a.png", Some(PictureFormat::Png)),
            ("a.JPG", Some(PictureFormat::Jpeg)),
            ("a.b.jpeg", Some(PictureFormat::Jpeg)),
            ("a.webp", Some(PictureFormat::WebP)),
            ("a.gif", None),
            ("a", None),
        ] {
            assert_eq!(PictureFormat::of(Path::new(name)).ok(), format, "{name}");
        }
        #[cfg(unix)]
        for device in ["/dev/null", "/dev/stdout"] {
            assert_eq!(PictureFormat::of(Path::new(device)), Ok(PictureFormat::Png));
        }
    }

    #[test]
    fn a_picture_is_what_its_format_says_and_comes_back() {
        let picture = RgbImage::from_fn(16, 8, |x, y| image::Rgb([(x * 9) as u8, (y * 9) as u8, 90]));
        for (format, kind, exact) in [
            (PictureFormat::Png, image::ImageFormat::Png, true),
            (PictureFormat::Jpeg, image::ImageFormat::Jpeg, false),
            (PictureFormat::WebP, image::ImageFormat::WebP, true),
        ] {
            let bytes = format.encode(&picture).unwrap();
            assert_eq!(image::guess_format(&bytes).unwrap(), kind);
            let back = image::load_from_memory(&bytes).unwrap().to_rgb8();
            assert_eq!(back.dimensions(), (16, 8));
            assert_eq!(back == picture, exact, "{format:?}");
        }
    }
}
