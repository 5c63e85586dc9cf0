//! What an order is made of: who is checked, where it came from, what was ordered, what the vendor said.

use jiff::Timestamp;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::{Reading, clean, email};

/// The person to be checked, with what vendors need to reach them.
#[derive(Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Given name as the ATS has it.
    pub first_name: String,
    /// Family name as the ATS has it; may be empty.
    pub last_name: String,
    /// E-mail address.
    pub email: String,
    /// Phone number as the ATS has it, when known.
    pub phone: Option<String>,
}

impl Candidate {
    /// The same person without what nobody sees in pasted text.
    #[must_use]
    pub fn cleaned(self) -> Self {
        let address = clean::plain(&self.email);
        Self {
            first_name: clean::name(&self.first_name),
            last_name: clean::name(&self.last_name),
            email: email::read(&address).unwrap_or(address),
            phone: self.phone.map(|phone| clean::plain(&phone)).filter(|phone| !phone.is_empty()),
        }
    }

    /// Whether the ATS may know more about this person than its order said.
    pub fn is_incomplete(&self) -> bool {
        self.email.is_empty() || self.last_name.is_empty()
    }

    /// The text without this person's data. Vendors quote what they refuse, and labels are kept longer than the data.
    /// Every word that is part of the name (accents and case aside) or holds an `@` goes, and so do six digits, in one
    /// word or in neighbouring ones without letters, as phone numbers are written.
    pub fn without(&self, text: &str) -> String {
        let names = folded(&format!("{} {}", self.first_name, self.last_name));
        let names: Vec<&str> = names.split(|c: char| !c.is_alphanumeric()).filter(|part| part.len() > 1).collect();
        let personal = |word: &str| {
            let parts = folded(word);
            word.contains('@') || parts.split(|c: char| !c.is_alphanumeric()).any(|part| names.contains(&part))
        };
        let words: Vec<&str> = text.split(' ').collect();
        let grouped = words.chunk_by(|one, next| is_number(one) && is_number(next));
        let kept = grouped.flat_map(|group| {
            let number = group.iter().map(|word| digits(word)).sum::<usize>() >= 6;
            group.iter().map(move |word| if number || personal(word) { "…" } else { word })
        });
        kept.collect::<Vec<_>>().join(" ")
    }
}

fn digits(word: &str) -> usize {
    word.chars().filter(char::is_ascii_digit).count()
}

/// Whether a word may be a part of a phone number.
fn is_number(word: &str) -> bool {
    !word.chars().any(char::is_alphabetic)
}

/// Lower case without accents, for comparing names.
fn folded(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

impl std::fmt::Debug for Candidate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Candidate(redacted)")
    }
}

/// Where the order came from, in the ATS's own ids.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AtsReference {
    /// The ATS's id of the candidate.
    pub candidate_id: String,
    /// The ATS's id of the application, where it sends one.
    pub application_id: Option<String>,
    /// The ATS's id of the job, where it sends one.
    pub job_id: Option<String>,
    /// The job's title, where the ATS sent it or was asked for it; see [`job_title`].
    pub job_title: Option<String>,
    /// The candidate's page in the ATS, https, where it sends one.
    pub candidate_url: Option<String>,
    /// The job's page in the ATS, https, where it sends one.
    pub job_url: Option<String>,
    /// The ATS's own idempotency key, where it sends one: a call with it is this order, however often it comes.
    pub idempotency_key: Option<String>,
    /// Where the ATS takes results, where that differs from order to order. Called only on the ATS's own hosts.
    pub result_url: Option<String>,
    /// Where the applicant's browser goes on to; set when the check was ordered inside an application form.
    pub continue_url: Option<String>,
    /// Whether the ATS has no card of this order: a rule ordered it, and nothing can be told before it is completed.
    pub has_no_card: bool,
}

/// Longest title of a job that is kept, in characters.
const TITLE_LIMIT: usize = 200;

/// A job's title as it is kept: trimmed and cut, `None` when empty.
pub fn job_title(given: &str) -> Option<String> {
    let given = given.trim();
    (!given.is_empty()).then(|| given.chars().take(TITLE_LIMIT).collect())
}

