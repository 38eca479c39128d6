//! The figures of a report as separate SVG files, in light and dark mode.

use super::Document;
use super::figures::Exhibit;

/// Style of a separate file; the colours are those of the page.
const STYLE: &str = "svg{--paper:#fdfdfb;--muted:#5b6570;--grid:#c9cfd4;--main:#0072b2;--other:#d55e00;color:#1d2125;\
    background:var(--paper);font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}\
    @media(prefers-color-scheme:dark){svg{--paper:#14171a;--muted:#9ba6b0;--grid:#3b444c;--main:#56b4e9;--other:#e69f00;color:#e7eaec}}";

/// Returns the name and contents of a file for every figure.
pub fn svg_files(document: &Document) -> Vec<(String, String)> {
    let overviews = document.overviews.iter().map(|figure| (String::new(), figure));
    let figures = document.sections.iter().flat_map(|content| {
        let prefix = format!("{}-", content.section.id);
        content.figures.iter().map(move |figure| (prefix.clone(), figure))
    });
    let mut files = Vec::new();
    for (prefix, figure) in overviews.chain(figures) {
        let pictures = figure.exhibits.iter().filter_map(|exhibit| match exhibit {
            Exhibit::Panels(panels) => Some(&panels.pictures),
            Exhibit::Table(_) | Exhibit::Text(_) => None,
        });
        for (number, picture) in pictures.flatten().enumerate() {
            files.push((format!("{prefix}{}-{}.svg", figure.name, number + 1), alone(picture)));
        }
    }
    files
}

/// Makes a figure of the page independent of the page.
pub(super) fn alone(picture: &str) -> String {
    let picture = picture.replacen("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ", 1);
    picture.replacen("<title>", &format!("<style>{STYLE}</style><title>"), 1) + "\n"
}
