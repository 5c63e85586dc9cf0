//! The contract of every vendor, kept through the whole stack: callbacks, purchases, strangers and words that go wrong.

mod callbacks;
mod checkr;
mod explain;
mod letter;
mod overtaking;
mod purchases;
mod refusals;
mod rows;
mod stackone;
mod strangers;
mod unreadable;
mod words;

use shared::ats::AtsKind;
use shared::order::{ASK_AGAIN, Order, Outcome, State};
use sim::pair::{Milestone, Pair, Person};
use tests::world::Result;

/// Plays a case with every vendor, all at the same time, each behind a stack of its own.
async fn with_every_vendor<F>(case: impl Fn(Pair) -> F + Copy + Send + Sync + 'static) -> Result
where
    F: Future<Output = Result> + Send + 'static,
{
    super::with_every_vendor(move |vendor| async move { case(Pair::start(AtsKind::Ashby, vendor).await?).await }).await
}

/// A case that ends at the first thing that is not as it should be.
#[expect(clippy::needless_pass_by_value, reason = "what is compared is made for the comparison")]
fn same<T: PartialEq + std::fmt::Debug>(what: &str, is: T, should: T) -> Result {
    if is == should { Ok(()) } else { Err(format!("{what}: {is:?} instead of {should:?}").into()) }
}

fn holds(what: &str, text: &str, part: &str) -> Result {
    if text.contains(part) { Ok(()) } else { Err(format!("{what}: no {part:?} in {text:?}").into()) }
}

/// The e-mail address of the `n`th candidate.
fn email(n: usize) -> String {
    format!("asha{n}@example.com")
}

/// A recruiter orders a check for the `n`th candidate, who shares neither address nor number with any other.
async fn orders(pair: &Pair, n: usize) -> Result<String> {
    let (email, phone) = (email(n), format!("+91 98765 {n:05}"));
    let asha = Person { first: "Asha", last: "Rao", email: &email, phone: Some(&phone) };
    let (card, answer) = pair.ats.orders(asha).await?;
    if answer.is_ok() { Ok(card) } else { Err(format!("refused with {}: {}", answer.http_status, answer.text).into()) }
}

/// The same, and the vendor has it; the order's id and the vendor's.
async fn placed(pair: &Pair, n: usize) -> Result<(String, String)> {
    let id = orders(pair, n).await?;
    let check = has_it(pair, &id).await?;
    Ok((id, check))
}

/// Waits until the vendor has the order, and the ATS knows.
async fn has_it(pair: &Pair, id: &str) -> Result<String> {
    let order = pair.until(id, |o| o.placement.vendor_ref().is_some() && o.told == o.version).await?;
    Ok(order.placement.vendor_ref().unwrap_or_default().to_owned())
}

/// Waits until the order is in this state and the ATS knows.
async fn until(pair: &Pair, id: &str, state: State) -> Result<Order> {
    Ok(pair.until(id, |o| o.status.state == state && o.told == o.version).await?)
}

/// The check gets there, and every callback is taken.
async fn reaches(pair: &Pair, check: &str, milestone: Milestone) -> Result {
    taken(&pair.vendor.reaches(check, milestone).await?)
}

fn taken(answers: &[u16]) -> Result {
    same("callbacks are taken", answers.iter().all(|status| *status == 200), true)
}

/// An hour passes, the sync runs, and the worker has had time; how many orders were not at rest.
async fn an_hour_passes(pair: &Pair) -> Result<usize> {
    Ok(pair.an_hour_passes().await?)
}

/// Waits until nothing happens any more, the second question about a push included: the order as it then stands.
async fn at_rest(pair: &Pair, id: &str) -> Result<Order> {
    pair.idle().await;
    let order = pair.until(id, |o| o.told == o.version && !o.has_question()).await?;
    if order.ask_again_at.is_none() {
        return Ok(order);
    }
    pair.time_passes(ASK_AGAIN.unsigned_abs());
    // Another message may be due at the same time: its run asks too, and is to be over before calls are counted.
    pair.idle().await;
    Ok(pair.until(id, |o| o.told == o.version && !o.has_question() && o.ask_again_at.is_none()).await?)
}

/// The check is completed as clear, the recruiter sees that, the sync is done with it, and one check was bought.
async fn ends_clear(pair: &Pair, id: &str) -> Result<Order> {
    until(pair, id, State::Completed).await?;
    let order = at_rest(pair, id).await?;
    same("the end", (order.status.state, order.status.outcome), (State::Completed, Outcome::Clear))?;
    let card = pair.ats.card(id).ok_or("no card")?;
    same("the card's result", card.result.as_str(), "Clear")?;
    same("what the sync has left to do", an_hour_passes(pair).await?, 0)?;
    pair.ends_with_bought(1)?;
    Ok(order)
}

/// How often the order's story says that it got to this state.
fn times(order: &Order, state: State) -> usize {
    let said = |text: &str| text.starts_with(&format!("{state}:")) || text.starts_with(&format!("{state} ("));
    order.history.iter().filter(|entry| said(&entry.text)).count()
}
