//! Checkr's webhooks: whom they are sent to, what becomes of them on the way, and what is sent
//! again because nobody took it.

use super::{clock, object_id};
use crate::Delivery;
use serde_json::{Value, json};

/// A webhook that was delivered, or tried to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivered {
    /// The event's id: the same in every delivery of it.
    pub event_id: String,
    /// The event's type, such as `report.completed`.
    pub kind: String,
    /// The id of the candidate, invitation or report.
    pub about: String,
    /// Where it was sent.
    pub url: String,
    /// Its body.
    pub body: Value,
    /// What was answered; [`super::super::NO_ANSWER`] if nobody did.
    pub http_status: u16,
}

/// One event on its way to one URL. The text is kept: a repetition has the same bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Letter {
    pub(super) event_id: String,
    pub(super) kind: String,
    pub(super) about: String,
    pub(super) url: String,
    pub(super) text: String,
}

#[derive(Debug)]
pub(super) struct Hooks {
    pub(super) urls: Vec<String>,
    /// Whether the whole object is in an event, or only its id and where to read it.
    pub(super) include_object: bool,
    pub(super) delivery: Delivery,
    pub(super) delivered: Vec<Delivered>,
    /// Every webhook ever made, whatever became of it.
    made: Vec<Letter>,
    waiting: Vec<Letter>,
    held: Vec<Letter>,
    unacknowledged: Vec<Letter>,
    account_id: String,
}

impl Hooks {
    pub(super) fn new() -> Self {
        Self {
            urls: Vec::new(),
            include_object: true,
            delivery: Delivery::Once,
            delivered: Vec::new(),
            made: Vec::new(),
            waiting: Vec::new(),
            held: Vec::new(),
            unacknowledged: Vec::new(),
            account_id: object_id(),
        }
    }

    /// Takes a new event about an object.
    pub(super) fn make(&mut self, kind: &str, object: &Value) {
        let (event_id, created_at) = (object_id(), clock::now());
        let text_of = |key| object.get(key).and_then(Value::as_str).unwrap_or_default();
        let shown = if self.include_object {
            object.clone()
        } else {
            json!({"id": text_of("id"), "object": text_of("object"), "uri": text_of("uri")})
        };
        for url in self.urls.clone() {
            let body = json!({
                "id": event_id, "object": "event", "type": kind, "created_at": created_at,
                "webhook_url": url, "data": {"object": shown}, "account_id": self.account_id,
            });
            let (event_id, about, text) = (event_id.clone(), text_of("id").to_owned(), body.to_string());
            self.post(Letter { event_id, kind: kind.to_owned(), about, url, text });
        }
    }

    fn post(&mut self, letter: Letter) {
        self.made.push(letter.clone());
        match self.delivery {
            Delivery::Once => self.waiting.push(letter),
            Delivery::Twice => self.waiting.extend([letter.clone(), letter]),
            Delivery::Lose => {}
            Delivery::Hold => self.held.push(letter),
        }
    }

    /// What is to be sent now.
    pub(super) fn take_waiting(&mut self) -> Vec<Letter> {
        std::mem::take(&mut self.waiting)
    }

    pub(super) fn take_held(&mut self) -> Vec<Letter> {
        std::mem::take(&mut self.held)
    }

    pub(super) fn take_unacknowledged(&mut self) -> Vec<Letter> {
        std::mem::take(&mut self.unacknowledged)
    }

    /// The `nth` webhook ever made about an object, counted from 0.
    pub(super) fn nth(&self, about: &str, nth: usize) -> Option<Letter> {
        self.made.iter().filter(|letter| letter.about == about).nth(nth).cloned()
    }

    /// Only a 2xx acknowledges; anything else is sent again.
    pub(super) fn record(&mut self, letter: Letter, http_status: u16) {
        self.delivered.push(Delivered {
            event_id: letter.event_id.clone(),
            kind: letter.kind.clone(),
            about: letter.about.clone(),
            url: letter.url.clone(),
            body: serde_json::from_str(&letter.text).unwrap_or_default(),
            http_status,
        });
        if !(200..300).contains(&http_status) {
            self.unacknowledged.push(letter);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hooks(delivery: Delivery) -> Hooks {
        let mut hooks = Hooks::new();
        hooks.urls = vec!["http://one".into()];
        hooks.delivery = delivery;
        hooks.make(
            "report.created",
            &json!({"id": "r", "object": "report", "uri": "/v1/reports/r", "status": "pending"}),
        );
        hooks
    }

    #[test]
    fn two_urls_hear_of_the_same_event_and_a_repetition_has_the_same_bytes() {
        let mut hooks = hooks(Delivery::Twice);
        hooks.urls.push("http://two".into());
        let twice = hooks.take_waiting();
        assert_eq!((twice.len(), &twice[0]), (2, &twice[1]));
        hooks.delivery = Delivery::Once;
        hooks.make("report.completed", &json!({"id": "r"}));
        let both = hooks.take_waiting();
        assert_eq!((&both[0].event_id, both[0].url == both[1].url), (&both[1].event_id, false));
    }

    #[test]
    fn without_the_object_an_event_only_says_where_to_read_it() {
        let mut hooks = hooks(Delivery::Lose);
        hooks.include_object = false;
        hooks.delivery = Delivery::Once;
        hooks.make(
            "report.completed",
            &json!({"id": "r", "object": "report", "uri": "/v1/reports/r", "status": "complete"}),
        );
        let body: Value = serde_json::from_str(&hooks.take_waiting()[0].text).unwrap();
        assert_eq!(body["data"]["object"], json!({"id": "r", "object": "report", "uri": "/v1/reports/r"}));
    }

    #[test]
    fn what_is_held_comes_out_once_and_what_is_lost_can_still_be_replayed() {
        let mut held = hooks(Delivery::Hold);
        assert_eq!((held.take_waiting().len(), held.take_held().len(), held.take_held().len()), (0, 1, 0));
        let lost = hooks(Delivery::Lose);
        assert_eq!(lost.nth("r", 0).unwrap().kind, "report.created");
    }

    #[test]
    fn only_a_2xx_acknowledges() {
        let mut hooks = hooks(Delivery::Once);
        let letter = hooks.take_waiting().remove(0);
        hooks.record(letter.clone(), 204);
        assert!(hooks.take_unacknowledged().is_empty());
        hooks.record(letter.clone(), 302);
        hooks.record(letter, 0);
        assert_eq!(hooks.take_unacknowledged().len(), 2);
    }
}
