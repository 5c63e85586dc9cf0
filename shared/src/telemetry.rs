//! Logs as JSON lines and metrics in `CloudWatch`'s embedded metric format, both on standard output.
//!
//! One field name per thing: `order_id` (the correlation id of everything about an order), `connection_id`,
//! `operation`, `fault`, `duration_ms`. Texts of people and bodies never reach this module.

use std::io::Write as _;
use std::sync::OnceLock;

use serde_json::json;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::Config;

/// Every metric that the code emits. The template's alarms and dashboard name the same ones; a test compares them.
pub const METRICS: [&str; 12] = [
    "OrderTaken",
    "OrderRefused",
    "OrderCompleted",
    "ReportTaken",
    "AtsTold",
    "AtsRefused",
    "RetryQueued",
    "OutcomeUnknown",
    "UnknownWord",
    "ConnectionTrouble",
    "CallbackRefused",
    "SyncCompleted",
];

struct Emf {
    namespace: String,
    stack: String,
}

static EMF: OnceLock<Emf> = OnceLock::new();

/// Starts logs and metrics of a deployed function. Programs that do not call it emit no metrics.
pub fn start(config: &Config) {
    let level: LevelFilter = config.log_level.parse().unwrap_or(LevelFilter::INFO);
    // Libraries may log requests in full below `warn`, and requests name people; our own lines never do.
    let ours = Targets::new().with_default(LevelFilter::WARN.min(level)).with_target("shared", level);
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_writer(std::io::stdout)
        .with_filter(ours);
    // A second call in one process (tests) finds the subscriber set; the first one stays.
    let _ = tracing_subscriber::registry().with(lines).try_init();
    let _ = EMF.set(Emf { namespace: config.metric_namespace.clone(), stack: config.stack.clone() });
}

/// Counts something that happened once.
pub fn count(metric: &'static str) {
    add(metric, 1);
}

/// Counts something that happened `value` times.
#[expect(clippy::disallowed_methods, reason = "a metric's time is when it is written")]
pub fn add(metric: &'static str, value: u64) {
    debug_assert!(METRICS.contains(&metric), "{metric} is not listed in METRICS");
    let Some(emf) = EMF.get() else { return };
    let line = json!({
        "_aws": {
            "Timestamp": jiff::Timestamp::now().as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": emf.namespace,
                "Dimensions": [["stack"]],
                "Metrics": [{ "Name": metric, "Unit": "Count" }],
            }],
        },
        "stack": emf.stack,
        metric: value,
    });
    // A function whose standard output is closed has nobody to tell.
    let _ = writeln!(std::io::stdout(), "{line}");
}
