//! `crosscheck connections rules`: which stages of the hiring process order a check by themselves.

use serde_json::{Value, json};
use shared::connection::Connection;
use shared::rule::Rule;

use crate::args::Rules;
use crate::connect::fresh_secret;
use crate::connections::{change, load};
use crate::deployment::{CliError, Deployment};
use crate::output;

/// Most rules of one connection. Each door reads them with every event.
const MOST: usize = 100;

/// Runs the command.
///
/// # Errors
/// See [`CliError`].
pub(crate) async fn run(args: &Rules) -> Result<(), CliError> {
    let deployment = Deployment::open(&args.target).await?;
    let connection = load(&deployment, &args.connection).await?;
    let new = wanted(args, &connection).map_err(CliError::Input)?;
    let is_change = new.is_some() || args.remove.is_some() || args.partner_id.is_some();
    let connection = if is_change {
        let apply = |connection: &mut Connection| apply(args, new.as_ref(), connection);
        change(&deployment, &args.connection, apply).await?
    } else {
        connection
    };
    let steps = if new.is_some() { steps(&deployment, &connection).await? } else { Vec::new() };
    print(&connection, &steps, args)
}

/// The rule that is to be added, if one is.
fn wanted(args: &Rules, connection: &Connection) -> Result<Option<Rule>, String> {
    let (Some(stage), Some(package)) = (&args.stage, &args.package) else { return Ok(None) };
    if connection.ats.setup().rules_guide("", "", "").is_empty() {
        let title = connection.ats.title();
        return Err(format!("{title} orders by rules of its own; make them there, as its guide says"));
    }
    let known = connection.catalogue.iter().flat_map(|catalogue| &catalogue.packages);
    let named: Vec<String> = known.clone().map(|known| format!("{} ({})", known.id, known.name)).collect();
    if !named.is_empty() && known.clone().all(|known| known.id != *package) {
        return Err(format!("the vendor has no package {package}; it has these: {}", named.join(", ")));
    }
    let text = |given: &str| given.trim().to_owned();
    Ok(Some(Rule { stage: text(stage), job: args.job.as_deref().map(text), package: package.clone() }))
}

fn apply(args: &Rules, new: Option<&Rule>, connection: &mut Connection) -> Result<(), String> {
    if let Some(number) = args.remove {
        if number == 0 || number > connection.rules.len() {
            return Err(format!("there is no rule {number}"));
        }
        connection.rules.remove(number - 1);
    }
    if let Some(new) = new.filter(|new| !connection.rules.contains(new)) {
        if connection.rules.len() >= MOST {
            return Err(format!("a connection has {MOST} rules at most; remove one first"));
        }
        connection.rules.push(new.clone());
    }
    if let Some(partner) = &args.partner_id {
        connection.partner_id = Some(partner.to_string());
    }
    Ok(())
}

/// What the ATS admin does so that the stages are told. The secret is made with the first rule and stays.
async fn steps(deployment: &Deployment, connection: &Connection) -> Result<Vec<String>, CliError> {
    let keys = deployment.services.secrets.latest_keys(&connection.id).await?;
    let keys = if keys.client_secret.is_empty() {
        let fresh = fresh_secret()?;
        deployment.services.secrets.change_keys(&connection.id, |keys| keys.client_secret = fresh).await?
    } else {
        keys
    };
    let base_url = output::ats_base_url(connection, &deployment.base_url);
    Ok(connection.ats.setup().rules_guide(&base_url, connection.id.as_str(), &keys.client_secret))
}

fn print(connection: &Connection, steps: &[String], args: &Rules) -> Result<(), CliError> {
    let rules = connection.rules.iter();
    if args.target.json.json {
        let rules = rules.map(|rule| json!({ "stage": rule.stage, "job": rule.job, "package": rule.package }));
        return Ok(output::document(&json!({
            "connection_id": connection.id.to_string(),
            "rules": rules.collect::<Vec<Value>>(),
            "partner_id": connection.partner_id,
            "steps": steps,
        }))?);
    }
    if connection.rules.is_empty() {
        output::line("No stage orders by itself. `--stage NAME --package ID` adds a rule.")?;
    } else {
        let all = |job: &Option<String>| job.clone().unwrap_or_else(|| "every job".to_owned());
        let rows = rules
            .enumerate()
            .map(|(n, rule)| vec![(n + 1).to_string(), rule.stage.clone(), all(&rule.job), rule.package.clone()]);
        output::table(&["RULE", "STAGE", "JOB", "PACKAGE"], rows.collect())?;
        let partner = connection.partner_id.as_deref().unwrap_or("none: results of these orders stay in Crosscheck");
        output::line(format!("partner id: {partner}"))?;
    }
    if steps.is_empty() { Ok(()) } else { Ok(output::steps("What the ATS admin does:", steps)?) }
}
