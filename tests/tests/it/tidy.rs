//! The repository agrees with itself: folders, template, events and documents; and files stay readable.

mod commands;
mod layers;
mod links;
mod map;
mod markdown;
mod reports;
mod stored;
mod tables;
mod template;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tests::world::Result;

/// Lines of a file before its tests, at most. A bound against files that grew by accident; where to split a file is for
/// its readers, not for this number.
const MAX_LINES: usize = 400;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> Result<String> {
    Ok(fs::read_to_string(root().join(path)).map_err(|e| format!("{path}: {e}"))?)
}

fn names(folder: &str) -> Result<BTreeSet<String>> {
    let entries = fs::read_dir(root().join(folder)).map_err(|e| format!("{folder}: {e}"))?;
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) -> Result {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, found)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

fn all_sources() -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in ["functions", "shared", "cli", "local", "sim", "dev", "tests"] {
        sources(&root().join(folder), &mut found)?;
    }
    Ok(found)
}

/// Every Markdown document of the repository, from its root.
fn documents() -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    markdown_below(Path::new(""), &mut found)?;
    Ok(found)
}

fn markdown_below(folder: &Path, found: &mut Vec<PathBuf>) -> Result {
    for entry in fs::read_dir(root().join(folder))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let path = folder.join(&name);
        let built = name.starts_with('.') || ["target", "node_modules", "artefacts", "dist"].contains(&name.as_str());
        if root().join(&path).is_dir() && !built {
            markdown_below(&path, found)?;
        } else if path.extension().is_some_and(|e| e == "md") {
            found.push(path);
        }
    }
    Ok(())
}

#[test]
fn every_function_has_its_resource_its_event_and_its_place_in_the_readme() -> Result {
    let (template, readme, events) = (read("template.yaml")?, read("README.md")?, names("events")?);
    for function in names("functions")? {
        let words: Vec<String> = function.split('-').map(|w| w[..1].to_uppercase() + &w[1..]).collect();
        let resource = format!("{}Function", words.concat());
        let line = format!("  {resource}:");
        assert!(template.lines().any(|l| l.eq_ignore_ascii_case(&line)), "template.yaml lacks {resource}");
        assert!(
            template.contains(&format!("CodeUri: functions/{function}")),
            "template.yaml lacks {function}'s folder"
        );
        assert!(events.iter().any(|e| e.starts_with(&format!("{function}-"))), "events/ lacks {function}");
        assert!(readme.contains(&function), "README.md lacks {function}");
    }
    Ok(())
}

#[test]
fn every_event_belongs_to_a_function() -> Result {
    let functions = names("functions")?;
    for event in names("events")? {
        assert!(functions.iter().any(|f| event.starts_with(&format!("{f}-"))), "events/{event} has no function");
    }
    Ok(())
}

#[test]
fn every_environment_variable_is_set_by_the_template() -> Result {
    let (template, config) = (read("template.yaml")?, read("shared/src/config.rs")?);
    let quoted = config.split('"').skip(1).step_by(2);
    for name in quoted.filter(|q| q.len() > 3 && q.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')) {
        assert!(template.contains(&format!("{name}:")), "template.yaml does not set {name}");
    }
    Ok(())
}

#[test]
fn files_open_with_what_they_are_for_and_stay_short() -> Result {
    for path in all_sources()? {
        let text = fs::read_to_string(&path)?;
        let name = path.display();
        assert!(
            text.starts_with("//!") || text.starts_with("#![doc = include_str!"),
            "{name} does not say what it is for"
        );
        let lines = text.lines().take_while(|l| !l.starts_with("#[cfg(test)]")).count();
        assert!(lines <= MAX_LINES, "{name} has {lines} lines before its tests");
    }
    Ok(())
}

/// Where a test or a simulator sleeps, and why it cannot wait for a condition instead.
const SLEEPS: [(&str, &str); 6] = [
    ("sim/src/server.rs", "a simulator's own delay, which a test asked for"),
    ("tests/src/ministack.rs", "asks a process of its own until it answers"),
    ("tests/tests/browser/driver.rs", "asks Chromium's driver until it shows what is waited for"),
    (
        "tests/tests/deployed/main.rs",
        "the deployed door remembers a connection for so long, by a clock that no test moves",
    ),
    ("tests/tests/deployed/street.rs", "asks functions that are processes of their own until they are done"),
    ("tests/tests/it/tidy.rs", "this list"),
];

#[test]
fn tests_wait_for_a_condition_and_never_for_a_time() -> Result {
    let mut sleeping = BTreeSet::new();
    for path in all_sources()? {
        let name = path.strip_prefix(root())?.display().to_string();
        let is_test = name.starts_with("tests/") || name.starts_with("sim/");
        if is_test && fs::read_to_string(&path)?.contains("sleep(") {
            sleeping.insert(name);
        }
    }
    let known = SLEEPS.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(sleeping, known, "wait with `idle`, `until` or a `Gate`, or say here why not");
    Ok(())
}
