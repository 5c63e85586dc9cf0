//! The tables that list what the database holds and what doors answer name what the code names.

use std::collections::BTreeSet;
use std::fs;

use super::markdown::{Table, ticked};
use super::{all_sources, read};
use tests::world::Result;

/// The fields of a struct that are written, read from its source. One that is only read is of an earlier version; one
/// that is flattened stands for the fields of its own struct.
fn fields(source: &str, name: &str) -> BTreeSet<String> {
    let body = source.split(&format!("struct {name} {{")).nth(1).and_then(|rest| rest.split("\n}").next());
    let (mut found, mut is_written, mut is_flat) = (BTreeSet::new(), true, false);
    for line in body.unwrap_or_default().lines().map(str::trim).filter(|line| !line.starts_with('/')) {
        if line.starts_with('#') {
            is_written &= !line.contains("skip_serializing)") && !line.contains("skip_serializing,");
            is_flat |= line.contains("flatten");
        } else if let Some((_, part)) = line.split_once(':').filter(|_| is_flat) {
            found.extend(fields(source, part.trim().trim_end_matches(',')));
            is_flat = false;
        } else if let Some((field, _)) = line.split_once(':') {
            found.extend(is_written.then(|| field.trim_start_matches("pub(super) ").to_owned()));
            is_written = true;
        }
    }
    found
}

/// All of `shared`.
fn shared_code() -> Result<String> {
    let mut code = String::new();
    for path in all_sources()?.iter().filter(|path| path.components().any(|part| part.as_os_str() == "shared")) {
        code += &fs::read_to_string(path)?;
    }
    Ok(code)
}

#[test]
fn every_attribute_is_listed_and_every_listed_attribute_is_stored() -> Result {
    let table = Table::find(&read("docs/reference.md")?, &["item", "`pk`", "attributes"]);
    let code = shared_code()?;
    for (item, file, stored) in [
        ("order", "shared/src/store/item.rs", "StoredOrder"),
        ("connection", "shared/src/store/connection_item.rs", "StoredConnection"),
    ] {
        let listed: BTreeSet<String> = ticked(table.row(item)[2]).into_iter().collect();
        let fields = fields(&read(file)?, stored);
        assert!(!fields.is_empty(), "{stored} is not in {file}");
        let missing: Vec<_> = fields.difference(&listed).collect();
        assert!(missing.is_empty(), "docs/reference.md does not list {missing:?} of {item}");
        for extra in listed.difference(&fields) {
            let named = [format!("\"{extra}\""), format!(" {extra} "), format!("#{extra}")];
            assert!(named.iter().any(|text| code.contains(text)), "{item} has no attribute {extra}");
        }
    }
    Ok(())
}

#[test]
fn every_code_that_ashbys_door_is_said_to_answer_is_in_the_code() -> Result {
    let table = Table::find(&read("docs/reference.md")?, &["status", "code", "when"]);
    let code = shared_code()?;
    for word in table.rows().flat_map(|row| ticked(row[1])) {
        assert!(code.contains(&format!("\"{word}\"")), "no door answers {word}");
    }
    Ok(())
}
