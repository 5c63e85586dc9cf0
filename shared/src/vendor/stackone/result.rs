//! A result as a vendor patches it: status word, score, links. Everything is optional and may come by itself.

use serde_json::Value;

use super::{STATUS_MAP, Update, wire};
use crate::inbound::BadBody;
use crate::order::{Beside, Detail, OrderId, Outcome, Reading, Score, Status};

/// Longest words of the vendor's that are shown, in characters.
const MAX_LABEL: usize = 120;

/// Most further attachments that are kept. An address may have two thousand characters, and an order is one item.
const MAX_DOCUMENTS: usize = 10;

/// A scale with this many steps loses nothing that matters when its score is rounded; in hundredths.
const FINE: i64 = 100 * 100;

/// The value for a status that StackOne's list does not have; the vendor's own word is beside it.
const UNMAPPED: &str = "unmapped_value";

/// Reads a result.
pub(super) fn read(order: OrderId, body: &Value) -> Result<Update, BadBody> {
    if !body.is_object() {
        return Err(BadBody::Field("the body is not a JSON object of the expected shape".to_owned()));
    }
    // A report that comes as a document leaves `result_url` to be the page at the vendor. Either alone is the report.
    let (page, document) = (wire::link(body.get("result_url")), attachment(body));
    let (report_url, profile_url) = if document.is_some() { (document, page) } else { (page, None) };
    Ok(Update {
        order,
        vendor_ref: order.to_string(),
        reading: reading(body)?,
        score: body.get("score").and_then(score),
        details: documents(body, [&profile_url, &report_url]),
        profile_url,
        report_url,
    })
}

/// The attachments that are neither the report nor the page, for the recruiter to open.
fn documents(body: &Value, named: [&Option<String>; 2]) -> Vec<Detail> {
    let listed = body.get("attachments").and_then(Value::as_array).into_iter().flatten();
    let others = listed.filter_map(|one| {
        let value = wire::link(one.get("url")).filter(|url| !named.contains(&&Some(url.clone())))?;
        // StackOne's attachments have a type and no name.
        let kind = one.get("content_type").and_then(|kind| kind.get("value")).and_then(plain);
        let label = kind.map_or_else(|| "Document".to_owned(), |kind| format!("Document ({kind})"));
        Some(Detail { label, value })
    });
    others.take(MAX_DOCUMENTS).collect()
}

fn reading(body: &Value) -> Result<Option<Reading>, BadBody> {
    let result = body.get("result").filter(|result| !result.is_null());
    let field = |name: &str| result.and_then(|r| r.get(name)).filter(|value| !value.is_null());
    let own = field("source_value").and_then(plain);
    let Some(value) = field("value") else {
        return Ok(own.map(|word| Reading::Unknown { word }));
    };
    let wrong = || BadBody::Field("the field `result.value` has the wrong type or an impossible value".to_owned());
    let value = value.as_str().map(str::trim).filter(|word| !word.is_empty()).ok_or_else(wrong)?;
    let word = folded(value);
    Ok(Some(match STATUS_MAP.iter().find(|row| folded(row.word) == word) {
        Some(row) => {
            let summary = || wire::text(body.get("summary")).filter(|text| text.chars().count() <= MAX_LABEL);
            let beside: Vec<Beside> = own.as_deref().and_then(beside).into_iter().collect();
            let label = own.clone().or_else(summary).unwrap_or_else(|| row.word.to_owned());
            let status = Status { state: row.state, outcome: row.outcome, label: String::new() };
            Reading::Known(Status { label, ..status.with(&beside) })
        }
        None if word == UNMAPPED => Reading::Unknown { word: own.unwrap_or(word) },
        None => Reading::Unknown { word: own.unwrap_or_else(|| value.chars().take(MAX_LABEL).collect()) },
    }))
}

/// What vendors write into `source_value` beside a finished result. It is theirs alone, so the list is ours; a word that
/// it lacks makes a passed check inconclusive.
const OWN_WORDS: [(&str, Outcome); 30] = [
    ("passed", Outcome::Clear),
    ("pass", Outcome::Clear),
    ("clear", Outcome::Clear),
    ("cleared", Outcome::Clear),
    ("complete", Outcome::Clear),
    ("completed", Outcome::Clear),
    ("done", Outcome::Clear),
    ("finished", Outcome::Clear),
    ("success", Outcome::Clear),
    ("successful", Outcome::Clear),
    ("approved", Outcome::Clear),
    ("eligible", Outcome::Clear),
    ("verified", Outcome::Clear),
    ("true", Outcome::Clear),
    ("yes", Outcome::Clear),
    ("review", Outcome::Review),
    ("in_review", Outcome::Review),
    ("needs_review", Outcome::Review),
    ("consider", Outcome::Review),
    ("alert", Outcome::Review),
    ("warning", Outcome::Review),
    ("discrepancy", Outcome::Review),
    ("escalated", Outcome::Review),
    ("false", Outcome::Review),
    ("no", Outcome::Review),
    ("adverse", Outcome::Adverse),
    ("fail", Outcome::Adverse),
    ("failed", Outcome::Adverse),
    ("not_passed", Outcome::Adverse),
    ("did_not_pass", Outcome::Adverse),
];

