//! Every `crosscheck` command that a document shows is one that the program takes.

use std::fs;

use clap::Parser as _;
use crosscheck::args::Cli;
use shared::order::{ConnectionId, OrderId};

use super::markdown::shell;
use super::{documents, root};
use tests::world::Result;

#[test]
fn every_command_in_the_documents_is_taken() -> Result {
    let mut count = 0;
    for document in documents()? {
        let text = fs::read_to_string(root().join(&document))?;
        for line in shell(&text).filter(|line| line.starts_with("crosscheck ")) {
            let problem = problem(line);
            assert!(problem.is_none(), "{}: {line}\n{}", document.display(), problem.unwrap_or_default());
            count += 1;
        }
    }
    assert!(count > 20, "only {count} commands were found");
    Ok(())
}

/// Why the program does not take a line, if so. Which deployment it is for may be left out.
fn problem(line: &str) -> Option<String> {
    // What follows is the shell's.
    let command = [" #", " > "].iter().fold(line, |line, end| line.split(end).next().unwrap_or_default());
    let (order, connection) = (OrderId::generate().to_string(), ConnectionId::from_random([1; 8]).to_string());
    let words: Vec<String> = words(command)
        .into_iter()
        .map(|word| match word.as_str() {
            "ORDER" => order.clone(),
            "ID" | "CONNECTION" => connection.clone(),
            _ => word,
        })
        .collect();
    let local = || words.iter().cloned().chain(["--local".to_owned()]);
    match Cli::try_parse_from(&words) {
        Ok(_) => None,
        Err(_) => Cli::try_parse_from(local()).err().map(|problem| problem.to_string()),
    }
}

/// The words of a line of shell, those in quotation marks as one.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    let plain = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    parts.flat_map(|(at, part)| if at % 2 == 1 { vec![part.to_owned()] } else { plain(part) }).collect()
}
