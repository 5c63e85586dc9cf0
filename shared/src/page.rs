//! The HTML of the pages that admins and applicants open. They work without scripts, in narrow windows and by keyboard.

use std::fmt::Write as _;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};
use url::Url;

use crate::inbound::{self, Answer};

/// The only style; the policy names it by its hash. Text on the grounds used has a contrast of 7:1 and more.
const STYLE: &str = "*{box-sizing:border-box}body{margin:0;background:#fff;color:#1b1f24;\
font:1rem/1.5 system-ui,sans-serif}main{max-width:36rem;margin:0 auto;padding:1rem 1.25rem}\
h1{font-size:1.4rem;line-height:1.25;margin:0 0 .75rem}p{margin:0 0 .75rem}\
label{display:block;font-weight:600;margin:.8rem 0 .1rem}.hint{margin:0 0 .3rem;line-height:1.35;color:#414a54}\
input{width:100%;min-height:2.75rem;font:inherit;padding:.5rem .6rem;border:1px solid #57606a;border-radius:.3rem;\
background:#fff;color:inherit}input[aria-invalid=true]{border:2px solid #9c1c13}\
button,.next{display:inline-block;margin:1rem 0 0;min-height:2.75rem;padding:.55rem 1.2rem;font:inherit;\
font-weight:600;border:1px solid #0b4a8f;border-radius:.3rem;background:#0b4a8f;color:#fff;text-decoration:none;\
cursor:pointer}button:hover,.next:hover{background:#083866}\
.next{margin:.25rem 0 0}dl{margin:0 0 .75rem}dt{font-weight:600}dd{margin:0 0 .4rem}.problem{border-left:.3rem solid #9c1c13;padding:.5rem .75rem;background:#fdf0ef;color:#5c110b}\
.note{border-left:.3rem solid #57606a;padding:.5rem .75rem;background:#f2f4f6}\
:focus-visible{outline:3px solid #0b4a8f;outline-offset:2px}";

/// Nothing is loaded and no script runs. SmartRecruiters may show the page in a frame of its own; nobody else may.
static POLICY: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; \
         frame-ancestors https://*.smartrecruiters.com https://smartrecruiters.com"
    );
    HeaderValue::from_str(&policy).ok()
});

/// One page.
pub(crate) struct Page<'a> {
    pub(crate) status: StatusCode,
    pub(crate) title: &'a str,
    /// Whether something has to be mended. The window's title says so first, and the heading does not repeat it.
    pub(crate) problem: bool,
    /// What stands below the heading, already HTML.
    pub(crate) content: String,
    /// Where the browser goes by itself after a few seconds.
    pub(crate) onward: Option<&'a Url>,
}

impl Page<'_> {
    /// The page as an answer.
    pub(crate) fn answer(self) -> Answer {
        let (title, first) = (escape(self.title), if self.problem { "Error: " } else { "" });
        let onward = self.onward.map(|url| {
            let url = escape(url.as_str());
            format!("<meta http-equiv=\"refresh\" content=\"8; url={url}\">")
        });
        let html = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">{}<title>{first}{title}</title>\
             <style>{STYLE}</style></head><body><main><h1>{title}</h1>{}</main></body></html>",
            onward.unwrap_or_default(),
            self.content
        );
        let mut answer = inbound::answer(self.status, "text/html; charset=utf-8", Bytes::from(html));
        let headers = answer.headers_mut();
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.extend(POLICY.clone().map(|policy| (header::CONTENT_SECURITY_POLICY, policy)));
        answer
    }
}

/// A page of paragraphs, for when there is nothing to fill in.
pub(crate) fn plain(status: StatusCode, title: &str, sentences: &[&str]) -> Answer {
    Page { status, title, problem: false, content: paragraphs(sentences), onward: None }.answer()
}

/// Sentences as paragraphs.
pub(crate) fn paragraphs(sentences: &[&str]) -> String {
    sentences.iter().fold(String::new(), |mut html, sentence| {
        // Writing to a string cannot fail.
        let _ = write!(html, "<p>{}</p>", escape(sentence));
        html
    })
}

/// A problem. Screen readers announce it at once, and the fields refer to it by its id.
pub(crate) fn problem(words: Option<&str>) -> String {
    let html = |words| format!("<p class=\"problem\" role=\"alert\" id=\"problem\">{}</p>", escape(words));
    words.map(html).unwrap_or_default()
}

/// A link that looks like the button it follows on.
pub(crate) fn link(url: &str, words: &str) -> String {
    format!("<a class=\"next\" href=\"{}\" rel=\"noreferrer\">{}</a>", escape(url), escape(words))
}

