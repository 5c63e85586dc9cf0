//! Lists in pages, as every listing call of Checkr gives them.

use super::super::call::Call;
use super::refusal::Refused;
use serde_json::{Value, json};

/// The page size if the caller names none, and the most it may name.
const PER_PAGE: usize = 25;
const LIMIT: usize = 100;

/// The page a call asks for, oldest first, so that a caller who reads one page only misses the
/// newest. `filters` are the query parameters that the links to the other pages repeat.
pub(super) fn page(origin: &str, call: &Call, filters: &[&str], items: &[Value]) -> Result<Value, Refused> {
    let number = number(call, "page", 1)?;
    let size = self::number(call, "per_page", PER_PAGE)?;
    if number == 0 || size > LIMIT {
        return Err(Refused::new(400, "page must be at least 1 and per_page between 0 and 100"));
    }
    let start = size.saturating_mul(number - 1);
    let data: Vec<_> = items.iter().skip(start).take(size).cloned().collect();
    let href = |wanted: bool, number: usize| wanted.then(|| href(origin, call, filters, number, size));
    let more = size > 0 && start.saturating_add(size) < items.len();
    Ok(json!({
        "object": "list", "data": data, "count": items.len(),
        "next_href": href(more, number + 1), "previous_href": href(number > 1, number.saturating_sub(1)),
    }))
}

fn number(call: &Call, key: &str, otherwise: usize) -> Result<usize, Refused> {
    let asked = call.query(key).map_or(Ok(otherwise), str::parse);
    asked.map_err(|_| Refused::new(400, format!("{key} is not a number")))
}

fn href(origin: &str, call: &Call, filters: &[&str], number: usize, size: usize) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for key in filters {
        if let Some(value) = call.query(key) {
            query.append_pair(key, value);
        }
    }
    query.append_pair("page", &number.to_string()).append_pair("per_page", &size.to_string());
    format!("{origin}{}?{}", call.path, query.finish())
}
