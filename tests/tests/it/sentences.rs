//! Every sentence that a recruiter can read, in one place: `docs/sentences.md`, which `make tables` writes anew.
//!
//! Read the document after a change of words. The test also holds each sentence to what a recruiter can be asked to
//! understand: no field names, no status codes, no words of a program.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::json;
use shared::ats::{ATSS, AtsKind};
use shared::config::optional;
use shared::connection::{Catalogue, ConnectionState};
use shared::order::{Candidate, NotOrdered};
use shared::vendor::{VENDORS, VendorKind};
use sim::faults::EVERY_OPERATION;
use sim::pair::{Milestone, Pair, Person};
use sim::teamtailor::Context;
use sim::{Answer, Fault, Reply};
use tests::world::Result;

const DOCUMENT: &str = "docs/sentences.md";

/// What stands above the tables.
const HEAD: &str = "# What recruiters read\n\n\
    Every sentence that Crosscheck puts before a recruiter, as the simulated ATSs show it. `make tables` writes this page, \
    and a test fails when it is not as the code has it.\n";

const ASHA: Person<'_> =
    Person { first: "Asha", last: "Rao", email: "asha@example.com", phone: Some("+91 98765 43210") };

/// What goes wrong with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::VariantArray)]
enum Case {
    Nothing,
    Paused,
    Revoked,
    NoPhone,
    Busy,
    KeyRefused,
    RightMissing,
    NotAllowed,
    PackageGone,
    DataRefused,
    KnownAlready,
    Unclear,
    NotOrderedAsked,
    AskRefused,
    CheckGone,
    CannotStop,
    ClosedByOperator,
}

impl Case {
    const fn title(self) -> &'static str {
        match self {
            Self::Nothing => "nothing: the vendor has the order",
            Self::Paused => "the operator has paused the connection",
            Self::Revoked => "the connection is revoked before the vendor has the order",
            Self::NoPhone => "the vendor needs a phone number, and the candidate has none",
            Self::Busy => "the vendor takes no orders at the moment",
            Self::KeyRefused => "the vendor refuses the key",
            Self::RightMissing => "the account lacks a right",
            Self::NotAllowed => "the vendor refuses this order alone",
            Self::PackageGone => "the vendor no longer knows the package",
            Self::DataRefused => "the vendor refuses the data",
            Self::KnownAlready => "the vendor has somebody with this e-mail address or phone number",
            Self::Unclear => "the vendor gave no clear answer",
            Self::NotOrderedAsked => "it is cancelled before the vendor has it",
            Self::AskRefused => "the vendor refuses to show the check",
            Self::CheckGone => "the vendor has deleted the check",
            Self::CannotStop => "a cancellation that the vendor cannot carry out",
            Self::ClosedByOperator => "the operator closes the order",
        }
    }

    /// Prepares the account, orders, and lets the rest happen: the card, or the answer that refused the order.
    async fn play(self, pair: &Pair) -> Result<(String, Answer)> {
        let words = |status: u16, words: &str| Fault::Answer(Reply::json(status, &json!({ "message": words })));
        let buying = |fault: Fault| pair.vendor.faults().always(pair.vendor.buying(), fault);
        let person = match self {
            Self::NoPhone => Person { phone: None, ..ASHA },
            _ => ASHA,
        };
        match self {
            Self::Paused => turn(pair, ConnectionState::Paused).await?,
            Self::Busy | Self::NotOrderedAsked | Self::Revoked => buying(Fault::rate_limited(30)),
            Self::KeyRefused => pair.vendor.faults().always(EVERY_OPERATION, Fault::status(401)),
            Self::RightMissing => buying(words(403, "the account is not approved for production")),
            Self::NotAllowed => buying(words(403, "not for this candidate")),
            Self::PackageGone => buying(Fault::status(404)),
            Self::DataRefused => buying(words(422, "the name is too long")),
            Self::KnownAlready => buying(words(409, "exists")),
            Self::Unclear => {
                pair.vendor.faults().always("candidate/list", Fault::status(503));
                buying(Fault::DoThenCut);
            }
            _ => {}
        }
        let (card, answer) = pair.ats.orders(person).await?;
        if answer.is_ok() { self.goes_on(pair, card, answer).await } else { Ok((card, answer)) }
    }
}

async fn turn(pair: &Pair, state: ConnectionState) -> Result {
    pair.deployment.services.change_connection(&pair.made.connection.id, |c| c.state = state).await?;
    Ok(())
}

