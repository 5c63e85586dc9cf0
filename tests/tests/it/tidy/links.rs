//! Every link of every document leads to a file that is there, and to a heading that is in it.

use std::fs;
use std::path::Path;

use super::markdown::{anchors, links};
use super::{documents, root};
use tests::world::Result;

#[test]
fn every_link_leads_to_a_file_and_to_a_heading_in_it() -> Result {
    let mut wrong = Vec::new();
    for document in documents()? {
        let text = fs::read_to_string(root().join(&document))?;
        for target in links(&text).iter().filter(|target| !target.contains("://")) {
            if !leads_somewhere(&document, &text, target) {
                wrong.push(format!("{}: {target}", document.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "links that lead nowhere: {wrong:#?}");
    Ok(())
}

fn leads_somewhere(document: &Path, text: &str, target: &str) -> bool {
    let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
    let path = root().join(document.parent().unwrap_or(document)).join(file);
    let there = if file.is_empty() { Some(text.to_owned()) } else { fs::read_to_string(&path).ok() };
    match anchor {
        Some(anchor) => there.is_some_and(|text| anchors(&text).iter().any(|known| known == anchor)),
        None => path.exists(),
    }
}

#[test]
fn every_document_is_reached_from_the_readme() -> Result {
    let mut reached = vec![Path::new("README.md").to_owned()];
    let mut at = 0;
    while let Some(document) = reached.get(at).cloned() {
        let text = fs::read_to_string(root().join(&document))?;
        for target in links(&text) {
            let file = target.split('#').next().unwrap_or_default();
            let path = normal(&document.parent().unwrap_or(&document).join(file));
            if path.extension().is_some_and(|e| e == "md") && !reached.contains(&path) {
                reached.push(path);
            }
        }
        at += 1;
    }
    let lost: Vec<_> = documents()?.into_iter().filter(|document| !reached.contains(document)).collect();
    assert!(lost.is_empty(), "no link leads from README.md to these: {lost:?}");
    Ok(())
}

/// The path without `..`.
fn normal(path: &Path) -> std::path::PathBuf {
    let mut parts = Vec::new();
    for part in path.components() {
        if part.as_os_str() == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.iter().collect()
}
