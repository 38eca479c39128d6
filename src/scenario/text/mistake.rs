//! Mistakes in a text, as data and as a terminal report.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, NamedSource, SourceCode, SourceSpan,
    SpanContents,
};

/// One mistake in a text, with its location.
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
        let text = self.0.inner();
        let start = text[..span.offset()].rfind('\n').map_or(0, |end| end + 1);
        let rest = &text[span.offset() + span.len()..];
        let end = text.len() - rest.len() + rest.find(['\n', '\r']).unwrap_or(rest.len());
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
            if handler.render_report(&mut report, mistake).is_err() {
                // A location without its line is better than no report.
                report.push_str(&format!(
                    "{}:{}:{}: {mistake}\n",
                    mistake.file,
                    mistake.line(),
                    mistake.column()
                ));
            }
        }
        report
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.list.len() {
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