/// A vendor's own word beside the value. A number is a score and says nothing of its own.
fn beside(own: &str) -> Option<Beside> {
    if own.trim_end_matches('%').parse::<f64>().is_ok() {
        return None;
    }
    let row = OWN_WORDS.iter().find(|(word, _)| *word == folded(own));
    Some(Beside { outcome: row.map(|(_, outcome)| *outcome), words: own.to_owned() })
}

/// A status word as it is compared with the table's: in small letters, with StackOne's underscores.
pub(super) fn folded(word: &str) -> String {
    word.trim().to_lowercase().replace([' ', '-'], "_")
}

/// A vendor's own word: a text, a number or a truth value. StackOne allows objects too, which no label can show.
fn plain(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    (!text.is_empty()).then(|| text.chars().take(MAX_LABEL).collect())
}

/// The first PDF among the attachments, else the first one.
fn attachment(body: &Value) -> Option<String> {
    let listed = body.get("attachments")?.as_array()?;
    let is_pdf = |one: &&Value| {
        let kind = |name: &str| one.get("content_type").and_then(|kind| kind.get(name)).and_then(Value::as_str);
        [kind("value"), kind("source_value")].iter().flatten().any(|word| word.to_ascii_lowercase().contains("pdf"))
    };
    let link = |one: &Value| wire::link(one.get("url"));
    listed.iter().filter(is_pdf).find_map(link).or_else(|| listed.iter().find_map(link))
}

/// A score. Its bounds may be left out only of a percentage.
fn score(given: &Value) -> Option<Score> {
    let percentage = ["label", "value"].iter().any(|key| {
        given.get(key).and_then(Value::as_str).is_some_and(|text| {
            let text = text.to_lowercase();
            text.contains("percent") || text.contains('%')
        })
    });
    let bound = |key: &str, default: i64| match given.get(key).filter(|value| !value.is_null()) {
        Some(value) => hundredths(value),
        None => percentage.then_some(default),
    };
    let (raw, min, max) = (hundredths(given.get("value")?)?, bound("min", 0)?, bound("max", FINE)?);
    if min >= max {
        return None;
    }
    let all = |each: fn(i64) -> i64| Score { raw: each(raw), min: each(min), max: each(max) };
    let whole = [raw, min, max].iter().all(|n| n % 100 == 0);
    // On a coarse scale, 3.7 of 4, rounding would change the result: the whole score is given in hundredths there.
    Some(if whole || max - min >= FINE { all(|n| (n + 50).div_euclid(100)) } else { all(|n| n) })
}

