//! Mistakes in a text, as data and as a terminal report.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, NamedSource, SourceCode, SourceSpan,
    SpanContents,
};

/// Length of the longest line that is drawn.
pub(crate) const MOST_DRAWN_BYTES: usize = 2_000;

/// One thing that is wrong in a text, and where.
#[derive(Clone, Debug)]
pub struct Mistake {
    /// Name of the file, as its author knows it.
    pub file: String,
    /// Path of the key, for instance `seasons.0.dynamics.traction`; empty for the text as a whole.
    pub path: String,
    /// Description of the mistake.
    pub message: String,
    /// Suggested correction, if there is one.
    pub help: Option<String>,
    /// Byte range in the text of the file.
    pub span: Range<usize>,
    /// The file with its text.
    source: WholeLines,
}

/// A named text that shows the whole line of a location, without any lines around it.
#[derive(Clone, Debug)]
struct WholeLines(NamedSource<Arc<str>>);

impl WholeLines {
    /// Returns the range of bytes that is drawn for a location: from the beginning of its first line to the end of its last one.
    fn line_around(&self, span: Range<usize>) -> (usize, usize) {
        let text = self.0.inner();
        let start = text[..span.start].rfind('\n').map_or(0, |end| end + 1);
        let rest = &text[span.end..];
        (start, span.end + rest.find(['\n', '\r']).unwrap_or(rest.len()))
    }
}

impl SourceCode for WholeLines {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        // Without context lines, the request is for the line and column of the location itself.
        if before == 0 && after == 0 {
            return self.0.read_span(span, 0, 0);
        }
        let (start, end) = self.line_around(span.offset()..span.offset() + span.len());
        self.0.read_span(&(start..end).into(), 0, 0)
    }
}

impl Mistake {
    pub(super) fn new(
        file: &str,
        text: &Arc<str>,
        path: &str,
        span: Range<usize>,
        message: String,
        help: Option<String>,
    ) -> Self {
        // A table's location can span many lines: the first one is shown.
        let end = text[span.start..]
            .find(['\n', '\r'])
            .map_or(text.len(), |length| span.start + length);
        let span = span.start..span.end.clamp(span.start, end);
        let source = WholeLines(NamedSource::new(file, Arc::clone(text)).with_language("TOML"));
        Self {
            file: file.to_owned(),
            path: path.to_owned(),
            message,
            help,
            span,
            source,
        }
    }

    /// Returns the text of the file.
    pub fn text(&self) -> &str {
        self.source.0.inner()
    }

    /// Returns the line in which the mistake begins, from 1.
    pub fn line(&self) -> usize {
        self.before().matches('\n').count() + 1
    }

    /// Returns the column in which the mistake begins, from 1, in characters.
    pub fn column(&self) -> usize {
        self.before().rsplit('\n').next().unwrap_or_default().chars().count() + 1
    }

    /// Length of what is drawn of the text.
    fn drawn_bytes(&self) -> usize {
        let (start, end) = self.source.line_around(self.span.clone());
        end - start
    }

    /// Formats the mistake with its place, but without the line of text.
    fn without_line(&self) -> String {
        let place = format!("  × {self}\n    at {}:{}:{}\n", self.file, self.line(), self.column());
        match &self.help {
            Some(help) => format!("{place}    help: {help}\n"),
            None => place,
        }
    }

    fn before(&self) -> &str {
        &self.text()[..self.span.start]
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Mistake {}

impl Diagnostic for Mistake {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new(self.help.clone(), self.span.start, self.span.len());
        Some(Box::new(std::iter::once(label)))
    }
}

/// All mistakes in a text and in the files it refers to, in the order of reading; never empty.
#[derive(Clone, Debug)]
pub struct Mistakes {
    /// Name of the main file.
    pub file: String,
    /// The mistakes, in it and in the files it refers to.
    pub list: Vec<Mistake>,
    /// Number of mistakes beyond those of the list.
    pub unlisted: usize,
}

impl Mistakes {
    /// Renders the report for a terminal of this width, each mistake below its line.
    pub fn render(&self, width: usize, coloured: bool) -> String {
        let theme = if coloured {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(width.max(40))
            .with_context_lines(1)
            .without_syntax_highlighting();
        let mut report = format!("{self}\n");
        for mistake in &self.list {
            report.push('\n');
            // A line of many thousand characters is no help to anybody, and more than the handler can draw.
            let is_drawn = mistake.drawn_bytes() <= MOST_DRAWN_BYTES && handler.render_report(&mut report, mistake).is_ok();
            if !is_drawn {
                report.push_str(&mistake.without_line());
            }
        }
        if self.unlisted > 0 {
            report.push_str(&format!("\nand {} more\n", self.unlisted));
        }
        report
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.list.len() + self.unlisted {
            1 => write!(formatter, "{} has a mistake", self.file),
            count => write!(formatter, "{} has {count} mistakes", self.file),
        }
    }
}

impl std::error::Error for Mistakes {}

impl Diagnostic for Mistakes {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.list.iter().map(|mistake| mistake as &dyn Diagnostic)))
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::Scenario;

    #[test]
    fn a_mistake_in_an_endless_line_is_told_without_the_line() {
        let text = format!("{}\nwrong = 1\n", "{\"a\":".repeat(20_000));
        let told = Scenario::parse("long.toml", &text).unwrap_err().render(100, false);
        assert!(told.contains("at long.toml:1:1") && told.len() < 2_000, "{told}");
    }

    #[test]
    fn a_line_is_endless_too_where_carriage_returns_stand_in_it() {
        let text = format!("# {}\rwrong = 1\n", "x".repeat(70_000));
        let told = Scenario::parse("long.toml", &text).unwrap_err().render(100, false);
        assert!(told.contains("at long.toml:1:") && told.len() < 2_000, "{told}");
    }
}
