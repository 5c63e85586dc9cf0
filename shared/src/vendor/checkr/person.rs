//! Writes a candidate as Checkr takes one, or says why it cannot.

use unicode_normalization::UnicodeNormalization as _;

use super::location::US;
use crate::order::{Candidate, clean, email, phone};

/// Longest e-mail address, in bytes.
const EMAIL_LIMIT: usize = 255;

/// What is sent of a candidate.
#[derive(PartialEq, Eq)]
pub(super) struct Person {
    pub(super) email: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) phone: Option<String>,
}

/// Checks everything that can be checked before Checkr is asked, and names every fault at once.
pub(super) fn preflight(candidate: &Candidate) -> Result<(), String> {
    read(candidate, US).map(|_| ()).map_err(|faults| format!("{faults}."))
}

/// The candidate in Checkr's terms. `country`, two letters, is that of the work location.
pub(super) fn read(candidate: &Candidate, country: &str) -> Result<Person, String> {
    let mut faults = Vec::new();
    let mut keep = |read: Result<String, String>| {
        read.unwrap_or_else(|why| {
            faults.push(why);
            String::new()
        })
    };
    let person = Person {
        email: keep(email(&candidate.email)),
        first_name: keep(name("first", &candidate.first_name)),
        last_name: keep(name("last", &candidate.last_name)),
        phone: candidate.phone.as_deref().and_then(|given| us_phone(given, country)),
    };
    if faults.is_empty() { Ok(person) } else { Err(faults.join("; ")) }
}

/// Checkr invites by e-mail, so an address is the one thing that it cannot do without.
fn email(given: &str) -> Result<String, String> {
    match email::read(given) {
        Some(email) if email.len() <= EMAIL_LIMIT => Ok(email),
        Some(_) => Err(format!("Checkr takes e-mail addresses of at most {EMAIL_LIMIT} characters")),
        None if given.trim().is_empty() => {
            Err("Checkr invites by e-mail; add an e-mail address to the candidate".to_owned())
        }
        None => {
            Err("Checkr invites by e-mail; correct the candidate's e-mail address, which has to be one address"
                .to_owned())
        }
    }
}

/// A name in Checkr's characters, maybe empty: the hosted form asks for it. Typographic marks become plain ones, and a
/// Latin letter outside Latin-1 is written in A to Z; what cannot be written so is refused rather than guessed at.
fn name(which: &str, given: &str) -> Result<String, String> {
    let written: Option<String> = given.nfc().map(character).collect();
    let written = written.map(|text| clean::words(&text));
    let fits = |name: &String| name.is_empty() || name.contains(char::is_alphabetic);
    written.filter(fits).ok_or_else(|| {
        format!(
            "Checkr takes letters from A to Z with or without accents (one at least), digits, spaces, hyphens, \
             apostrophes, periods and commas in names; correct the candidate's {which} name"
        )
    })
}

fn character(c: char) -> Option<String> {
    let plain = match c {
        '\u{2018}' | '\u{2019}' | '\u{02bc}' | '`' | '\u{00b4}' => '\'',
        '\u{2010}'..='\u{2015}' => '-',
        c if c.is_whitespace() => ' ',
        c => c,
    };
    if is_allowed(plain) { Some(plain.to_string()) } else { clean::ascii_letters(plain) }
}

/// The range of characters that Checkr publishes.
fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || "ªµº-'., ".contains(c) || (('À'..='ÿ').contains(&c) && c != '×' && c != '÷')
}

/// Ten digits, as in Checkr's examples. It texts invitations to US numbers only, and the field is optional, so any
/// other number is left for the candidate to enter rather than sent in a form that may be refused. A number that names
/// no country is one of the country of the work location.
fn us_phone(given: &str, country: &str) -> Option<String> {
    let number = phone::read(given, Some(country)).ok().filter(|number| number.country_code == NORTH_AMERICA)?.national;
    let part_fits = |at: usize| number.as_bytes().get(at).is_some_and(|digit| *digit >= b'2');
    (number.len() == 10 && part_fits(0) && part_fits(3)).then_some(number)
}

const NORTH_AMERICA: u16 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(first: &str, last: &str, email: &str) -> Candidate {
        Candidate { first_name: first.to_owned(), last_name: last.to_owned(), email: email.to_owned(), phone: None }
    }

    fn names(first: &str, last: &str) -> Result<(String, String), String> {
        read(&candidate(first, last, "a@example.com"), US).map(|p| (p.first_name, p.last_name))
    }

    #[test]
    fn names_are_written_in_checkrs_characters() {
        let same = |first: &str, last: &str| Ok((first.to_owned(), last.to_owned()));
        assert_eq!(names(" José ", "O’Brien–Núñez"), same("José", "O'Brien-Núñez"));
        assert_eq!(names("Jose\u{301}", "Dvořák"), same("José", "Dvorák"));
        assert_eq!(names("Asha  K.", ""), same("Asha K.", ""));
        assert_eq!(names("Nguyễn", "Jr., 3"), same("Nguyen", "Jr., 3"));
        assert_eq!(names("Łukasz", "Sørensen"), same("Lukasz", "Sørensen"));
        assert_eq!(names("Asha", "-"), same("Asha", ""));
    }

    #[test]
    fn every_fault_is_named_at_once_and_no_data_is_quoted() {
        let why = preflight(&candidate("आशा", "R@o", "nobody")).expect_err("three faults");
        for part in ["first name", "last name", "e-mail address"] {
            assert!(why.contains(part), "{why}");
        }
        assert!(!why.contains("R@o") && !why.contains("nobody"), "{why}");
        assert!(names("Asha", "×").is_err());
    }

    #[test]
    fn an_address_without_user_host_or_dot_is_refused() {
        for wrong in ["", "a", "a@b", "@b.in", "a@b.", "a@.in", "a b@c.in", "a@b@c.in"] {
            assert!(email(wrong).is_err(), "{wrong}");
        }
        assert!(email(&format!("{}@b.in", "a".repeat(251))).is_err());
        assert_eq!(email(" a@b.in ").as_deref(), Ok("a@b.in"));
    }

    #[test]
    fn only_a_us_number_is_sent_and_only_its_ten_digits() {
        for given in ["2035408926", "+1 (203) 540-8926", "1-203-540-8926", "203.540.8926"] {
            assert_eq!(us_phone(given, US).as_deref(), Some("2035408926"), "{given}");
        }
        assert_eq!(us_phone("+1 203 540 8926", "IN").as_deref(), Some("2035408926"));
        for given in ["+91 98765 43210", "1035408926", "2030408926", "203540892", "203-540-8926 ext 7", ""] {
            assert_eq!(us_phone(given, US), None, "{given}");
        }
        assert_eq!(us_phone("9876543210", "IN"), None, "abroad, ten digits may be any country's");
    }

    /// Checkr would text somebody else's number: the marks hide the plus sign.
    #[test]
    fn a_foreign_number_with_marks_before_it_is_no_us_number() {
        for given in
            ["\u{202a}+49 89 234567\u{202c}", "\u{feff}\u{ff0b}49 89 2345678", "\u{2066}+91 98765 43210\u{2069}"]
        {
            let candidate = Candidate {
                first_name: "Asha".to_owned(),
                last_name: "Rao".to_owned(),
                email: "a@example.com".to_owned(),
                phone: Some(given.to_owned()),
            };
            let person = read(&candidate.cleaned(), US).unwrap_or_else(|why| panic!("{why}"));
            assert_eq!(person.phone, None, "{given:?}");
        }
    }
}
