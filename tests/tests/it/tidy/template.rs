//! What the documents say of the deployment is what `template.yaml` has.

use std::collections::BTreeSet;
use std::fs;

use shared::telemetry::METRICS;
use shared::vendor::{VENDORS, VendorKind};

use super::markdown::Table;
use super::{all_sources, names, read};
use tests::world::Result;

#[test]
fn every_metric_of_the_template_is_emitted_and_every_emitted_one_is_known() -> Result {
    let (template, mut code) = (read("template.yaml")?, String::new());
    for path in all_sources()?.iter().filter(|p| p.components().any(|c| c.as_os_str() == "shared")) {
        code += &fs::read_to_string(path)?;
    }
    for metric in METRICS {
        assert!(code.contains(&format!("telemetry::count(\"{metric}\")")), "nothing emits {metric}");
    }
    for metric in METRICS {
        assert!(template.contains(metric), "template.yaml neither shows {metric} nor alarms on it");
    }
    let named = template.lines().filter_map(|l| l.trim().strip_prefix("MetricName: "));
    for metric in named.filter(|m| !AWS_METRICS.contains(m) && *m != TOO_MANY_CALLS) {
        assert!(METRICS.contains(&metric), "template.yaml alarms on {metric}, which nothing emits");
    }
    Ok(())
}

/// What the template itself counts, in the API's access log.
const TOO_MANY_CALLS: &str = "TooManyCalls";

/// Names in quotes behind `"Crosscheck", ` are metrics of the dashboard.
#[test]
fn the_dashboard_shows_every_metric_with_its_dimension_and_no_other() -> Result {
    let template = read("template.yaml")?;
    let rows = template.lines().filter_map(|line| line.trim().strip_prefix("[\"Crosscheck\", \""));
    let mut shown = BTreeSet::new();
    for row in rows {
        let (name, rest) = row.split_once("\", ").ok_or("no metric")?;
        assert!(rest.starts_with("\"stack\", \"${AWS::StackName}\""), "{name} has another dimension");
        shown.insert(name.to_owned());
    }
    assert_eq!(shown, set(METRICS.into_iter().chain([TOO_MANY_CALLS]).map(str::to_owned)));
    Ok(())
}

/// The version has two more homes than Cargo.toml.
#[test]
fn the_template_names_the_version_that_it_deploys() -> Result {
    let template = read("template.yaml")?;
    let own = env!("CARGO_PKG_VERSION");
    assert!(template.contains(&format!("\n    Value: {own}\n")), "the output Version");
    assert!(template.contains(&format!("\n    SemanticVersion: {own}\n")), "the application's metadata");
    Ok(())
}

/// Metrics that AWS itself emits.
const AWS_METRICS: [&str; 6] = [
    "ApproximateNumberOfMessagesVisible",
    "ApproximateAgeOfOldestMessage",
    "Errors",
    "IteratorAge",
    "5XXError",
    "Throttles",
];

/// The names two blanks in, below a top-level section of the template.
fn section(template: &str, name: &str) -> Vec<String> {
    let inside = template.lines().skip_while(|line| *line != format!("{name}:")).skip(1);
    let inside = inside.take_while(|line| line.is_empty() || line.starts_with([' ', '#']));
    let keys = inside.filter(|line| line.starts_with("  ") && !line.starts_with("   ") && !line.contains('#'));
    keys.filter_map(|line| Some(line.trim().strip_suffix(':')?.to_owned())).collect()
}

fn set(names: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    names.into_iter().collect()
}

#[test]
fn every_alarm_is_explained_and_every_explained_alarm_is_there() -> Result {
    let (template, operate) = (read("template.yaml")?, read("docs/operate.md")?);
    let there = section(&template, "Resources").into_iter().filter(|name| name.ends_with("Alarm"));
    let explained = Table::find(&operate, &["alarm", "means", "do"]).names();
    assert_eq!(set(explained.into_iter().filter(|name| name.ends_with("Alarm"))), set(there));
    Ok(())
}

#[test]
fn every_metric_is_explained() -> Result {
    let explained = Table::find(&read("docs/operate.md")?, &["metric", "counts"]).names();
    assert_eq!(set(explained), set(METRICS.into_iter().chain([TOO_MANY_CALLS]).map(str::to_owned)));
    Ok(())
}

