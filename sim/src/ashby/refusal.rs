//! How Ashby says no: three shapes of error, all seen in the wild, often with HTTP 200.

use super::super::reply::Reply;
use serde_json::{Value, json};

/// The shape of an error body. A client has to read all three.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorShape {
    /// `errors: ["code"]` alone.
    Codes,
    /// `errors: [{"message", "parameter"}]`.
    Messages,
    /// `errors: ["code"]` with `errorInfo`, as the schema has it.
    #[default]
    Info,
}

/// A refusal in one of the shapes, also for use as a fault's answer.
#[must_use]
pub fn refusal(shape: ErrorShape, status: u16, code: &str, message: &str) -> Reply {
    let body = match shape {
        ErrorShape::Codes => json!({"success": false, "errors": [code]}),
        ErrorShape::Messages => {
            let error = json!({"message": message, "parameter": code});
            json!({"success": false, "errors": [error]})
        }
        ErrorShape::Info => json!({"success": false, "errors": [code],
            "errorInfo": {"code": code, "message": message, "requestId": super::new_id()}}),
    };
    Reply::json(status, &body)
}

/// What Cloudflare answers in front of Ashby to a request without a `User-Agent`.
#[must_use]
pub fn cloudflare_1010() -> Reply {
    let page = "<!DOCTYPE html><html><head><title>Access denied</title></head>\
        <body><h1>Error 1010</h1><p>The owner of this website has banned your access based on \
        your browser's signature.</p></body></html>";
    Reply::text(403, "text/html; charset=UTF-8", page)
}

/// 429 for one key, or for the partner's traffic summed over all its customers.
#[must_use]
pub fn rate_limited(retry_after_s: u64, whole_partner: bool) -> Reply {
    let message = "Too many requests";
    let reply = refusal(ErrorShape::Info, 429, "rate_limit_exceeded", message)
        .with_header("retry-after", &retry_after_s.to_string());
    if whole_partner {
        return reply.with_header("x-ratelimit-scope", "integration-partner");
    }
    reply
}

/// Why a call was refused, before it is put into a shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Refused {
    /// A logical error: HTTP 200, `success: false`.
    pub(super) fn because(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: 200, code, message: message.into() }
    }

    pub(super) fn reply(&self, shape: ErrorShape) -> Reply {
        refusal(shape, self.status, self.code, &self.message)
    }
}

/// The envelope of a success.
pub(super) fn success(results: &Value) -> Reply {
    Reply::json(200, &json!({"success": true, "results": results}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_shapes_differ_only_where_ashby_differs() {
        let body = |shape| -> Value { serde_json::from_slice(&refusal(shape, 200, "no_such", "None").body).unwrap() };
        assert_eq!(body(ErrorShape::Codes), json!({"success": false, "errors": ["no_such"]}));
        assert_eq!(body(ErrorShape::Messages)["errors"][0]["message"], "None");
        assert_eq!(body(ErrorShape::Info)["errorInfo"]["code"], "no_such");
    }
}
