//! The page that SmartRecruiters opens after its admin has pressed Connect: it asks for the trigger token and an
//! e-mail address, and joins the company to a connection.

use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use url::Url;
use url::form_urlencoded::parse;

use super::integrate::{ConsentForm, integrate};

use super::stop::Stop;
use super::{hosts, is_company};
use crate::ats::AtsKind;
use crate::flow::Services;
use crate::inbound::{Answer, MAX_BODY, Request};
use crate::order::clean;
use crate::page::{self, Field, Page};
use crate::secrets::PartnerKeys;
use crate::signature::{is_signed, sign};

/// How long after opening the page its form may be sent.
const OPEN_FOR: SignedDuration = SignedDuration::from_mins(30);

const TITLE: &str = "Connect Crosscheck to SmartRecruiters";

/// Answers the page and its form.
pub(super) async fn handle(services: &Services, request: &Request) -> Answer {
    let partner = match services.secrets.partner(AtsKind::SmartRecruiters).await {
        Ok(partner) => partner,
        Err(fault) => {
            tracing::error!(fault = %fault, "the consent page lacks the partner's key");
            let words = if fault.secret_missing {
                "Crosscheck has no key from SmartRecruiters yet. Ask your Crosscheck administrator to run \
                 `crosscheck ats setup smartrecruiters`."
            } else {
                "Crosscheck cannot reach its own storage at the moment. Try again in a minute."
            };
            return page::plain(StatusCode::SERVICE_UNAVAILABLE, TITLE, &[words]);
        }
    };
    match *request.method() {
        Method::GET => open(services, &partner, request.uri().query().unwrap_or_default()),
        Method::POST => submit(services, &partner, request).await,
        _ => page::plain(StatusCode::METHOD_NOT_ALLOWED, TITLE, &["Open this page from SmartRecruiters."]),
    }
}

fn open(services: &Services, partner: &PartnerKeys, query: &str) -> Answer {
    let pairs = pairs(query.as_bytes());
    let Some(company) = value(&pairs, "companyId").filter(|id| is_company(id)) else {
        return not_from_there(StatusCode::BAD_REQUEST);
    };
    let asked = value(&pairs, "redirect").filter(|text| !text.is_empty());
    let redirect = asked.and_then(|text| hosts::redirect_url(text, &services.outbound));
    let visit = Visit { company, redirect: redirect.as_ref() };
    let form =
        Form { visit, email: "", problem: None, wrong: Wrong::None, dropped: asked.is_some() && redirect.is_none() };
    form.answer(StatusCode::OK, partner, services.clock.now())
}

async fn submit(services: &Services, partner: &PartnerKeys, request: &Request) -> Answer {
    if request.body().len() > MAX_BODY {
        return page::plain(StatusCode::PAYLOAD_TOO_LARGE, TITLE, &["The form is too large."]);
    }
    let pairs = pairs(request.body());
    let text = |name| value(&pairs, name).map(str::trim).unwrap_or_default();
    let redirect = hosts::redirect_url(text("redirect"), &services.outbound);
    let visit = Visit { company: text("companyId"), redirect: redirect.as_ref() };
    let made = visit.made(partner, text("issued"), text("signature"), services.clock.now());
    // A forged form would lack the trigger token, so it could connect nothing. It is refused all the same. A cookie
    // cannot do that, because browsers keep cookies from framed pages.
    if made == Made::Elsewhere || !is_company(visit.company) || !page::is_from_own_page(request.headers()) {
        tracing::warn!("a consent form did not come from our own page");
        return not_from_there(StatusCode::FORBIDDEN);
    }
    let (token, email) = (clean::plain(text("token")), clean::plain(text("email")));
    let (token, email, now) = (token.as_str(), email.as_str(), services.clock.now());
    let form = |problem, wrong| Form { visit, email, problem: Some(problem), wrong, dropped: false };
    if made == Made::TooLongAgo {
        let words = "This page was open for more than half an hour. Please fill it in again.";
        return form(words, Wrong::None).answer(StatusCode::UNPROCESSABLE_ENTITY, partner, now);
    }
    let missing = match (token.is_empty(), email.is_empty()) {
        (true, _) => Some(("Give the External Trigger Token.", Wrong::Token)),
        (false, true) => Some(("Give the e-mail address.", Wrong::Email)),
        (false, false) => None,
    };
    if let Some((words, wrong)) = missing {
        return form(words, wrong).answer(StatusCode::UNPROCESSABLE_ENTITY, partner, now);
    }
    match integrate(services, partner, &ConsentForm { token, email, company: visit.company }).await {
        Ok(vendor) => connected(vendor, visit.redirect),
        Err(Stop { status, words, again: true, wrong }) => {
            let wrong = if wrong { Wrong::Both } else { Wrong::None };
            form(words.as_str(), wrong).answer(status, partner, now)
        }
        Err(Stop { status, words, .. }) => {
            Page { status, title: "Not connected", problem: false, content: page::problem(Some(&words)), onward: None }
                .answer()
        }
    }
}