#[test]
fn every_parameter_is_explained_with_its_default() -> Result {
    let (template, deploy) = (read("template.yaml")?, read("docs/deploy.md")?);
    let table = Table::find(&deploy, &["parameter", "default", "meaning"]);
    let parameters = section(&template, "Parameters");
    assert_eq!(table.names(), parameters, "the same, in the same order");
    for name in parameters {
        let own = template.split(&format!("\n  {name}:\n")).nth(1).unwrap_or_default();
        let default = own.lines().find_map(|line| line.trim().strip_prefix("Default: ")).unwrap_or_default();
        let stated = table.row(&name)[1].trim_matches('`').replace("empty", "");
        assert_eq!(stated, default.trim_matches('\''), "the default of {name}");
    }
    Ok(())
}

/// The stand-in for the queue gives up when the template's does.
#[test]
fn a_message_is_delivered_as_often_here_as_in_aws() -> Result {
    let template = read("template.yaml")?;
    assert!(template.contains(&format!("\n        maxReceiveCount: {}\n", local::DELIVERIES)));
    Ok(())
}

/// What is imported is what the stack then has.
#[test]
fn a_kept_table_and_its_key_are_imported_as_the_template_has_them() -> Result {
    let (template, kept) = (read("template.yaml")?, read("docs/deploy/kept.yaml")?);
    let own = |text: &str, name: &str| {
        let rest = text.split(&format!("\n  {name}:\n")).nth(1).unwrap_or_default().to_owned();
        let inside = rest.lines().take_while(|line| line.starts_with("    ") || line.is_empty());
        inside.filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    for name in ["OrdersTable", "Key"] {
        assert!(own(&template, name).len() > 10, "{name}");
        assert_eq!(own(&kept, name), own(&template, name), "{name}");
    }
    assert_eq!(section(&kept, "Resources"), ["OrdersTable", "Key"]);
    Ok(())
}

#[test]
fn every_output_is_explained() -> Result {
    let explained = Table::find(&read("docs/deploy.md")?, &["output", "what it is"]).names();
    assert_eq!(set(explained), set(section(&read("template.yaml")?, "Outputs")));
    Ok(())
}

#[test]
fn every_function_is_listed_with_its_folder() -> Result {
    let table = Table::find(&read("docs/local.md")?, &["function", "folder below `functions/`", "who calls it"]);
    let template = read("template.yaml")?;
    let folders: BTreeSet<String> = table.rows().map(|row| row[1].trim_matches('`').to_owned()).collect();
    assert_eq!(folders, names("functions")?);
    for row in table.rows() {
        let (resource, folder) = (row[0].trim_matches('`'), row[1].trim_matches('`'));
        let own = template.split(&format!("\n  {resource}:\n")).nth(1).unwrap_or_default();
        let code = own.lines().find_map(|line| line.trim().strip_prefix("CodeUri: "));
        assert_eq!(code, Some(format!("functions/{folder}").as_str()), "{resource}");
    }
    Ok(())
}

#[test]
fn messages_are_kept_for_as_long_as_the_documents_say() -> Result {
    let template = read("template.yaml")?;
    let kept = template.lines().filter_map(|line| line.trim().strip_prefix("MessageRetentionPeriod: "));
    let days: Vec<u32> = kept.map(|seconds| Ok(seconds.parse::<u32>()? / 86_400)).collect::<Result<_>>()?;
    let stated = format!("| order ids | the queues | {} days, dead letters {} |", days[0], days[1]);
    assert!(read("docs/data.md")?.contains(&stated), "docs/data.md does not say: {stated}");
    Ok(())
}

/// Every vendor's callback is tried against the built function. Ashby's partners call as Justifacts does.
#[test]
fn every_vendor_has_an_event_of_its_callback() -> Result {
    let mut events = String::new();
    for name in names("events")? {
        events += &read(&format!("events/{name}"))?;
    }
    for vendor in VENDORS.into_iter().filter(|vendor| *vendor != VendorKind::AshbyPartner) {
        assert!(events.contains(&format!("callbacks/{vendor}/")), "events/ has no callback of {vendor}");
    }
    Ok(())
}
