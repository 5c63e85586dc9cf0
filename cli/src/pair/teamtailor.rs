//! Teamtailor's part in a play.

use async_trait::async_trait;
use serde_json::{Value, json};
use shared::ats::AtsKind;
use shared::secrets::PartnerKeys;

use super::ats::{Card, Cards, Person, PlaysAts, set_up, text, wrong};
use crate::connect::Made;
use crate::output;
use crate::place::{CliError, Place};
use crate::sim::teamtailor::Context;
use crate::sim::{Answer, SimTeamtailor};



fn options(config: &Answer) -> Vec<Value> {
    let fields = config.body.pointer("/config/fields").and_then(Value::as_array);
    let listed = fields.into_iter().flatten().find_map(|field| field.get("options")?.as_array());
    listed.cloned().unwrap_or_default()
}
