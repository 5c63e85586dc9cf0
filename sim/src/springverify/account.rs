//! What one SpringVerify account holds: packages, credits, candidates and report links.

use super::super::SimError;
use super::super::new_id;
use super::pushes::Pushes;
use super::request::{NewCandidate, Rules};
use super::status::{AWAITING_INPUT, INSUFFICIENT_FUNDS, Status};
use serde_json::{Value, json};
use std::collections::HashMap;

/// One orderable package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The collection it belongs to.
    pub package_id: i64,
    /// The collection's name.
    pub package_name: String,
    /// What an order names.
    pub subtype_id: i64,
    /// The name of that.
    pub subtype_name: String,
}

#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) id: i64,
    pub(super) new: NewCandidate,
    pub(super) status: Status,
    pub(super) completed: Option<String>,
}

#[derive(Debug)]
pub(super) struct Account {
    pub(super) base_url: String,
    pub(super) token: String,
    pub(super) packages: Vec<Package>,
    pub(super) credit_balance: i64,
    pub(super) required_fields: Vec<String>,
    pub(super) email_optional: bool,
    pub(super) candidates: Vec<Candidate>,
    /// Whether reads give back `meta_data`, which no public source confirms.
    pub(super) meta_data_in_reads: bool,
    pub(super) creates: usize,
    pub(super) pushes: Pushes,
    /// Signature of a report link, and the candidate while it has not expired.
    links: HashMap<String, Option<i64>>,
    last_id: i64,
}

impl Account {
    pub(super) fn new() -> Self {
        let package = |subtype_id, subtype_name: &str| Package {
            package_id: 101,
            package_name: "Standard".into(),
            subtype_id,
            subtype_name: subtype_name.into(),
        };
        Self {
            base_url: String::new(),
            token: new_id(),
            packages: vec![package(4238, "Identity and address"), package(4239, "Employment")],
            credit_balance: 100,
            required_fields: vec!["EMAIL".into(), "PHONE".into()],
            email_optional: false,
            candidates: Vec::new(),
            meta_data_in_reads: false,
            creates: 0,
            pushes: Pushes::default(),
            links: HashMap::new(),
            last_id: 70_000,
        }
    }

    pub(super) fn rules(&self) -> Rules {
        Rules {
            required_fields: self.required_fields.clone(),
            email_optional: self.email_optional,
            subtype_ids: self.packages.iter().map(|one| one.subtype_id).collect(),
        }
    }

    /// Whether the account has a candidate with this e-mail or phone, however their check ended.
    pub(super) fn has_double(&self, new: &NewCandidate) -> bool {
        let email = |one: &NewCandidate| !new.email.is_empty() && one.email.eq_ignore_ascii_case(&new.email);
        let phone = |one: &NewCandidate| !new.phone.is_empty() && one.phone == new.phone;
        self.candidates.iter().any(|one| email(&one.new) || phone(&one.new))
    }

    /// Takes a credit; without one the candidate waits in Insufficient funds.
    pub(super) fn add(&mut self, new: NewCandidate) -> i64 {
        self.last_id += 1;
        let paid = self.credit_balance > 0;
        self.credit_balance -= i64::from(paid);
        let code = if paid { AWAITING_INPUT } else { INSUFFICIENT_FUNDS };
        let (id, status) = (self.last_id, Status::of(code));
        self.candidates.push(Candidate { id, new, status, completed: None });
        id
    }

    /// Only a candidate awaiting input can be deleted, and gives the credit back.
    pub(super) fn delete(&mut self, id: i64) -> Result<(), SimError> {
        let waits = |one: &Candidate| one.id == id && one.status.code == AWAITING_INPUT;
        let at = self.candidates.iter().position(waits);
        let at = at.ok_or_else(|| SimError::unknown("candidate awaiting input", id))?;
        self.candidates.remove(at);
        self.credit_balance += 1;
        Ok(())
    }

    pub(super) fn candidate(&self, id: i64) -> Option<&Candidate> {
        self.candidates.iter().find(|one| one.id == id)
    }

    /// Sets the status and returns the callback that tells of it.
    pub(super) fn moves(&mut self, id: i64, status: Status) -> Result<Value, SimError> {
        let finished = status.is_finished();
        let link = finished.then(|| self.report_link(id));
        let candidate = self.candidates.iter_mut().find(|one| one.id == id);
        let candidate = candidate.ok_or_else(|| SimError::unknown("candidate", id))?;
        candidate.completed = finished.then(now);
        candidate.status = status;
        Ok(json!({
            "event": if finished { "completed" } else { "status_update" },
            "candidate_id": id,
            "overall_status_code": candidate.status.code,
            "overall_status": candidate.status.word,
            "completed_date": candidate.completed,
            "report_url": link,
            "meta_data": candidate.new.meta_data,
            "name": candidate.new.name,
            "email": candidate.new.email,
        }))
    }

    fn report_link(&mut self, id: i64) -> String {
        let signature = new_id();
        let link = format!("{}/reports/{id}.pdf?signature={signature}", self.base_url);
        self.links.insert(signature, Some(id));
        link
    }

    /// The candidate a live report link is about.
    pub(super) fn linked(&self, signature: &str) -> Option<i64> {
        self.links.get(signature).copied().flatten()
    }

    pub(super) fn expire_links(&mut self) {
        self.links.values_mut().for_each(|link| *link = None);
    }
}

#[expect(clippy::disallowed_methods, reason = "the vendor's clock is not the bridge's")]
fn now() -> String {
    jiff::Timestamp::now().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asha() -> NewCandidate {
        let text = |text: &str| text.to_owned();
        let (name, email, phone) = (text("Asha Rao"), text("a@b.in"), text("9876543210"));
        let (employee_id, meta_data) = (String::new(), json!({"order_id": "o"}));
        NewCandidate { name, email, phone, employee_id, subtype_id: 4238, meta_data }
    }

    #[test]
    fn a_candidate_costs_a_credit_and_gives_it_back_only_while_awaiting_input() {
        let mut account = Account::new();
        let id = account.add(asha());
        assert_eq!(account.credit_balance, 99);
        account.delete(id).unwrap();
        assert_eq!(account.credit_balance, 100);
        let id = account.add(asha());
        account.moves(id, Status::of(0)).unwrap();
        assert!(account.delete(id).is_err());
    }

    #[test]
    fn the_same_email_in_other_letters_or_the_same_phone_is_a_double() {
        let mut account = Account::new();
        account.add(asha());
        let email = NewCandidate { email: "A@B.in".into(), phone: "6000000000".into(), ..asha() };
        let phone = NewCandidate { email: "other@b.in".into(), ..asha() };
        let other = NewCandidate { email: "other@b.in".into(), ..email.clone() };
        assert!(account.has_double(&email) && account.has_double(&phone));
        assert!(!account.has_double(&other));
    }

    #[test]
    fn without_credits_the_candidate_waits_for_funds() {
        let mut account = Account::new();
        account.credit_balance = 0;
        let id = account.add(asha());
        assert_eq!(account.candidate(id).unwrap().status.word, "Insufficient funds");
        assert_eq!(account.credit_balance, 0);
    }
}