impl Case {
    /// What happens after the ATS has its answer.
    async fn goes_on(self, pair: &Pair, card: String, answer: Answer) -> Result<(String, Answer)> {
        pair.idle().await;
        match self {
            Self::NotOrderedAsked | Self::CannotStop => {
                let order = pair.order_of(&card).await?;
                if let (Self::CannotStop, Some(check)) = (self, order.placement.vendor_ref()) {
                    pair.vendor.reaches(check, Milestone::InProgress).await?;
                    pair.idle().await;
                }
                let asks = |o: &mut shared::order::Order| o.ask_to_cancel("the recruiter", o.created_at);
                pair.deployment.services.store.change(order.id, true, asks).await?;
            }
            Self::Revoked => {
                turn(pair, ConnectionState::Revoked).await?;
                pair.an_hour_passes().await?;
            }
            Self::ClosedByOperator => {
                let order = pair.order_of(&card).await?;
                let closes = |o: &mut shared::order::Order| o.close(o.created_at);
                pair.deployment.services.store.change(order.id, true, closes).await?;
            }
            Self::AskRefused | Self::CheckGone => {
                let status = if self == Self::CheckGone { 404 } else { 403 };
                pair.vendor.faults().always("candidate/details", Fault::status(status));
                pair.an_hour_passes().await?;
            }
            _ => {}
        }
        pair.idle().await;
        Ok((card, answer))
    }
}

/// What the recruiter reads: where there is nothing to pick and no card yet, the picker's words; of a refusal its words;
/// else the card.
async fn seen(ats: AtsKind, pair: &Pair, card: &str, answer: &Answer) -> Result<String> {
    if let Some(sim) = pair.ats.teamtailor() {
        let picker = sim.config(&pair.ats.account(), Context::default()).await?;
        let shown = sim.shows(card);
        let says_nothing = shown.as_ref().is_none_or(|shown| shown.summary.is_none());
        if let Some(words) = picker.str_at("/config/fields/0/message").filter(|_| says_nothing) {
            return Ok(format!("in the picker: {words}"));
        }
        // Its card cuts what is longer than it shows, and nobody looks for the rest.
        let shown = shown.filter(|shown| shown.summary != shown.card_summary);
        if let Some(cut) = shown.and_then(|shown| shown.summary) {
            return Ok(format!("{TOO_LONG} {cut}"));
        }
    }
    if !answer.is_ok() {
        let words = match ats {
            AtsKind::Ashby => answer.str_at("/errorInfo/message").unwrap_or_default().to_owned(),
            AtsKind::Teamtailor => answer.body.as_str().unwrap_or_default().to_owned(),
            AtsKind::SmartRecruiters => return Ok("(there is nothing to pick)".to_owned()),
        };
        return Ok(format!("at the click: {words}"));
    }
    let card = pair.ats.card(card).unwrap_or_default();
    let parts = [card.status, card.result].into_iter().filter(|part| !part.is_empty());
    Ok(parts.collect::<Vec<_>>().join(" · "))
}

async fn one(ats: AtsKind, case: Case) -> Result<String> {
    let pair = Pair::start(ats, VendorKind::SpringVerify).await?;
    let (card, answer) = case.play(&pair).await?;
    seen(ats, &pair, &card, &answer).await
}

/// One column: each case with an account of its own.
async fn column(ats: AtsKind) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for case in <Case as strum::VariantArray>::VARIANTS {
        let said = one(ats, *case).await.map_err(|e| format!("{ats}, {case:?}: {e}"))?;
        found.push(said);
    }
    Ok(found)
}

fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
    format!("| {} |\n", cells.join(" | "))
}

fn table(head: &[&str], rows: impl IntoIterator<Item = String>) -> String {
    let line = format!("|{}\n", "---|".repeat(head.len()));
    rows.into_iter().fold(row(head) + &line, |table, row| table + &row)
}