/// A decimal number, as text or as a number, in hundredths; further digits are cut off.
fn hundredths(value: &Value) -> Option<i64> {
    let text = match value {
        Value::String(text) => text.trim().trim_end_matches('%').trim_end().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let (sign, digits) = text.strip_prefix('-').map_or((1, text.as_str()), |rest| (-1, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || !all_digits(whole) || !all_digits(part) {
        return None;
    }
    let part: String = part.chars().chain("00".chars()).take(2).collect();
    Some(sign * (100 * whole.parse::<i64>().ok()? + part.parse::<i64>().ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patch(body: &Value) -> Result<Update, BadBody> {
        read(OrderId::generate(), body)
    }

    fn read_score(given: &Value) -> Option<(i64, i64, i64)> {
        let update = patch(&json!({ "score": given })).expect("readable");
        update.score.map(|Score { raw, min, max }| (raw, min, max))
    }

    #[test]
    fn a_passed_check_is_as_bad_as_the_vendors_own_word_for_it() {
        for (value, own, outcome) in [
            ("passed", json!("Passed"), Outcome::Clear),
            ("passed", json!("87"), Outcome::Clear),
            ("passed", json!(87.5), Outcome::Clear),
            ("passed", json!("92%"), Outcome::Clear),
            ("passed", json!(true), Outcome::Clear),
            ("passed", json!(null), Outcome::Clear),
            ("passed", json!("Needs review"), Outcome::Review),
            ("passed", json!("CONSIDER"), Outcome::Review),
            ("passed", json!(false), Outcome::Review),
            ("passed", json!("Failed"), Outcome::Adverse),
            ("passed", json!("passed with concerns"), Outcome::Inconclusive),
            ("failed", json!("passed"), Outcome::Adverse),
            ("completed", json!("passed"), Outcome::Inconclusive),
            ("completed", json!("consider"), Outcome::Review),
        ] {
            let update = patch(&json!({ "result": { "value": value, "source_value": own } })).expect("readable");
            let Some(Reading::Known(status)) = update.reading else { panic!("known") };
            assert_eq!(status.outcome, outcome, "{value}, {own}");
        }
    }

    #[test]
    fn every_value_of_the_specification_means_what_the_table_says_in_any_spelling() {
        for row in STATUS_MAP {
            let (spaced, dashed) = (format!(" {} ", row.word.replace('_', " ")), row.word.replace('_', "-"));
            for spelling in [row.word.to_owned(), row.word.to_uppercase(), spaced, dashed] {
                let update = patch(&json!({ "result": { "value": spelling, "source_value": 12 } })).expect("readable");
                let status = Status { state: row.state, outcome: row.outcome, label: "12".to_owned() };
                assert_eq!(update.reading, Some(Reading::Known(status)), "{spelling}");
            }
        }
    }

    #[test]
    fn a_value_that_is_not_in_the_table_has_no_meaning_and_shows_the_vendors_word() {
        for (result, word) in [
            (json!({ "value": "unmapped_value", "source_value": "Cleared" }), "Cleared"),
            (json!({ "value": "unmapped_value" }), "unmapped_value"),
            (json!({ "value": "accepted", "source_value": 7 }), "7"),
            (json!({ "value": "Consider" }), "Consider"),
            (json!({ "source_value": "passed" }), "passed"),
        ] {
            let update = patch(&json!({ "result": result })).expect("readable");
            assert_eq!(update.reading, Some(Reading::Unknown { word: word.to_owned() }), "{result}");
        }
    }

    #[test]
    fn a_patch_of_single_fields_is_no_error_and_a_status_of_another_type_is() {
        for body in
            [json!({}), json!({ "result": null }), json!({ "result": { "value": null } }), json!({ "summary": "x" })]
        {
            assert_eq!(patch(&body).expect("readable").reading, None, "{body}");
        }
        for body in [json!([]), json!({ "result": { "value": 7 } }), json!({ "result": { "value": " " } })] {
            assert!(patch(&body).is_err(), "{body}");
        }
    }

    #[test]
    fn the_label_is_the_source_value_else_a_short_summary_else_the_value() {
        let label = |body: Value| match patch(&body).expect("readable").reading {
            Some(Reading::Known(status)) => status.label,
            other => panic!("{other:?}"),
        };
        assert_eq!(label(json!({ "result": { "value": "passed", "source_value": "OK" }, "summary": "Fine" })), "OK");
        assert_eq!(label(json!({ "result": { "value": "passed", "source_value": {} }, "summary": "Fine" })), "Fine");
        let long = "x".repeat(121);
        assert_eq!(label(json!({ "result": { "value": "passed" }, "summary": long })), "passed");
        assert_eq!(label(json!({ "result": { "value": "passed", "source_value": long } })).len(), 120);
    }

    #[test]
    fn scores_come_as_texts_and_are_never_made_up() {
        let given = |value: &str, min: &str, max: &str| json!({ "value": value, "min": min, "max": max });
        assert_eq!(read_score(&given("80", "0", "100")), Some((80, 0, 100)));
        assert_eq!(read_score(&given("80.5", "0", "100")), Some((81, 0, 100)));
        assert_eq!(read_score(&given("3.7", "0", "4")), Some((370, 0, 400)));
        assert_eq!(read_score(&given("-3", "-5", "5")), Some((-3, -5, 5)));
        assert_eq!(read_score(&json!({ "value": 80, "min": 0, "max": 100 })), Some((80, 0, 100)));
        assert_eq!(read_score(&json!({ "label": "Percentage", "value": "80" })), Some((80, 0, 100)));
        assert_eq!(read_score(&json!({ "value": "80 %" })), Some((80, 0, 100)));
        for none in [
            json!({ "label": "Points", "value": "80" }),
            json!({ "label": "Points", "value": "80", "max": "90" }),
            given("A", "0", "100"),
            given("", "0", "100"),
            given("80", "100", "0"),
            given("80", "none", "100"),
            given("1e3", "0", "9999"),
            json!({}),
            json!(null),
        ] {
            assert_eq!(read_score(&none), None, "{none}");
        }
    }

    #[test]
    fn the_report_is_a_pdf_else_any_attachment_else_the_result_url_and_https() {
        let links = |body: Value| {
            let update = patch(&body).expect("readable");
            (update.report_url, update.profile_url)
        };
        let at = |path: &str| Some(format!("https://v.example/{path}"));
        let attachments = json!([
            { "url": "http://v.example/0.pdf", "content_type": { "value": "pdf" } },
            { "url": "https://v.example/1.mp4", "content_type": { "value": "video" } },
            { "url": "https://v.example/2", "content_type": { "value": "unmapped_value", "source_value": "application/pdf" } },
        ]);
        let result = "https://v.example/result";
        assert_eq!(links(json!({ "attachments": attachments })), (at("2"), None));
        let both = json!({ "attachments": attachments, "result_url": result });
        assert_eq!(links(both), (at("2"), at("result")), "the result's page is kept beside the document");
        assert_eq!(links(json!({ "attachments": [{ "url": "https://v.example/a" }] })), (at("a"), None));
        for none in [json!(null), json!([]), json!([7]), json!([{ "url": "http://v.example/0.pdf" }])] {
            assert_eq!(links(json!({ "attachments": none, "result_url": result })), (at("result"), None), "{none}");
        }
        assert_eq!(links(json!({ "result_url": "javascript:alert(1)", "attachments": [7] })), (None, None));
    }
}
