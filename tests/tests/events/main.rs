//! Every file of `events/`, handed to the built function that it is named after, beside a local stack.
//!
//! The files hold made-up ids and tokens. Here those of a living connection and order take their place; as they
//! stand, the functions answer them too, with the refusal that belongs to a stranger.

#![expect(clippy::indexing_slicing, reason = "a test stops where something is not as it should be")]

mod ashby;
mod sam_local;
mod smartrecruiters;
mod teamtailor;
mod vendor;

use std::collections::BTreeMap;
use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crosscheck::environment::Variables;
use crosscheck::stack_file::StackFile;
use serde_json::{Value, json};
use sim::pair::Person;
use tests::runtime_api::{FUNCTIONS, Outcome, RunningFunction, built, root};
use tests::world::Result;

/// What of the made-up things is the same in every file.
const CONNECTION: &str = "0123456789abcdef";
const TOKEN: &str = "xck_0123456789abcdef_made-up-trigger-token-made-up-trigger-token";
const ORDER: &str = "01900000-0000-7000-8000-000000000001";

/// Whom the living order is for. The people in the files share neither address nor number with her.
const ASHA: Person<'_> =
    Person { first: "Asha", last: "Rao", email: "asha@example.com", phone: Some("+91 98765 00001") };

/// A living connection of the ATS that an event comes from, and what takes the place of what is made up.
enum Life {
    Ashby(ashby::Life),
    SmartRecruiters(smartrecruiters::Life),
    Teamtailor(teamtailor::Life),
    Vendor(vendor::Life),
}

impl Life {
    async fn of(event: &str) -> Result<Self> {
        if let Some(vendor) = vendor::of(event) {
            return Ok(Self::Vendor(vendor::Life::new(vendor, event).await?));
        }
        Ok(match function_of(event)? {
            "smartrecruiters-webhook" => Self::SmartRecruiters(smartrecruiters::Life::new().await?),
            "teamtailor-webhook" => Self::Teamtailor(teamtailor::Life::new(event).await?),
            _ => Self::Ashby(ashby::Life::new(event).await?),
        })
    }

    fn stack(&self) -> &StackFile {
        match self {
            Self::Ashby(life) => &life.world.pair.stack.file,
            Self::SmartRecruiters(life) => &life.pair.stack.file,
            Self::Teamtailor(life) => &life.pair.stack.file,
            Self::Vendor(life) => &life.pair.stack.file,
        }
    }

    fn alive(&self, text: &str) -> String {
        let instead = match self {
            Self::Ashby(life) => &life.instead,
            Self::SmartRecruiters(life) => &life.instead,
            Self::Teamtailor(life) => &life.instead,
            Self::Vendor(life) => &life.instead,
        };
        alive(instead, text)
    }

    /// The event as it would be for the living connection. A body in base64 is opened and closed again.
    fn event(&self, text: &str) -> Result<Value> {
        let mut event: Value = serde_json::from_str(&self.alive(text))?;
        if event["isBase64Encoded"] == true {
            let body = String::from_utf8(STANDARD.decode(event["body"].as_str().unwrap_or_default())?)?;
            event["body"] = STANDARD.encode(self.alive(&body)).into();
        }
        Ok(event)
    }

    async fn expect(&self, event: &str, answer: &Value) -> Result {
        match self {
            Self::Ashby(life) => life.expect(event, answer).await,
            Self::SmartRecruiters(life) => life.expect(event, answer).await,
            Self::Teamtailor(life) => life.expect(event, answer).await,
            Self::Vendor(life) => life.expect(event, answer).await,
        }
    }

    async fn hand_over(&self, name: &str, event: Value) -> Result<Value> {
        let program = built(".aws-sam/build", function_of(name)?)?;
        let mut function = RunningFunction::start(&program, Variables::local(self.stack()).iter()).await?;
        let outcome = function.invoke(event).await?;
        function.stop().await?;
        match outcome {
            Outcome::Answered(answer) => Ok(answer),
            Outcome::Failed(_) => Err(format!("{name}: {outcome:?}").into()),
        }
    }
}

/// A text with what lives in the place of what is made up.
fn alive(instead: &[(String, String)], text: &str) -> String {
    instead.iter().fold(text.to_owned(), |text, (made_up, real)| text.replace(made_up, real))
}

/// The files, by name without `.json`.
fn files() -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(root().join("events"))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        found.insert(name, fs::read_to_string(&path)?);
    }
    Ok(found)
}

fn function_of(name: &str) -> Result<&'static str> {
    let found = FUNCTIONS.into_iter().find(|function| name.starts_with(&format!("{function}-")));
    found.ok_or_else(|| format!("events/{name}.json is named after no function").into())
}

/// A JSON answer of a door's, which nobody may keep.
fn body(answer: &Value, status: u16) -> Result<Value> {
    Ok(serde_json::from_slice(&content(answer, status, "application/json")?)?)
}

/// A page of a door's.
fn page(answer: &Value, status: u16) -> Result<String> {
    Ok(String::from_utf8(content(answer, status, "text/html; charset=utf-8")?)?)
}

fn content(answer: &Value, status: u16, content_type: &str) -> Result<Vec<u8>> {
    same(&answer["statusCode"], &json!(status))?;
    same(header(answer, "content-type"), Some(content_type))?;
    same(header(answer, "cache-control"), Some("no-store"))?;
    let text = answer["body"].as_str().unwrap_or_default();
    if answer["isBase64Encoded"] == true { Ok(STANDARD.decode(text)?) } else { Ok(text.as_bytes().to_vec()) }
}

fn header<'a>(answer: &'a Value, name: &str) -> Option<&'a str> {
    let one = answer["headers"][name].as_str();
    one.or_else(|| answer["multiValueHeaders"][name][0].as_str())
}

#[expect(clippy::needless_pass_by_value, reason = "what is compared is made for the comparison")]
fn same<T: PartialEq + std::fmt::Debug>(is: T, should: T) -> Result {
    if is == should { Ok(()) } else { Err(format!("{is:?} instead of {should:?}").into()) }
}

fn holds(text: &str, part: &str) -> Result {
    if text.contains(part) { Ok(()) } else { Err(format!("no {part} in {text}").into()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_is_answered_as_it_should_be() -> Result {
    let files = files()?;
    for function in FUNCTIONS {
        assert!(files.keys().any(|name| name.starts_with(function)), "{function} has no event");
    }
    for (name, text) in files {
        let life = Life::of(&name).await.map_err(|why| format!("before events/{name}.json: {why}"))?;
        let answer = life.hand_over(&name, life.event(&text)?).await?;
        life.expect(&name, &answer).await.map_err(|why| format!("events/{name}.json: {why}; answered {answer}"))?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn events_as_they_stand_are_a_strangers() -> Result {
    for (name, text) in files()? {
        let life = Life::of(&name).await.map_err(|why| format!("before events/{name}.json: {why}"))?;
        let answer = life.hand_over(&name, serde_json::from_str(&text)?).await?;
        let wanted = match life {
            Life::Ashby(_) => ashby::refuses(&name, &answer),
            Life::SmartRecruiters(_) => smartrecruiters::refuses(&name, &answer),
            Life::Teamtailor(_) => teamtailor::refuses(&name, &answer),
            Life::Vendor(life) => life.refuses(&answer),
        };
        wanted.map_err(|why| format!("events/{name}.json as it stands: {why}; answered {answer}"))?;
    }
    Ok(())
}