fn not_from_there(status: StatusCode) -> Answer {
    let words = "This page is opened by SmartRecruiters. Close it, and press Connect there again: Settings, Apps & \
                 Integrations, the partner's card.";
    page::plain(status, TITLE, &[words])
}

/// The browser goes back by a link or a refresh, not by a redirect: some browsers apply `form-action`, which allows
/// this site alone, to a redirect after a form too.
fn connected(vendor: &str, redirect: Option<&Url>) -> Answer {
    let first = format!("SmartRecruiters is connected to {vendor}. Packages can be ordered now.");
    let next = match redirect {
        Some(url) => {
            let back = page::link(url.as_str(), "Back to SmartRecruiters");
            format!("{}<p>{back}</p>", page::paragraphs(&["SmartRecruiters opens again in a few seconds."]))
        }
        None => page::paragraphs(&["You can close this window."]),
    };
    let content = format!("<p role=\"status\">{}</p>{next}", page::escape(&first));
    Page { status: StatusCode::OK, title: "Connected", problem: false, content, onward: redirect }.answer()
}

/// Whose admin the page is open for, and where they came from.
#[derive(Clone, Copy)]
struct Visit<'a> {
    company: &'a str,
    redirect: Option<&'a Url>,
}

impl Visit<'_> {
    /// What the form's HMAC covers. Neither a company's id nor an address holds a line break, so the text is
    /// unambiguous.
    fn signed_text(&self, issued: Timestamp) -> String {
        let redirect = self.redirect.map(Url::as_str).unwrap_or_default();
        format!("consent\n{}\n{}\n{redirect}", issued.as_second(), self.company)
    }

    /// Whether a form was made for this visit, and within the last half hour.
    fn made(&self, partner: &PartnerKeys, issued: &str, signature: &str, now: Timestamp) -> Made {
        let issued = issued.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        let ours = |at: &Timestamp| is_signed(partner.key.as_bytes(), &self.signed_text(*at), signature);
        match issued.filter(ours) {
            None => Made::Elsewhere,
            Some(at) if now.duration_since(at) > OPEN_FOR => Made::TooLongAgo,
            Some(_) => Made::Here,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Made {
    Here,
    TooLongAgo,
    Elsewhere,
}

/// Which fields the problem is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    None,
    Token,
    Email,
    Both,
}

struct Form<'a> {
    visit: Visit<'a>,
    email: &'a str,
    problem: Option<&'a str>,
    wrong: Wrong,
    /// Whether the address to return to was dropped, because it is not SmartRecruiters' own.
    dropped: bool,
}

impl Form<'_> {
    fn answer(&self, status: StatusCode, partner: &PartnerKeys, now: Timestamp) -> Answer {
        let content = self.html(partner, now);
        Page { status, title: TITLE, problem: self.problem.is_some(), content, onward: None }.answer()
    }

    fn html(&self, partner: &PartnerKeys, now: Timestamp) -> String {
        let intro = "Your Crosscheck administrator gave you a token. It says which background-check account this \
                     company orders from.";
        let note = if self.dropped {
            "<p class=\"note\">The address to return to is not one of SmartRecruiters&#39;, so it is left out.</p>"
        } else {
            ""
        };
        let token = Field {
            name: "token",
            label: "External Trigger Token",
            hint: "It begins with xck_.",
            kind: ("password", "off"),
            value: "",
            wrong: matches!(self.wrong, Wrong::Token | Wrong::Both),
            first: self.wrong != Wrong::Email,
        };
        let email = Field {
            name: "email",
            label: "E-mail address",
            hint: "The address that the token was made for.",
            kind: ("email", "email"),
            value: self.email,
            wrong: matches!(self.wrong, Wrong::Email | Wrong::Both),
            first: self.wrong == Wrong::Email,
        };
        let hidden = [
            ("companyId", self.visit.company.to_owned()),
            ("redirect", self.visit.redirect.map(Url::to_string).unwrap_or_default()),
            ("issued", now.as_second().to_string()),
            ("signature", sign(partner.key.as_bytes(), &self.visit.signed_text(now))),
        ];
        format!(
            "{}{}{note}<form method=\"post\">{}{}{}<button type=\"submit\">Connect</button></form>",
            page::problem(self.problem),
            page::paragraphs(&[intro]),
            hidden.iter().map(|(name, value)| page::hidden(name, value)).collect::<String>(),
            token.html(),
            email.html(),
        )
    }
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    parse(text).into_owned().collect()
}

