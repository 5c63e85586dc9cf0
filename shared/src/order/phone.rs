//! One phone number out of what people write into a phone field, by Google's rules for every country's numbers.

use phonenumber::country::Id;

/// Why a text is no phone number to call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    /// It cannot be read as one number: two of them, or words.
    #[error("the candidate's phone number cannot be read as one number")]
    NotOne,
    /// It leads to an extension, which gets no text message.
    #[error("the candidate's phone number has an extension")]
    Extension,
}

/// A number as the world dials it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// Country calling code: 91 for India, 1 for the US and its neighbours.
    pub country_code: u16,
    /// The number within its country, without the prefix for long distance.
    pub national: String,
}

/// Reads a number. `region`, two letters, is the country of one that names none; without a region such a number is not
/// clear. A number that names a country is never read as one of another.
///
/// # Errors
/// See [`Unclear`].
pub fn read(given: &str, region: Option<&str>) -> Result<Phone, Unclear> {
    let text = given.trim();
    let text = text.strip_prefix("tel:").unwrap_or(text).trim();
    // No country's own numbers begin with two zeros: they stand for the plus sign.
    let text = text.strip_prefix("00").map_or_else(|| text.to_owned(), |rest| format!("+{rest}"));
    // "+49 (0) 89": the zero is for callers within the country.
    let text = if text.starts_with('+') { text.replacen("(0)", "", 1) } else { text };
    let region: Option<Id> = region.and_then(|region| region.parse().ok());
    let number = phonenumber::parse(region, &text).map_err(|_| Unclear::NotOne)?;
    if number.extension().is_some() {
        return Err(Unclear::Extension);
    }
    // The library reads letters as keys of a telephone, and would call somebody else.
    if text.contains(char::is_alphabetic) {
        return Err(Unclear::NotOne);
    }
    let number = if phonenumber::is_valid(&number) { number } else { whole(&text, region).unwrap_or(number) };
    Ok(Phone { country_code: number.country().code(), national: national(&number) })
}

/// A national number that begins like its country's code: ten digits from 91 on may be Indian.
fn whole(text: &str, region: Option<Id>) -> Option<phonenumber::PhoneNumber> {
    if text.starts_with('+') {
        return None;
    }
    let code = phonenumber::metadata::DATABASE.by_id(region?.as_ref())?.country_code();
    phonenumber::parse(region, format!("+{code}{text}")).ok().filter(phonenumber::is_valid)
}

fn national(number: &phonenumber::PhoneNumber) -> String {
    let whole = number.format().mode(phonenumber::Mode::E164).to_string();
    whole.strip_prefix(&format!("+{}", number.country().code())).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_in(region: &str, given: &str) -> Result<(u16, String), Unclear> {
        read(given, Some(region)).map(|phone| (phone.country_code, phone.national))
    }

    #[test]
    fn one_number_is_read_however_it_is_written() {
        for given in [
            "+91 (0) 98765 43205",
            "+91 098765 43205",
            "tel:+91-98765-43205",
            "0091 98765 43205",
            "919876543205",
            "09876543205",
            "98765.43205",
        ] {
            assert_eq!(read_in("IN", given), Ok((91, "9876543205".to_owned())), "{given}");
        }
        assert_eq!(read_in("IN", "9198765432"), Ok((91, "9198765432".to_owned())), "91 may begin a national number");
        assert_eq!(read_in("US", "(203) 540-8926"), Ok((1, "2035408926".to_owned())));
        assert_eq!(read_in("US", "00 1 203 540 8926"), Ok((1, "2035408926".to_owned())));
    }

    #[test]
    fn a_number_of_another_country_stays_one() {
        for given in ["+49 89 234567", "0049 89 234567", "+49 (0) 89 234567"] {
            for region in ["US", "IN"] {
                assert_eq!(read_in(region, given), Ok((49, "89234567".to_owned())), "{given}");
            }
        }
        assert_eq!(read("98765 43205", None), Err(Unclear::NotOne), "no country is guessed");
    }

    #[test]
    fn what_is_not_one_number_is_refused_with_the_reason() {
        for given in [
            "9876543205 / 9876543206",
            "9876543205, 9876543206",
            "9876543205 or 9876543206",
            "98765432059876543206",
            "call me",
            "98765-43205 (mobile)",
            "1-800-FLOWERS",
            "",
            "-",
        ] {
            assert_eq!(read_in("IN", given), Err(Unclear::NotOne), "{given}");
        }
        for given in ["203-540-8926 ext 7", "203-540-8926 x7", "203-540-8926;ext=7"] {
            assert_eq!(read_in("US", given), Err(Unclear::Extension), "{given}");
        }
    }
}
