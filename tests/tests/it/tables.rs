//! Tables in documents that say what is known of ATSs and vendors are as the code has it.
//!
//! A table stands between `<!-- table: NAME -->` and `<!-- /table -->`. `make tables` writes them anew.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crosscheck::tables::named;
use shared::ats::ATSS;
use shared::config::optional;
use shared::vendor::VENDORS;
use tests::world::Result;

const OPEN: &str = "<!-- table: ";
const CLOSE: &str = "<!-- /table -->";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Markdown file, but for what was built or fetched.
fn documents(folder: &Path, found: &mut Vec<PathBuf>) -> Result {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if name.starts_with('.') || matches!(name, "target" | "node_modules" | "dist") {
            continue;
        }
        if path.is_dir() {
            documents(&path, found)?;
        } else if path.extension().is_some_and(|e| e == "md") {
            found.push(path);
        }
    }
    Ok(())
}

/// The document with each of its tables as the code has it.
fn renewed(text: &str, to_root: &str) -> Result<String> {
    let mut parts = text.split(OPEN);
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(" -->\n").ok_or("a marker does not end")?;
        let (_, rest) = rest.split_once(CLOSE).ok_or_else(|| format!("the table {name} does not end"))?;
        let table = named(name, to_root).ok_or_else(|| format!("no table is named {name}"))?;
        whole.extend([OPEN, name, " -->\n", &table, CLOSE, rest]);
    }
    Ok(whole)
}

#[test]
fn every_table_of_the_documents_is_as_the_code_has_it() -> Result {
    let (mut found, root) = (Vec::new(), root());
    documents(&root, &mut found)?;
    for path in found {
        let (text, name) = (fs::read_to_string(&path)?, path.strip_prefix(&root)?);
        let to_root = "../".repeat(name.components().count() - 1);
        let renewed = renewed(&text, &to_root).map_err(|e| format!("{}: {e}", name.display()))?;
        if optional("CROSSCHECK_RENEW_TABLES").is_some() {
            fs::write(&path, renewed)?;
        } else {
            assert!(
                text == renewed,
                "{} has a table that is not as the code has it: run `make tables`",
                name.display()
            );
        }
    }
    Ok(())
}

#[test]
fn every_vendors_page_has_its_words() -> Result {
    for vendor in VENDORS {
        let page = root().join(format!("docs/vendors/{vendor}.md"));
        let text = fs::read_to_string(&page).map_err(|e| format!("{}: {e}", page.display()))?;
        assert!(text.contains(&format!("{OPEN}vendor-words {vendor} -->")), "{vendor}: no table of words");
    }
    Ok(())
}

#[test]
fn a_table_is_replaced_between_its_markers_and_nothing_else_is() -> Result {
    let stale = "before\n<!-- table: atss -->\n| old |\n<!-- /table -->\nafter\n";
    let fresh = renewed(stale, "")?;
    assert!(fresh.starts_with("before\n<!-- table: atss -->\n| ATS |"), "{fresh}");
    assert!(fresh.ends_with("|\n<!-- /table -->\nafter\n") && !fresh.contains("old"), "{fresh}");
    assert_eq!(renewed(&fresh, "")?, fresh);
    for ats in ATSS {
        assert!(fresh.contains(&format!("`{ats}`")), "{fresh}");
    }
    assert!(renewed("<!-- table: atss -->\n", "").is_err(), "a table that does not end");
    assert!(renewed("<!-- table: other -->\n<!-- /table -->", "").is_err(), "a table that nobody makes");
    Ok(())
}

#[test]
fn every_vendor_has_its_row_and_every_word_of_a_vendor_has_one() -> Result {
    let vendors = named("vendors", "../").ok_or("no table")?;
    for vendor in VENDORS {
        assert_eq!(vendors.lines().filter(|line| line.contains(&format!("(../docs/vendors/{vendor}.md)"))).count(), 1);
        let words = named(&format!("vendor-words {vendor}"), "").ok_or("no table")?;
        assert_eq!(words.lines().count(), vendor.facts().words.len() + 2, "{vendor}");
    }
    Ok(())
}