/// People whom no vendor, or not every vendor, takes as they are written.
const PEOPLE: [(&str, &str, &str, &str, Option<&str>); 15] = [
    ("no phone number", "Asha", "Rao", "asha@example.com", None),
    ("two phone numbers", "Asha", "Rao", "asha@example.com", Some("+91 98765 43210 / +91 98765 43211")),
    ("an extension", "Asha", "Rao", "asha@example.com", Some("+1 415 555 0132 ext. 12")),
    ("too few digits", "Asha", "Rao", "asha@example.com", Some("+91 12")),
    ("a foreign number", "Asha", "Rao", "asha@example.com", Some("+49 89 234567")),
    ("words in place of a number", "Asha", "Rao", "asha@example.com", Some("ask her")),
    ("no e-mail address", "Asha", "Rao", "", Some("+91 98765 43210")),
    ("two e-mail addresses", "Asha", "Rao", "asha@example.com, rao@example.com", Some("+91 98765 43210")),
    ("no address in the e-mail field", "Asha", "Rao", "asha at example", Some("+91 98765 43210")),
    ("no name", "", "", "asha@example.com", Some("+91 98765 43210")),
    ("one name", "Asha", "", "asha@example.com", Some("+91 98765 43210")),
    ("a name in another script", "\u{674e}", "\u{5a1c}", "asha@example.com", Some("+91 98765 43210")),
    ("letters beyond A to Z", "\u{141}ukasz", "S\u{f8}rensen", "asha@example.com", Some("+91 98765 43210")),
    ("a sign for a name", "Asha", "-", "asha@example.com", Some("+91 98765 43210")),
    ("digits in a name", "Asha", "Rao 2", "asha@example.com", Some("+91 98765 43210")),
];

/// What each vendor asks for before anything is bought.
fn asked(vendor: VendorKind) -> Vec<String> {
    let catalogue = Catalogue { needs_phone: false, needs_email: true, ..Catalogue::default() };
    let rows = PEOPLE.iter().map(|(what, first, last, email, phone)| {
        let candidate = Candidate {
            first_name: (*first).to_owned(),
            last_name: (*last).to_owned(),
            email: (*email).to_owned(),
            phone: phone.map(str::to_owned),
        };
        let said = vendor.connector().preflight(&candidate, &catalogue);
        let said = said.err().map(|why| NotOrdered::from(why).to_string());
        row(&[*what, said.as_deref().unwrap_or("(taken)")])
    });
    rows.collect()
}

/// What stands before a sentence that Teamtailor's card cuts.
const TOO_LONG: &str = "(too long)";

/// What no recruiter can be asked to understand.
const NOT_FOR_RECRUITERS: [&str; 10] =
    ["`", "_", "HTTP", "null", "JSON", "field", "webhook", "None", "storage", TOO_LONG];

fn is_for_recruiters(sentence: &str) -> bool {
    // The states of SmartRecruiters are words of its screens.
    let said = sentence.replace("IN_PROGRESS", "").replace("ACTION_REQUIRED", "");
    NOT_FOR_RECRUITERS.iter().all(|word| !said.contains(word))
}

async fn page() -> Result<String> {
    let columns = {
        let [ashby, smartrecruiters, teamtailor] = ATSS.map(|ats| tokio::spawn(async move { column(ats).await }));
        [ashby.await??, smartrecruiters.await??, teamtailor.await??]
    };
    let cases = <Case as strum::VariantArray>::VARIANTS.iter().enumerate();
    let rows = cases.map(|(n, case)| row(&[case.title(), &columns[0][n], &columns[1][n], &columns[2][n]]));
    let titles = ATSS.map(AtsKind::title);
    let mut page = HEAD.to_owned();
    page.push_str("\n## When an order is placed and followed\n\nThe vendor is SpringVerify.\n\n");
    page.push_str(&table(&["what happens", titles[0], titles[1], titles[2]], rows));
    page.push_str("\n## What a vendor asks of a candidate\n\nChecked before anything is bought.\n");
    for vendor in VENDORS {
        write!(page, "\n### {}\n\n", vendor.title())?;
        page.push_str(&table(&["the candidate has", "the recruiter reads"], asked(vendor)));
    }
    Ok(page)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sentence_is_in_the_document_and_says_nothing_that_a_recruiter_cannot_know() -> Result {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(DOCUMENT);
    let page = page().await?;
    if optional("CROSSCHECK_RENEW_TABLES").is_some() {
        fs::write(&path, &page)?;
    }
    let cells = page.lines().filter(|line| line.starts_with("| ")).flat_map(|line| line.split(" | ").skip(1));
    let odd: Vec<&str> = cells.filter(|cell| !is_for_recruiters(cell)).collect();
    assert!(odd.is_empty(), "no words for recruiters: {odd:#?}");
    assert!(fs::read_to_string(&path)? == page, "{DOCUMENT} is not as the code has it: run `make tables`");
    Ok(())
}
