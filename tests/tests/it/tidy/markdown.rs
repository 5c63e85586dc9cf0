//! Markdown as far as these tests read it: tables, headings, links, blocks of shell.

/// The lines that are prose: nothing inside a fenced block.
pub(super) fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fence && !fenced
    })
}

/// The lines inside blocks that are marked as shell.
pub(super) fn shell(text: &str) -> impl Iterator<Item = &str> {
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(str::lines)
}

/// A table: its rows, each with the trimmed texts of its cells. An empty first cell repeats the one above it.
#[derive(Debug)]
pub(super) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// The one table of a document with this head.
    pub(super) fn find(text: &str, head: &[&str]) -> Self {
        let mut found: Vec<Self> = tables(text).into_iter().filter(|table| table.head == head).collect();
        assert_eq!(found.len(), 1, "tables with the head {head:?}");
        found.remove(0)
    }

    /// The rows.
    pub(super) fn rows(&self) -> impl Iterator<Item = Vec<&str>> {
        self.rows.iter().map(|row| row.iter().map(String::as_str).collect())
    }

    /// The row that begins with this word, in backticks or not.
    pub(super) fn row(&self, name: &str) -> Vec<&str> {
        let found = self.rows().find(|row| row[0].trim_matches('`') == name);
        assert!(found.is_some(), "no row for {name} below {:?}", self.head);
        found.unwrap_or_default()
    }

    /// The words in backticks of the first cells, in the order of the table.
    pub(super) fn names(&self) -> Vec<String> {
        self.rows.iter().flat_map(|row| ticked(&row[0])).collect()
    }
}

fn tables(text: &str) -> Vec<Table> {
    let lines: Vec<&str> = prose(text).collect();
    let blocks = lines.split(|line| !line.starts_with('|'));
    blocks.filter(|block| block.len() > 2).map(table).collect()
}

fn table(block: &[&str]) -> Table {
    let mut rows: Vec<Vec<String>> = block.iter().map(|line| cells(line)).collect();
    let head = rows.remove(0);
    rows.remove(0);
    let mut above = String::new();
    for row in &mut rows {
        if row[0].is_empty() {
            row[0].clone_from(&above);
        }
        above.clone_from(&row[0]);
    }
    for row in &rows {
        assert_eq!(row.len(), head.len(), "a row of another length: {row:?}");
    }
    Table { head, rows }
}

fn cells(line: &str) -> Vec<String> {
    line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

/// The words in backticks.
pub(super) fn ticked(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The targets of the links in prose, code in backticks left out.
pub(super) fn links(text: &str) -> Vec<String> {
    let plain: Vec<String> = prose(text).map(|line| line.split('`').step_by(2).collect::<Vec<_>>().join("_")).collect();
    let all = plain.join("\n");
    all.split("](").skip(1).filter_map(|rest| Some(rest.split(')').next()?.to_owned())).collect()
}

/// The anchors of a document's headings, by GitHub's rules: small letters, blanks as hyphens, no punctuation, and a
/// number behind a name that was there before.
pub(super) fn anchors(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for heading in prose(text).filter_map(|line| line.strip_prefix('#')) {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let before = found.iter().filter(|other| **other == anchor).count();
        found.push(if before == 0 { anchor } else { format!("{anchor}-{before}") });
    }
    found
}

#[test]
fn anchors_are_made_as_github_makes_them() {
    let text = "# What doors answer\n```\n# no heading\n```\n## `Tell`, and Ask-again\n## What doors answer\n";
    assert_eq!(anchors(text), ["what-doors-answer", "tell-and-ask-again", "what-doors-answer-1"]);
}

#[test]
fn links_are_found_in_prose_alone() {
    let text = "[a](b.md#c), `[no](no.md)` and\n```\n[no](no.md)\n```\n[d](e/)";
    assert_eq!(links(text), ["b.md#c", "e/"]);
}
