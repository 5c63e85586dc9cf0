//! A report as a PDF: a link that Checkr makes for a short while, followed without the key and to its own hosts only.

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;
use url::Url;

use super::{client, road, wire};
use crate::account::Account;
use crate::error::{Fault, FaultKind};
use crate::order::Order;
use crate::outbound::Call;

/// The type of the document that holds the whole report.
const PDF_REPORT: &str = "pdf_report";

/// Documents read one by one at most, where none is embedded.
const DOCUMENTS: usize = 5;

const NO_PDF: &str = "there is no PDF of this report yet";

/// The PDF of the order's own report. The link to it is asked for anew each time, since it expires.
pub(super) async fn report_pdf(account: &Account<'_>, order: &Order) -> Result<Bytes, Fault> {
    let operation = "GET /reports/{id}";
    let none = || Fault::new(FaultKind::NotFound, operation, NO_PDF);
    let report = client::report(account, order, "?include=documents").await?.ok_or_else(none)?;
    let embedded = report.get("documents").and_then(Value::as_array).into_iter().flatten().find_map(pdf_link);
    let address = match embedded {
        Some(address) => address,
        None => listed(account, &report).await?.ok_or_else(none)?,
    };
    download(account, &address).await
}

async fn listed(account: &Account<'_>, report: &Value) -> Result<Option<String>, Fault> {
    for id in wire::ids(report, "document_ids").iter().take(DOCUMENTS) {
        let document = road::get(account, "GET /documents/{id}", &format!("documents/{id}")).await?.body;
        if let Some(address) = pdf_link(&document) {
            return Ok(Some(address));
        }
    }
    Ok(None)
}

fn pdf_link(document: &Value) -> Option<String> {
    let is_report = wire::text(document, "type").is_some_and(|kind| kind.eq_ignore_ascii_case(PDF_REPORT));
    wire::text(document, "download_uri").filter(|_| is_report).map(str::to_owned)
}

async fn download(account: &Account<'_>, address: &str) -> Result<Bytes, Fault> {
    let operation = "document download";
    let foreign = || Fault::new(FaultKind::Forbidden, operation, "the link does not lead to a host of Checkr's");
    let url = Url::parse(address).ok().filter(|url| is_checkrs(url, account.base_url)).ok_or_else(foreign)?;
    let headers = HeaderMap::new();
    let call = Call { operation, method: Method::GET, url, headers, body: None, timeout: account.timeout };
    let reply = account.outbound.send(call).await?;
    if !reply.status.is_success() {
        let detail = format!("HTTP {}", reply.status.as_u16());
        return Err(Fault::new(FaultKind::Unexpected, operation, detail));
    }
    let not_a_pdf = || Fault::new(FaultKind::Unexpected, operation, "the document is not a PDF");
    Some(reply.body).filter(|body| body.starts_with(b"%PDF")).ok_or_else(not_a_pdf)
}

/// Whether a link leads to where Checkr keeps documents: below its domains, into its bucket, or to the API itself.
fn is_checkrs(url: &Url, base: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let below = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let known = below("checkr.com") || below("checkr-staging.com") || is_bucket(host);
    url.origin() == base.origin() || (url.scheme() == "https" && known)
}

/// Amazon's name for the bucket `checkr-documents`, with or without one label for the region. More labels could be a
/// stranger's load balancer.
fn is_bucket(host: &str) -> bool {
    let region = host.strip_prefix("checkr-documents.s3").and_then(|rest| rest.strip_suffix(".amazonaws.com"));
    region.is_some_and(|region| {
        let label = region.strip_prefix(['.', '-']);
        region.is_empty() || label.is_some_and(|label| label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn is_followed(address: &str) -> bool {
        let base = Url::parse("https://api.checkr.com/v1").expect("a URL");
        is_checkrs(&Url::parse(address).expect("a URL"), &base)
    }

    #[test]
    fn links_are_followed_to_checkrs_hosts_only() {
        for ours in [
            "https://checkr-documents.checkr.com/download_path",
            "https://api.checkr.com/x",
            "https://documents.checkr-staging.com/x",
            "https://checkr-documents.s3.amazonaws.com/candidates/x?Expires=1",
            "https://checkr-documents.s3.us-east-1.amazonaws.com/x",
            "https://checkr-documents.s3-us-west-2.amazonaws.com/x",
        ] {
            assert!(is_followed(ours), "{ours}");
        }
        for foreign in [
            "http://checkr-documents.checkr.com/x",
            "https://evilcheckr.com/x",
            "https://checkr.com.evil.example/x",
            "https://other.s3.amazonaws.com/x",
            "https://checkr-documents.s3.lb.us-east-1.elb.amazonaws.com/x",
            "https://checkr-documents.s3x.amazonaws.com/x",
            "https://169.254.169.254/latest",
        ] {
            assert!(!is_followed(foreign), "{foreign}");
        }
    }

    #[test]
    fn of_a_reports_documents_only_the_report_itself_is_opened() {
        let of = |kind: &str| json!({ "type": kind, "download_uri": "https://checkr-documents.checkr.com/x" });
        assert!(pdf_link(&of("pdf_report")).is_some());
        assert_eq!(pdf_link(&of("driver_license")), None);
        assert_eq!(pdf_link(&json!({ "type": "pdf_report" })), None);
    }
}
