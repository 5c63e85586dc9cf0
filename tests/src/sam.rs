//! What SAM's own libraries make of template.yaml: the scripts of `tests/sam`, run in the SAM CLI's environment.

use std::process::Command;

use serde_json::Value;

use crate::runtime_api::{FUNCTIONS, root};
use crate::world::Result;

/// The template after SAM's transform, with these parameters (`NAME=VALUE`).
///
/// # Errors
/// When the SAM CLI is not installed, or with what the transform says.
pub fn transformed(parameters: &[&str]) -> Result<Value> {
    script("transformed.py", parameters)
}

/// The variables that `sam local` gives to each function, by resource. `env_vars` is a file for `--env-vars`.
///
/// # Errors
/// As [`transformed`].
pub fn local_environments(env_vars: Option<&str>) -> Result<Value> {
    script("environment.py", env_vars.as_slice())
}

/// A line of docs/local.md: an event, and the status that it is answered with beside `crosscheck dev`, and with nothing
/// beside it. Where the document has words instead, there is no status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The function's resource in template.yaml.
    pub resource: String,
    /// A file of `events/`, without `.json`.
    pub event: String,
    /// Beside `crosscheck dev`.
    pub beside: Option<u16>,
    /// With nothing beside it.
    pub alone: Option<u16>,
}

/// The lines of docs/local.md, one for each function.
///
/// # Errors
/// When the document has no such table, or not one line for each function.
pub fn local_lines() -> Result<Vec<Line>> {
    let document = std::fs::read_to_string(root().join("docs/local.md"))?;
    let (_, table) = document.split_once("| event | beside `crosscheck dev` | alone |\n").ok_or("no table of lines")?;
    let rows = table.lines().skip(1).take_while(|row| row.starts_with('|'));
    let cells = rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect());
    let lines: Vec<Line> = cells.filter_map(|cells: Vec<&str>| line(&cells)).collect();
    if lines.len() == FUNCTIONS.len() && FUNCTIONS.iter().all(|f| lines.iter().any(|l| l.event.starts_with(f))) {
        return Ok(lines);
    }
    Err(format!("docs/local.md does not have one line for each function: {lines:?}").into())
}

fn line(cells: &[&str]) -> Option<Line> {
    let [resource, event, beside, alone] = cells else { return None };
    let status = |cell: &str| cell.get(..3).and_then(|digits| digits.parse().ok());
    let (resource, event) = ((*resource).to_owned(), (*event).to_owned());
    Some(Line { resource, event, beside: status(beside), alone: status(alone) })
}

/// The name of a function's resource, by its folder: `SmartRecruitersWebhookFunction` for `smartrecruiters-webhook`.
///
/// # Errors
/// When there is none.
pub fn resource_of(resources: &Value, function: &str) -> Result<String> {
    let wanted = format!("{}function", function.replace('-', ""));
    let mut names = resources.as_object().into_iter().flat_map(|all| all.keys());
    let found = names.find(|name| name.eq_ignore_ascii_case(&wanted));
    found.cloned().ok_or_else(|| format!("the template has no {function}").into())
}

/// What `CloudFormation`'s own schemas say that it needs for resources of these types: type to actions.
///
/// # Errors
/// As [`transformed`].
pub fn permissions(kinds: &[&str]) -> Result<Value> {
    script("permissions.py", kinds)
}

/// The address by which containers reach this machine, as the engine says it.
///
/// # Errors
/// When no container engine answers.
pub fn container_gateway() -> Result<String> {
    Ok(script("gateway.py", &[])?.as_str().unwrap_or_default().to_owned())
}

fn script(name: &str, arguments: &[&str]) -> Result<Value> {
    let python = root().join(".venv/sam/bin/python");
    if !python.exists() {
        return Err("the SAM CLI is not installed; `make .venv/sam/ready` does it".into());
    }
    let mut command = Command::new(python);
    command.arg(root().join("tests/sam").join(name)).args(arguments).current_dir(root());
    let ran = command.env("SAM_CLI_TELEMETRY", "0").output()?;
    if !ran.status.success() {
        return Err(format!("{name} ended with {}: {}", ran.status, String::from_utf8_lossy(&ran.stderr)).into());
    }
    Ok(serde_json::from_slice(&ran.stdout)?)
}
