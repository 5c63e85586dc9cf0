//! Logs as JSON lines and metrics in `CloudWatch`'s embedded metric format, both on standard output.
//!
//! One field name per thing: `order_id` (the correlation id of everything about an order), `connection_id`,
//! `operation`, `fault`, `duration_ms`. What Lambda knows of an invocation is on every line, under the names that
//! Powertools for AWS Lambda gives it: `service`, `function_request_id`, `xray_trace_id`, `cold_start`. Texts of people
//! and bodies never reach this module.

use std::io::Write as _;
use std::sync::{OnceLock, RwLock};

use lambda_runtime::Context;
use serde::Serialize;
use serde_json::{Value, json};
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

/// The invocation under way. A function of Lambda's has one at a time, so it needs no passing around.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
struct Invocation {
    service: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    xray_trace_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cold_start: Option<bool>,
}

static INVOCATION: RwLock<Option<Invocation>> = RwLock::new(None);

impl Invocation {
    /// The invocation that follows this one.
    fn next(&self, context: &Context) -> Self {
        // The header is "Root=1-…;Parent=…;Sampled=1"; whoever looks a trace up enters what follows "Root=".
        let root = |header: &String| header.split(';').find_map(|part| part.strip_prefix("Root=")).map(str::to_owned);
        Self {
            service: self.service,
            function_request_id: Some(context.request_id.clone()),
            xray_trace_id: context.xray_trace_id.as_ref().and_then(root),
            cold_start: Some(self.cold_start.is_none()),
        }
    }
}

fn under_way() -> Option<Invocation> {
    INVOCATION.read().ok()?.clone()
}

/// Starts logs and metrics of a deployed function, which names itself. Programs that do not call it emit no metrics.
pub fn start(config: &Config, service: &'static str) {
    let level: LevelFilter = config.log_level.parse().unwrap_or(LevelFilter::INFO);
    // Libraries may log requests in full below `warn`, and requests name people; our own lines never do.
    let ours = Targets::new().with_default(LevelFilter::WARN.min(level)).with_target("shared", level);
    let mut lines = json_subscriber::fmt::layer()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_writer(std::io::stdout);
    let layer = lines.inner_layer_mut();
    layer.add_dynamic_field("service", |_, _| Some(under_way()?.service));
    layer.add_dynamic_field("function_request_id", |_, _| under_way()?.function_request_id);
    layer.add_dynamic_field("xray_trace_id", |_, _| under_way()?.xray_trace_id);
    layer.add_dynamic_field("cold_start", |_, _| under_way()?.cold_start);
    // A second call in one process (tests) finds the subscriber set; the first one stays.
    let _ = tracing_subscriber::registry().with(lines.with_filter(ours)).try_init();
    let _ = EMF.set(Emf { namespace: config.metric_namespace.clone(), stack: config.stack.clone() });
    set(Invocation { service, ..Invocation::default() });
}

/// Lines and metrics from now on belong to this invocation.
pub fn invoked(context: &Context) {
    if let Some(before) = under_way() {
        set(before.next(context));
    }
}

fn set(invocation: Invocation) {
    if let Ok(mut current) = INVOCATION.write() {
        *current = Some(invocation);
    }
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
    let mut line = json!({
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
    let invocation = under_way().and_then(|invocation| serde_json::to_value(invocation).ok());
    if let (Value::Object(line), Some(Value::Object(invocation))) = (&mut line, invocation) {
        line.extend(invocation);
    }
    // A function whose standard output is closed has nobody to tell.
    let _ = writeln!(std::io::stdout(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(request: &str, trace: Option<&str>) -> Context {
        let mut context = Context::default();
        context.request_id = request.to_owned();
        context.xray_trace_id = trace.map(str::to_owned);
        context
    }

    #[test]
    fn only_the_first_invocation_is_a_cold_start_and_a_trace_goes_by_its_root() {
        let started = Invocation { service: "order-worker", ..Invocation::default() };
        assert_eq!(serde_json::to_value(&started).expect("JSON"), json!({ "service": "order-worker" }));
        let first = started.next(&context("r-1", Some("Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0")));
        let wanted = json!({
            "service": "order-worker",
            "function_request_id": "r-1",
            "xray_trace_id": "1-5bef4de7-ad49b0e87f6ef6c87fc2e700",
            "cold_start": true,
        });
        assert_eq!(serde_json::to_value(&first).expect("JSON"), wanted);
        let second = first.next(&context("r-2", None));
        let wanted = json!({ "service": "order-worker", "function_request_id": "r-2", "cold_start": false });
        assert_eq!(serde_json::to_value(&second).expect("JSON"), wanted);
    }
}
