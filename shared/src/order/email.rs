//! One e-mail address out of what people write into an address field.

use std::str::FromStr as _;

use email_address::{EmailAddress, Options};

use super::Candidate;

/// The bare address: without a display name, angle brackets, `mailto:` or the dot of a sentence. `None` for what is no
/// single address that every mail server takes: two of them, one in quotes, one whose host has no dot.
pub fn read(given: &str) -> Option<String> {
    let text = given.trim().trim_end_matches(['.', ',', ';']);
    let text = text.strip_prefix("mailto:").unwrap_or(text).trim();
    let text = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(text);
    let options = Options::default().with_required_tld().without_domain_literal();
    let address = EmailAddress::parse_with_options(text, options).ok()?;
    let bare = EmailAddress::from_str(address.email()).ok()?;
    let plain = !bare.local_part().contains(['"', '/', '\\']) && bare.local_part().is_ascii();
    plain.then(|| bare.to_string())
}

/// What is wrong with a candidate's address for a vendor that is given one, as the rest of a sentence that begins "Not
/// ordered: ".
pub fn fault(candidate: &Candidate, is_needed: bool) -> Option<String> {
    if candidate.email.is_empty() {
        return is_needed.then(|| "add an e-mail address to the candidate".to_owned());
    }
    let wrong = "correct the candidate's e-mail address: it has to be one address, such as asha@example.com";
    read(&candidate.email).is_none().then(|| wrong.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_clear_address_is_read_out_of_what_people_write() {
        for given in [
            "asha@example.com",
            " asha@example.com ",
            "asha@example.com.",
            "asha@example.com;",
            "<asha@example.com>",
            "Asha Rao <asha@example.com>",
            "\"Rao, Asha\" <asha@example.com>",
            "mailto:asha@example.com",
        ] {
            assert_eq!(read(given).as_deref(), Some("asha@example.com"), "{given}");
        }
        for given in ["a.rao+jobs@mail.example.co.in", "o'brien@example.ie", "asha@bücher.example"] {
            assert_eq!(read(given).as_deref(), Some(given));
        }
    }

    #[test]
    fn what_is_no_single_address_is_none() {
        for given in [
            "",
            "asha",
            "asha@example",
            "@example.com",
            "asha@",
            "asha@example.",
            "asha@.com",
            "asha rao@example.com",
            "asha@example.com, rao@example.com",
            "asha@example.com rao@example.com",
            "asha@example.com;rao@example.com",
            "asha@@example.com",
            "asha@rao@example.com",
            "\"asha rao\"@example.com",
            "asha..rao@example.com",
            ".asha@example.com",
            "asha@[127.0.0.1]",
            "asha@exa mple.com",
        ] {
            assert_eq!(read(given), None, "{given}");
        }
    }
}
