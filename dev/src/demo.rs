//! `crosscheck demo`: two orders from the recruiter's click to the report, the second with a lost callback; then one
//! order by way of every other ATS and vendor.

use serde_json::{Value, json};
use shared::ats::AtsKind;
use shared::order::{Order, State};

use crate::tour;
use crosscheck::args::Json;
use crosscheck::deployment::CliError;
use crosscheck::orders::timeline;
use crosscheck::output;
use shared::vendor::VendorKind;
use sim::Delivery;
use sim::ashby::Partner;
use sim::ashby::Shown;
use sim::pair::{Pair, PlaysAts, PlaysVendor};
use sim::{SimAshby, SimSpringVerify};

/// SpringVerify's codes that the demo uses.
const PROCESSING: i64 = 4;
const COMPLETED: i64 = 1;

struct Stage {
    pair: Pair,
    ashby: SimAshby,
    partner: Partner,
    springverify: SimSpringVerify,
    quiet: bool,
}

/// Runs the command.
///
/// # Errors
/// When anything on the way is not as it should be.
pub(crate) async fn run(args: Json) -> Result<(), CliError> {
    let stage = Stage::open(args.json).await?;
    stage.say("The stack runs in this process: the deployed routes, an embedded DynamoDB, its stream, the queue.")?;
    let package = stage.refresh().await?;
    let first = stage.first(&package).await?;
    let second = stage.second(&package).await?;
    let violations = stage.ashby.violations();
    if !violations.is_empty() || stage.springverify.creates() != 2 {
        return Err(CliError::Input(format!("the protocol was not kept: {violations:?}")));
    }
    let mut orders = vec![first, second];
    let (more, bought) = tour::run(args.json).await?;
    orders.extend(more);
    let bought = bought + stage.springverify.creates();
    if args.json {
        let all: Vec<Value> = orders.iter().map(|o| output::order(o, None)).collect();
        return Ok(output::document(&json!({ "orders": all, "checks_bought": bought }))?);
    }
    for order in &orders {
        output::line(format!("\nOrder {}", order.id))?;
        timeline(order)?;
    }
    output::line(format!(
        "\n{} orders, {bought} checks bought, none twice. Try it yourself: `crosscheck dev --simulate`.",
        orders.len()
    ))?;
    Ok(())
}

impl Stage {
    async fn open(quiet: bool) -> Result<Self, CliError> {
        let pair = Pair::start(AtsKind::Ashby, VendorKind::SpringVerify).await?;
        let (ashby, partner, springverify) = accounts(pair.ats.as_ref(), pair.vendor.as_ref())?;
        Ok(Self { pair, ashby, partner, springverify, quiet })
    }

    fn say(&self, text: impl AsRef<str>) -> Result<(), CliError> {
        if self.quiet { Ok(()) } else { Ok(output::line(text)?) }
    }

    /// Ashby loads the package list, as its Refresh button does.
    async fn refresh(&self) -> Result<String, CliError> {
        self.ashby.refresh(&self.partner).await;
        let picker = self.ashby.picker();
        self.say(format!("\nAshby's admin presses Refresh: {} packages.", picker.len()))?;
        for package in &picker {
            self.say(format!("  - {}", text(package, "name")))?;
        }
        let first = picker.first().map(|p| text(p, "assessment_type_id").to_owned());
        first.ok_or_else(|| CliError::Input("Ashby shows no package".to_owned()))
    }

    async fn first(&self, package: &str) -> Result<Order, CliError> {
        self.say("\nFirst order: everything goes well.")?;
        let (id, check) = self.start(("Asha", "Rao", "asha.rao@example.com", "+91 98765 43210"), package).await?;
        self.say("SpringVerify: the candidate has filled the form, the checks begin.")?;
        self.moved(check, PROCESSING).await?;
        self.pair.until(&id, |o| o.status.state == State::InProgress && o.told == o.version).await?;
        self.shows(&id)?;
        self.say("SpringVerify: done, nothing adverse.")?;
        self.moved(check, COMPLETED).await?;
        self.finish(&id).await
    }

    async fn second(&self, package: &str) -> Result<Order, CliError> {
        self.say("\nSecond order: SpringVerify's callback gets lost.")?;
        let (id, check) = self.start(("Ravi", "Menon", "ravi.menon@example.com", "9123456780"), package).await?;
        self.springverify.set_delivery(Delivery::Lose);
        self.moved(check, COMPLETED).await?;
        self.say("SpringVerify: done, but nobody hears of it.")?;
        self.shows(&id)?;
        let queued = self.pair.an_hour_passes().await?;
        self.say(format!("An hour passes. The sync asks about {queued} open order, and not about the closed one."))?;
        self.finish(&id).await
    }

    /// A recruiter starts the check, and the candidate is invited.
    async fn start(&self, person: (&str, &str, &str, &str), package: &str) -> Result<(String, i64), CliError> {
        let (first, last, email, phone) = person;
        let applicant = self.ashby.add_candidate(first, last, email, Some(phone));
        let started = self.ashby.recruiter_starts(&self.partner, &applicant.application_id, package, Value::Null).await;
        let answer = started.map_err(|e| CliError::Input(e.to_string()))?;
        let id = answer.str_at("/results/assessment_id").map(str::to_owned);
        let id = id.ok_or_else(|| CliError::Input(format!("the order was refused: {}", answer.body)))?;
        self.say(format!("A recruiter starts the check for {first} {last}. Ashby gets assessment {id} at once."))?;
        let order = self.pair.until(&id, |o| o.placement.vendor_ref().is_some()).await?;
        let check = order.placement.vendor_ref().and_then(|r| r.parse().ok()).unwrap_or_default();
        self.say(format!("The worker has placed it: SpringVerify candidate {check} is invited by e-mail."))?;
        self.pair.until(&id, |o| o.told == o.version).await?;
        self.shows(&id)?;
        Ok((id, check))
    }

    async fn moved(&self, check: i64, code: i64) -> Result<(), CliError> {
        let moved = self.springverify.vendor_moves(check, code).await;
        moved.map(drop).map_err(|e| CliError::Input(e.to_string()))
    }

    async fn finish(&self, id: &str) -> Result<Order, CliError> {
        let done = |o: &Order| o.status.state == State::Completed && o.told == o.version;
        let order = self.pair.until(id, done).await?;
        let shown = self.shows(id)?;
        if shown.completed && shown.profile_url.is_some() {
            return Ok(order);
        }
        Err(CliError::Input("Ashby does not show the result".to_owned()))
    }

    /// What the recruiter sees in Ashby.
    fn shows(&self, id: &str) -> Result<Shown, CliError> {
        let shown = self.ashby.shows(id).unwrap_or_default();
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        self.say(format!(
            "    Ashby shows   status: {}   result: {}   link: {}",
            or_dash(&shown.status),
            or_dash(&shown.result),
            or_dash(&shown.profile_url)
        ))?;
        Ok(shown)
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The simulated accounts behind a pair of Ashby and SpringVerify, and how Ashby reaches us.
pub(crate) fn accounts(
    ats: &dyn PlaysAts,
    vendor: &dyn PlaysVendor,
) -> Result<(SimAshby, Partner, SimSpringVerify), CliError> {
    let other = || CliError::Input("this takes a connected Ashby and a SpringVerify".to_owned());
    let (ashby, partner) = ats.ashby().ok_or_else(other)?;
    Ok((ashby.clone(), partner.clone(), vendor.springverify().ok_or_else(other)?.clone()))
}