fn value<'p>(pairs: &'p [(String, String)], name: &str) -> Option<&'p str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partner(key: &str) -> PartnerKeys {
        PartnerKeys { id: "id".to_owned(), key: key.to_owned(), webhook_secret: String::new(), ats_url: None }
    }

    fn time(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn html(form: &Form<'_>) -> String {
        form.html(&partner("key"), time(1000))
    }

    fn brought_back<'h>(html: &'h str, name: &str) -> &'h str {
        let start = format!("name=\"{name}\" value=\"");
        html.split_once(&start).and_then(|(_, rest)| rest.split_once('"')).map(|(value, _)| value).expect("a field")
    }

    #[test]
    fn a_form_comes_back_from_our_own_page_for_half_an_hour() {
        let redirect = Url::parse("https://www.smartrecruiters.com/a?b=c").expect("a URL");
        let visit = Visit { company: "acme", redirect: Some(&redirect) };
        let html = html(&Form { visit, email: "", problem: None, wrong: Wrong::None, dropped: false });
        assert_eq!((brought_back(&html, "companyId"), brought_back(&html, "redirect")), ("acme", redirect.as_str()));
        let (issued, signature) = (brought_back(&html, "issued"), brought_back(&html, "signature"));
        let made = |visit: Visit<'_>, key: &str, issued: &str, now| visit.made(&partner(key), issued, signature, now);
        assert_eq!(made(visit, "key", issued, time(1000 + 1800)), Made::Here);
        assert_eq!(made(visit, "key", issued, time(1000 + 1801)), Made::TooLongAgo);
        assert_eq!(made(visit, "another", issued, time(1000)), Made::Elsewhere);
        assert_eq!(made(visit, "key", "1001", time(1000)), Made::Elsewhere);
        assert_eq!(made(visit, "key", "soon", time(1000)), Made::Elsewhere);
        assert_eq!(made(Visit { company: "other", ..visit }, "key", issued, time(1000)), Made::Elsewhere);
        assert_eq!(made(Visit { redirect: None, ..visit }, "key", issued, time(1000)), Made::Elsewhere);
        assert_eq!(visit.made(&partner("key"), issued, "", time(1000)), Made::Elsewhere);
    }

    #[test]
    fn a_problem_is_announced_once_and_the_token_never_comes_back() {
        let visit = Visit { company: "acme", redirect: None };
        let form = |wrong| html(&Form { visit, email: "a@b.example", problem: Some("No."), wrong, dropped: false });
        for (wrong, invalid, first) in [
            (Wrong::None, 0, "name=\"token\""),
            (Wrong::Token, 1, "name=\"token\""),
            (Wrong::Email, 1, "name=\"email\""),
            (Wrong::Both, 2, "name=\"token\""),
        ] {
            let html = form(wrong);
            assert_eq!(html.matches("role=\"alert\"").count(), 1);
            assert_eq!(html.matches("aria-invalid").count(), invalid, "{html}");
            let focused = html.split("<input").find(|input| input.contains("autofocus")).expect("a focus");
            assert!(focused.contains(first), "{focused}");
            assert!(html.contains("type=\"password\" autocomplete=\"off\"") && html.contains("value=\"a@b.example\""));
        }
        let first = html(&Form { visit, email: "", problem: None, wrong: Wrong::None, dropped: true });
        assert!(!first.contains("role=\"alert\"") && first.contains("not one of SmartRecruiters&#39;"), "{first}");
    }

    #[test]
    fn the_way_back_is_a_link_and_no_redirect() {
        let url = Url::parse("https://www.smartrecruiters.com/a?b=c&d=e").expect("a URL");
        let answer = connected("Vendor", Some(&url));
        let html = String::from_utf8(answer.body().to_vec()).expect("UTF-8");
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(html.matches("https://www.smartrecruiters.com/a?b=c&amp;d=e").count(), 2, "{html}");
        let popup = connected("Vendor", None);
        assert!(!String::from_utf8_lossy(popup.body()).contains("http-equiv"));
    }
}
