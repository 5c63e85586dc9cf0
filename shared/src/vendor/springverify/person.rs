//! Writes a candidate as SpringVerify takes one (Latin name, ten-digit Indian mobile number), or says why it cannot.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::connection::Catalogue;
use crate::order::Candidate;

/// Checks everything that can be checked before SpringVerify is asked, and names every fault at once.
pub(super) fn preflight(candidate: &Candidate, catalogue: &Catalogue) -> Result<(), String> {
    let mut faults = Vec::new();
    if catalogue.credit.is_some_and(|left| left <= 0) {
        faults.push("the SpringVerify account has no credits left; top it up in the SpringVerify portal".to_owned());
    }
    faults.extend(name(candidate).err());
    faults.extend(candidate.phone.as_deref().and_then(|given| phone(given).err()));
    if catalogue.needs_email && !candidate.email.contains('@') {
        faults.push("add an e-mail address to the candidate".to_owned());
    }
    if faults.is_empty() { Ok(()) } else { Err(format!("{}.", faults.join("; "))) }
}

/// The full name in letters, spaces, dots and hyphens, at least two characters. Accents are folded and apostrophes
/// dropped, since SpringVerify takes neither; a name in another script is refused rather than guessed at.
pub(super) fn name(candidate: &Candidate) -> Result<String, String> {
    let full = format!("{} {}", candidate.first_name, candidate.last_name);
    let folded: String = full
        .nfd()
        .filter(|c| !is_combining_mark(*c) && !matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '`'))
        .map(|c| if matches!(c, '\u{2010}'..='\u{2015}') { '-' } else { c })
        .collect();
    let tidy = folded.split_whitespace().collect::<Vec<_>>().join(" ");
    if tidy.chars().any(|c| !(c.is_ascii_alphabetic() || matches!(c, ' ' | '.' | '-'))) {
        return Err("SpringVerify takes names in Latin letters, spaces, dots and hyphens only; correct the \
                    candidate's name"
            .to_owned());
    }
    if tidy.chars().filter(char::is_ascii_alphabetic).count() < 2 {
        return Err("SpringVerify needs a name of at least two letters; correct the candidate's name".to_owned());
    }
    Ok(tidy)
}

/// Ten digits that begin with 6 to 9, whatever of `+91`, `0091`, `91` or `0` stood before them.
pub(super) fn phone(given: &str) -> Result<String, String> {
    let mut digits = String::new();
    for c in given.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' | ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' | '\u{202f}' | '\u{2010}'..='\u{2015}' => {}
            _ => return Err(NOT_A_PHONE.to_owned()),
        }
    }
    let foreign = given.trim_start().starts_with('+') && !digits.starts_with("91");
    let tail = ["0091", "91", "0", ""]
        .into_iter()
        .find_map(|prefix| digits.strip_prefix(prefix).filter(|rest| rest.len() == 10));
    match tail {
        Some(number) if !foreign && number.starts_with(['6', '7', '8', '9']) => Ok(number.to_owned()),
        _ => Err(NOT_A_PHONE.to_owned()),
    }
}

const NOT_A_PHONE: &str = "SpringVerify needs a ten-digit Indian mobile number; correct the candidate's phone number";

#[cfg(test)]
mod tests {
    use super::*;

    fn named(first: &str, last: &str) -> Result<String, String> {
        let candidate = Candidate {
            first_name: first.to_owned(),
            last_name: last.to_owned(),
            email: "a@example.com".to_owned(),
            phone: None,
        };
        name(&candidate)
    }

    #[test]
    fn names_are_folded_to_what_springverify_takes() {
        assert_eq!(named("  José ", "O’Brien-Núñez").as_deref(), Ok("Jose OBrien-Nunez"));
        assert_eq!(named("Asha", "K. Rao").as_deref(), Ok("Asha K. Rao"));
        assert_eq!(named("Asha", "").as_deref(), Ok("Asha"));
    }

    #[test]
    fn names_that_cannot_be_sent_are_refused_with_the_reason() {
        assert!(named("आशा", "राव").is_err_and(|why| why.contains("Latin letters")));
        assert!(named("R2", "D2").is_err());
        assert!(named("A", "").is_err_and(|why| why.contains("two letters")));
        assert!(named("..", "-").is_err());
    }

    #[test]
    fn phones_lose_the_country_code_and_nothing_else() {
        for given in ["9876543210", "+91 98765 43210", "0091-98765-43210", "09876543210", "919876543210"] {
            assert_eq!(phone(given).as_deref(), Ok("9876543210"), "{given}");
        }
        assert_eq!(phone("9198765432").as_deref(), Ok("9198765432"), "91 may begin a ten-digit number");
        for given in ["+1 415 555 0100", "12345", "5876543210", "98765432101", "call me", "+9876543210", ""] {
            assert!(phone(given).is_err(), "{given}");
        }
    }
}
