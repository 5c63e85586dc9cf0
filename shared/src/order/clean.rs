//! Text as people paste it: marks that nobody sees, odd spaces, wide digits. All of it is cleaned here, when it comes in.

use unicode_normalization::UnicodeNormalization as _;

/// Characters that have no form of their own and change what stands beside them: soft hyphen, zero-width space, marks
/// and isolates of writing direction, word joiner and its kin, byte order mark.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Joiners, which Persian and Indic names need between letters and nothing else does.
const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Full-width digits and the plus sign of a phone number, as East Asian keyboards write them.
fn narrow(c: char) -> char {
    match c {
        '\u{ff10}'..='\u{ff19}' => char::from_u32(u32::from(c) - 0xff10 + u32::from('0')).unwrap_or(c),
        '\u{ff0b}' => '+',
        c => c,
    }
}

/// A phone number, an address, a token or a setting without invisible marks. Spaces and controls of every kind become
/// one plain space, and none stands at either end.
pub fn plain(text: &str) -> String {
    tidy(text.chars().filter(|c| !is_invisible(*c) && !is_joiner(*c)))
}

/// A name, likewise. Joiners stay where they stand between letters.
pub fn name(text: &str) -> String {
    let seen: Vec<char> = text.chars().filter(|c| !is_invisible(*c)).collect();
    let letter = |at: Option<usize>| at.and_then(|at| seen.get(at)).is_some_and(|c| is_part_of_word(*c));
    let kept = seen
        .iter()
        .enumerate()
        .filter(|(at, c)| !is_joiner(**c) || (letter(at.checked_sub(1)) && letter(Some(at + 1))));
    tidy(kept.map(|(_, c)| *c))
}

/// A letter, or a sign that belongs to the letter before it, such as an Indic vowel sign.
fn is_part_of_word(c: char) -> bool {
    c.is_alphabetic() || unicode_normalization::char::is_combining_mark(c)
}

/// A Latin letter in the letters A to Z: without its accents, or as it is written where its own letter is missing.
/// `None` for what is no Latin letter, or none that this knows. Unicode takes no accent off the letters in the list.
pub fn ascii_letters(letter: char) -> Option<String> {
    let base = std::iter::once(letter).nfd().next().filter(char::is_ascii_alphabetic);
    base.map(String::from).or_else(|| {
        let (_, written) = UNCOMPOSED.iter().find(|(known, _)| *known == letter)?;
        Some((*written).to_owned())
    })
}

const UNCOMPOSED: [(char, &str); 24] = [
    ('Ł', "L"),
    ('ł', "l"),
    ('Ø', "O"),
    ('ø', "o"),
    ('Đ', "D"),
    ('đ', "d"),
    ('Ð', "D"),
    ('ð', "d"),
    ('Þ', "Th"),
    ('þ', "th"),
    ('ß', "ss"),
    ('ẞ', "SS"),
    ('Æ', "Ae"),
    ('æ', "ae"),
    ('Œ', "Oe"),
    ('œ', "oe"),
    ('Ħ', "H"),
    ('ħ', "h"),
    ('Ŧ', "T"),
    ('ŧ', "t"),
    ('Ŋ', "N"),
    ('ŋ', "n"),
    ('ı', "i"),
    ('ĸ', "k"),
];

/// The words that hold a letter or a digit. People write a dash or a dot where there is no second name.
pub fn words(name: &str) -> String {
    let words = name.split_whitespace().filter(|word| word.contains(char::is_alphanumeric));
    words.collect::<Vec<_>>().join(" ")
}

fn tidy(chars: impl Iterator<Item = char>) -> String {
    let spaced: String = chars.map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { narrow(c) }).collect();
    spaced.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_letters_are_written_in_a_to_z_and_others_are_not_guessed() {
        let written = |name: &str| name.chars().map(ascii_letters).collect::<Option<String>>();
        for (name, plain) in [
            ("Łukasz", "Lukasz"),
            ("Søren", "Soren"),
            ("Đorđe", "Dorde"),
            ("Þórður", "Thordur"),
            ("Weiß", "Weiss"),
            ("Nguyễn", "Nguyen"),
            ("Ağaoğlı", "Agaogli"),
        ] {
            assert_eq!(written(name).as_deref(), Some(plain), "{name}");
        }
        for name in ["आशा", "Иван", "R2", "王"] {
            assert_eq!(written(name), None, "{name}");
        }
    }

    #[test]
    fn a_dash_is_no_name() {
        for (given, kept) in [("-", ""), (".", ""), ("Asha -", "Asha"), ("K. - Rao", "K. Rao"), ("Rao-Sen", "Rao-Sen")]
        {
            assert_eq!(words(given), kept, "{given}");
        }
    }

    #[test]
    fn what_nobody_sees_goes_and_what_is_seen_stays() {
        for (pasted, clean) in [
            ("\u{202a}+49 89 234567\u{202c}", "+49 89 234567"),
            ("\u{2066}+1\u{a0}415\u{2009}555\u{202f}0132\u{2069}", "+1 415 555 0132"),
            ("asha@example.com\u{200b}", "asha@example.com"),
            ("\u{feff}xck_0123", "xck_0123"),
            ("\u{200f}xck_\u{ad}01\u{2060}23\u{200d}", "xck_0123"),
            ("\t+91\t98765\n43210 ", "+91 98765 43210"),
            ("\u{ff0b}\u{ff19}\u{ff11} \u{ff10}", "+91 0"),
            ("a\u{0}b\u{85}c", "a b c"),
            ("\u{3000}", ""),
            ("Zo\u{eb} \u{141}uk", "Zo\u{eb} \u{141}uk"),
        ] {
            assert_eq!(plain(pasted), clean, "{pasted:?}");
            assert_eq!(plain(clean), clean, "cleaning twice");
        }
    }

    #[test]
    fn joiners_stay_between_letters_of_a_name_and_nowhere_else() {
        for (pasted, clean) in [
            (
                "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
                "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
            ),
            ("\u{915}\u{94d}\u{200d}\u{937}", "\u{915}\u{94d}\u{200d}\u{937}"),
            ("\u{200d}Asha\u{200c}", "Asha"),
            ("Asha\u{200d} Rao", "Asha Rao"),
            ("As\u{200b}ha\u{202e}", "Asha"),
            ("Anne\u{a0}Marie", "Anne Marie"),
        ] {
            assert_eq!(name(pasted), clean, "{pasted:?}");
            assert_eq!(name(clean), clean, "cleaning twice");
        }
    }
}