/// A field with its label and hint.
pub(crate) struct Field<'a> {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) hint: &'static str,
    /// `type` and `autocomplete` of the input.
    pub(crate) kind: (&'static str, &'static str),
    pub(crate) value: &'a str,
    /// Whether what was given is part of the problem.
    pub(crate) wrong: bool,
    /// Whether the page opens with the cursor here.
    pub(crate) first: bool,
}

impl Field<'_> {
    /// The field as HTML.
    pub(crate) fn html(&self) -> String {
        let Self { name, label, hint, kind: (kind, complete), .. } = self;
        let described = if self.wrong { format!("problem {name}-hint") } else { format!("{name}-hint") };
        let wrong = if self.wrong { " aria-invalid=\"true\"" } else { "" };
        let first = if self.first { " autofocus" } else { "" };
        let value = escape(self.value);
        format!(
            "<label for=\"{name}\">{label}</label><p class=\"hint\" id=\"{name}-hint\">{hint}</p>\
             <input id=\"{name}\" name=\"{name}\" type=\"{kind}\" autocomplete=\"{complete}\" spellcheck=\"false\" \
             value=\"{value}\" required aria-describedby=\"{described}\"{wrong}{first}>"
        )
    }
}

/// A value that the form brings back unseen.
pub(crate) fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value))
}

/// Text made safe between tags and inside quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut safe, c| {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
        safe
    })
}

/// Whether a form comes from a page of our own. Browsers name the form's origin, but a page under `no-referrer` sends
/// `null`, and old browsers send nothing. So only an origin that is another site is refused.
pub(crate) fn is_from_own_page(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if text("sec-fetch-site").is_some_and(|site| site.eq_ignore_ascii_case("cross-site")) {
        return false;
    }
    let Some(origin) = text("origin") else { return true };
    let host = text("host").unwrap_or_default();
    let named = origin.split_once("://").map_or("", |(_, authority)| authority);
    origin == "null" || (!host.is_empty() && named.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(answer: &Answer) -> String {
        String::from_utf8(answer.body().to_vec()).expect("UTF-8")
    }

    #[test]
    fn the_policy_allows_the_one_style_and_frames_of_smartrecruiters() {
        let answer = plain(StatusCode::OK, "Title", &["Words."]);
        let html = text(&answer);
        let style = html.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).expect("a style");
        let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
        let policy = answer.headers()["content-security-policy"].to_str().expect("text").to_owned();
        assert!(policy.contains(&format!("style-src 'sha256-{hash}'")), "{policy}");
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(policy.contains("frame-ancestors https://*.smartrecruiters.com https://smartrecruiters.com"));
        assert!(answer.headers().get("x-frame-options").is_none());
        assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert!(!html.contains("<script") && !html.contains(" style=") && html.contains("<html lang=\"en\">"));
    }

    #[test]
    fn nothing_that_was_sent_becomes_markup() {
        let evil = "\"><script>'&";
        let field = Field {
            name: "email",
            label: "L",
            hint: "h",
            kind: ("email", "email"),
            value: evil,
            wrong: true,
            first: true,
        };
        for html in [field.html(), hidden("a", evil), problem(Some(evil)), link(evil, evil), paragraphs(&[evil])] {
            assert!(!html.contains("<script") && html.contains("&quot;&gt;&lt;script&gt;&#39;&amp;"), "{html}");
        }
    }

    #[test]
    fn a_wrong_field_points_at_the_problem_and_has_the_cursor() {
        let field =
            |wrong| Field { name: "t", label: "L", hint: "h", kind: ("text", "off"), value: "", wrong, first: wrong };
        let html = field(true).html();
        assert!(html.contains("aria-describedby=\"problem t-hint\" aria-invalid=\"true\" autofocus"), "{html}");
        assert!(html.contains("<label for=\"t\">") && html.contains("id=\"t\""));
        assert!(field(false).html().contains("aria-describedby=\"t-hint\">"));
    }

    #[test]
    fn forms_from_elsewhere_are_refused() {
        let from = |pairs: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().expect("a value"));
            }
            is_from_own_page(&headers)
        };
        assert!(from(&[]));
        assert!(from(&[("host", "a.example"), ("origin", "https://A.example")]));
        assert!(from(&[("host", "a.example"), ("origin", "null"), ("sec-fetch-site", "same-origin")]));
        assert!(!from(&[("host", "a.example"), ("origin", "https://b.example")]));
        assert!(!from(&[("host", "a.example:8443"), ("origin", "https://a.example")]));
        assert!(!from(&[("origin", "https://")]));
        assert!(!from(&[("host", "a.example"), ("sec-fetch-site", "cross-site")]));
        assert!(!from(&[("host", "a.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")]));
    }
}
