//! Writes a candidate as SpringVerify takes one (Latin name, ten-digit Indian mobile number), or says why it cannot.

use unicode_normalization::UnicodeNormalization as _;

use crate::connection::Catalogue;
use crate::order::{Candidate, clean, email, phone};

/// Checks everything that can be checked before SpringVerify is asked, and names every fault at once.
pub(super) fn preflight(candidate: &Candidate, catalogue: &Catalogue) -> Result<(), String> {
    let mut faults = Vec::new();
    if catalogue.credit.is_some_and(|left| left <= 0) {
        faults.push("the SpringVerify account has no credits left; top it up in the SpringVerify portal".to_owned());
    }
    faults.extend(name(candidate).err());
    faults.extend(candidate.phone.as_deref().and_then(|given| phone(given).err()));
    if catalogue.needs_email {
        faults.extend(email::fault(candidate, true));
    }
    if faults.is_empty() { Ok(()) } else { Err(format!("{}.", faults.join("; "))) }
}

/// The full name in letters, spaces, dots and hyphens, at least two letters. Latin letters are written in A to Z and
/// apostrophes dropped, since SpringVerify takes no others; a name in another script is refused rather than guessed at.
pub(super) fn name(candidate: &Candidate) -> Result<String, String> {
    let full = format!("{} {}", candidate.first_name, candidate.last_name);
    let written: Option<String> = full.nfc().map(letters).collect();
    let tidy = written.as_deref().map(clean::words).ok_or(
        "SpringVerify takes names in the letters A to Z, spaces, dots and hyphens only; correct the candidate's name",
    )?;
    if tidy.chars().filter(char::is_ascii_alphabetic).count() < 2 {
        return Err("SpringVerify needs a name of at least two letters; correct the candidate's name".to_owned());
    }
    Ok(tidy)
}

fn letters(c: char) -> Option<String> {
    match c {
        '\'' | '\u{2019}' | '\u{2018}' | '`' => Some(String::new()),
        '-' | '\u{2010}'..='\u{2015}' => Some("-".to_owned()),
        ' ' | '.' => Some(c.to_string()),
        c => clean::ascii_letters(c),
    }
}

/// Ten digits that begin with 6 to 9, as every Indian mobile number does. New series begin so too, which is why no list
/// of the series in use decides.
pub(super) fn phone(given: &str) -> Result<String, String> {
    let why = match phone::read(given, Some("IN")) {
        Err(unclear) => unclear.to_string(),
        Ok(number) if number.country_code != INDIA => "the candidate's is from another country".to_owned(),
        Ok(number) if number.national.len() == 10 && number.national.starts_with(['6', '7', '8', '9']) => {
            return Ok(number.national);
        }
        Ok(_) => "the candidate's is not one".to_owned(),
    };
    Err(format!("SpringVerify needs a ten-digit Indian mobile number, and {why}; correct the candidate's phone number"))
}

const INDIA: u16 = 91;

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
        assert_eq!(named("Łukasz", "Sørensen").as_deref(), Ok("Lukasz Sorensen"));
        assert_eq!(named("Asha", "-").as_deref(), Ok("Asha"));
    }

    #[test]
    fn names_that_cannot_be_sent_are_refused_with_the_reason() {
        assert!(named("आशा", "राव").is_err_and(|why| why.contains("letters A to Z")));
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
        for (given, why) in [
            ("+1 415 555 0100", "from another country"),
            ("0049 89 234567", "from another country"),
            ("12345", "is not one"),
            ("5876543210", "is not one"),
            ("98765432101", "is not one"),
            ("call me", "cannot be read as one number"),
            ("9876543210 / 9876543211", "cannot be read as one number"),
            ("9876543210 ext 7", "has an extension"),
            ("", "cannot be read as one number"),
        ] {
            assert!(phone(given).is_err_and(|said| said.contains(why)), "{given}");
        }
    }
}
