//! The architecture's map: every path on it is there, and every folder with sources is on it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::markdown::{Table, ticked};
use super::{all_sources, read, root};
use tests::world::Result;

const HEAD: [&str; 2] = ["path", "what it is for"];

/// The paths on the map. A `*` stands for any one folder.
fn mapped() -> Result<Vec<String>> {
    Ok(Table::find(&read("docs/architecture.md")?, &HEAD).rows().flat_map(|row| ticked(row[0])).collect())
}

#[test]
fn every_path_on_the_map_is_there() -> Result {
    for path in mapped()? {
        assert!(!expand(&path)?.is_empty(), "the map shows {path}, which is not there");
    }
    Ok(())
}

#[test]
fn every_folder_with_sources_is_on_the_map() -> Result {
    let mut shown: Vec<PathBuf> = Vec::new();
    for path in mapped()? {
        shown.extend(expand(&path)?);
    }
    let folders: BTreeSet<PathBuf> = all_sources()?.iter().filter_map(|path| Some(path.parent()?.to_owned())).collect();
    for folder in folders {
        let is_shown = shown.iter().any(|path| folder.starts_with(path) || path.parent() == Some(&folder));
        assert!(is_shown, "the map does not show {}", folder.display());
    }
    Ok(())
}

/// What a path on the map stands for.
fn expand(path: &str) -> Result<Vec<PathBuf>> {
    let mut found = vec![root()];
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let mut next = Vec::new();
        for folder in &found {
            next.extend(children(folder, part)?);
        }
        found = next;
    }
    Ok(found)
}

fn children(folder: &Path, part: &str) -> Result<Vec<PathBuf>> {
    if part != "*" {
        return Ok([folder.join(part)].into_iter().filter(|path| path.exists()).collect());
    }
    let entries: Vec<PathBuf> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    Ok(entries.into_iter().filter(|path| path.is_dir()).collect())
}

/// Whether a word names one file of Rust; `wire.rs` is every connector's.
fn is_source(word: &str) -> bool {
    Path::new(word).extension().is_some_and(|e| e == "rs") && word != "wire.rs"
}

#[test]
fn every_file_that_holds_or_tests_an_invariant_is_there() -> Result {
    let table = Table::find(&read("docs/reference.md")?, &["what holds", "held in", "tested in"]);
    for row in table.rows() {
        for (cell, below) in [(row[1], "shared/src"), (row[2], "")] {
            for file in ticked(cell).iter().filter(|word| is_source(word)) {
                assert!(root().join(below).join(file).exists(), "{}: {file} is not there", row[0]);
            }
        }
    }
    Ok(())
}