/// Longest address of a page that is kept, in bytes.
const URL_LIMIT: usize = 500;

/// A page of an ATS as it is kept: https, `None` otherwise.
pub fn page_url(given: &str) -> Option<String> {
    let url = url::Url::parse(given.trim()).ok()?;
    (url.scheme() == "https" && url.as_str().len() <= URL_LIMIT).then(|| url.into())
}

/// A score, in whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// What was reached.
    pub raw: i64,
    /// The least that could be.
    pub min: i64,
    /// The most that could be.
    pub max: i64,
}

impl Score {
    /// The score on a scale from 0 to 100, rounded down; `None` when its range is empty or does not hold it.
    pub fn percent(self) -> Option<i64> {
        let (reached, range) = (self.raw.checked_sub(self.min)?, self.max.checked_sub(self.min)?);
        let fits = range > 0 && (0..=range).contains(&reached);
        fits.then(|| reached.checked_mul(100)?.checked_div(range)).flatten()
    }
}

/// Something that a vendor says about a check beside its status and result: the outcome of a part, an expected date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// What it is about, in the vendor's words.
    pub label: String,
    /// What the vendor says of it. Never personal data.
    pub value: String,
}

impl Detail {
    /// Whether it is the address of a page.
    pub fn is_link(&self) -> bool {
        let url = url::Url::parse(&self.value);
        url.is_ok_and(|url| url.scheme() == "https")
    }
}

/// What was ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The vendor's id of the orderable unit.
    pub id: String,
    /// The vendor's name for it.
    pub name: String,
    /// What the recruiter reads below the name.
    pub description: String,
}

/// A report as a vendor gave it, already in our words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What the vendor's status word says.
    pub reading: Reading,
    /// The vendor's id of the order, when the report carries one.
    pub vendor_ref: Option<String>,
    /// A page at the vendor for this candidate, when the report carries one.
    pub profile_url: Option<String>,
    /// The report at the vendor, when this carries its address.
    pub report_url: Option<String>,
    /// The score, when the report carries one.
    pub score: Option<Score>,
    /// What else the vendor says about the check, when the report carries it.
    pub details: Vec<Detail>,
    /// When the vendor says that it said so, by the vendor's clock. Only vendors that date their reports set it.
    pub said_at: Option<Timestamp>,
}

impl Report {
    /// A report that says no more than this.
    pub const fn saying(reading: Reading) -> Self {
        Self {
            reading,
            vendor_ref: None,
            profile_url: None,
            report_url: None,
            score: None,
            details: Vec::new(),
            said_at: None,
        }
    }
}

/// An update that the ATS refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedUpdate {
    /// The version that it was to show.
    pub version: u64,
    /// What the ATS said, as a code without personal data.
    pub detail: String,
}

/// One line of an order's history. It holds no candidate data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it was recorded.
    pub at: Timestamp,
    /// What happened, as a sentence for an operator.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_web_page_of_a_plausible_length_is_kept() {
        let kept = "https://app.ashbyhq.com/candidates/1";
        assert_eq!(page_url(&format!(" {kept} ")).as_deref(), Some(kept));
        for other in
            ["http://app.ashbyhq.com/", "javascript:alert(1)", "", &format!("https://a.example/{}", "x".repeat(500))]
        {
            assert_eq!(page_url(other), None, "{other}");
        }
    }

    #[test]
    fn a_phone_number_goes_however_it_is_written_and_other_numbers_stay() {
        let candidate = Candidate {
            first_name: "Asha".into(),
            last_name: "Rao".into(),
            email: "asha@example.com".into(),
            phone: Some("+91 98765 43210".into()),
        };
        assert_eq!(candidate.without("call +91 98765 43210 today"), "call … … … today");
        assert_eq!(candidate.without("call (98765) - 43210"), "call … … …");
        assert_eq!(candidate.without("of Asha RAO, asha@example.com"), "of … … …");
        assert_eq!(candidate.without("step 3 of 12, room 4"), "step 3 of 12, room 4");
    }
}
