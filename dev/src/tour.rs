//! The second part of `crosscheck demo`: one order by way of every other ATS and to every other vendor.

use shared::ats::{ATSS, AtsKind, KeySource};
use shared::order::{Order, State};
use shared::vendor::{VENDORS, VendorKind};

use crosscheck::deployment::CliError;
use crosscheck::output;
use sim::pair::{Milestone, Pair, Person};

const MEERA: Person<'_> =
    Person { first: "Meera", last: "Iyer", email: "meera.iyer@example.com", phone: Some("+91 99887 76655") };

/// The pairs to play: every ATS and every vendor that the first part left out, at least once.
fn pairs() -> Vec<(AtsKind, VendorKind)> {
    let ([_, rest @ ..], [first, others @ ..]) = (ATSS, VENDORS);
    let same_vendor = rest.into_iter().map(|ats| (ats, first));
    same_vendor.chain(ATSS.into_iter().cycle().zip(others)).collect()
}

/// Plays them one after the other; what became of each order, and how many checks were bought.
///
/// # Errors
/// When anything on the way is not as it should be.
pub(crate) async fn run(quiet: bool) -> Result<(Vec<Order>, usize), CliError> {
    let (mut orders, mut bought) = (Vec::new(), 0);
    for (ats, vendor) in pairs() {
        let tour = Tour { pair: Pair::start(ats, vendor).await?, quiet };
        orders.push(play(&tour).await?);
        bought += tour.pair.vendor.creates();
    }
    Ok((orders, bought))
}

struct Tour {
    pair: Pair,
    quiet: bool,
}

async fn play(tour: &Tour) -> Result<Order, CliError> {
    let pair = &tour.pair;
    let (ats, vendor) = (pair.ats.kind(), pair.vendor.kind());
    tour.say(format!("\n{} and {}.", ats.title(), vendor.title()))?;
    tour.say(match ats.facts().key_source {
        KeySource::Operator => "The admin pastes token and base URL, and gives an API key.",
        KeySource::Consent => "The admin presses Connect and fills in the consent page; keys are exchanged.",
        KeySource::Partner => "The admin pastes the token into the activation form, which is checked at once.",
    })?;
    let packages = pair.ats.packages().await?;
    let first = packages.first().ok_or_else(|| CliError::Input("the picker is empty".to_owned()))?;
    tour.say(format!(
        "A recruiter picks \"{first}\" out of {} packages for {} {}.",
        packages.len(),
        MEERA.first,
        MEERA.last
    ))?;
    let (card, answer) = pair.ats.orders(MEERA).await?;
    if !answer.is_ok() {
        return Err(CliError::Input(format!("the order was refused: {}", answer.text)));
    }
    let order = pair.until_card(&card, |o| o.placement.vendor_ref().is_some() && o.told == o.version).await?;
    let vendor_ref = order.placement.vendor_ref().unwrap_or_default().to_owned();
    tour.say(format!("{} has it as {vendor_ref}.", vendor.title()))?;
    for (milestone, state) in [(Milestone::InProgress, State::InProgress), (Milestone::Clear, State::Completed)] {
        pair.vendor.reaches(&vendor_ref, milestone).await?;
        pair.until_card(&card, |o| o.status.state == state && o.told == o.version).await?;
        tour.shows(&card)?;
    }
    pair.ends_with_bought(1)?;
    pair.order_of(&card).await
}

impl Tour {
    fn say(&self, text: impl AsRef<str>) -> Result<(), CliError> {
        if self.quiet { Ok(()) } else { Ok(output::line(text)?) }
    }

    fn shows(&self, card: &str) -> Result<(), CliError> {
        let shown = self.pair.ats.card(card).unwrap_or_default();
        let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
        self.say(format!(
            "    {} shows   status: {}   result: {}   link: {}",
            self.pair.ats.kind().title(),
            or_dash(&shown.status),
            or_dash(&shown.result),
            or_dash(&shown.link.unwrap_or_default())
        ))
    }
}
