//! One stable link per order: a page about its state, and the report behind it once there is one. Signed by us; the
//! report is fetched from the vendor when it is opened.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;

use super::Services;
use crate::connection::Connection;
use crate::error::{Fault, FaultKind};
use crate::order::{Order, OrderId};
use crate::secrets::Secrets;
use crate::signature::{is_signed, sign};
use crate::vendor::ReportFile;

/// Time for the vendor to give the PDF while a browser waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a link proves its validity with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// So many days after the order closed.
    Days(i64),
    /// Until this second since 1970: links to reports as earlier versions gave them out.
    Until(i64),
}

/// What is behind a link.
#[derive(Debug)]
pub enum Opened {
    /// The report.
    Report(ReportFile),
    /// There is no report: where the order stands.
    Standing(Box<(Order, Connection)>),
}

/// Why nothing is shown.
#[derive(Debug, Clone)]
pub enum ReportRefused {
    /// We did not sign the link, or its order is gone.
    NotOurs,
    /// We signed it, and it has expired.
    Expired,
    /// The vendor, our table or our secrets did not give it.
    Unavailable(Fault),
}

impl From<Fault> for ReportRefused {
    fn from(fault: Fault) -> Self {
        Self::Unavailable(fault)
    }
}

/// The link of an order. It is the same from the order on, so telling the ATS twice changes nothing, and valid until
/// `days` after the order closed.
///
/// # Errors
/// When the signing key cannot be read.
pub async fn report_link(secrets: &Secrets, order: OrderId, public_url: &str, days: i64) -> Result<String, Fault> {
    let key = secrets.report_link_key().await?;
    let signature = sign(key.expose_secret().as_bytes(), &signed_text(order, Validity::Days(days)));
    let base = public_url.trim_end_matches('/');
    Ok(format!("{base}/reports/{order}?days={days}&signature={signature}"))
}

fn signed_text(order: OrderId, validity: Validity) -> String {
    match validity {
        Validity::Days(days) => format!("order.{order}.{days}"),
        Validity::Until(second) => format!("report.{order}.{second}"),
    }
}

/// Until when a link is valid; an order that is open has no end.
fn end(order: &Order, validity: Validity) -> Option<i64> {
    match validity {
        Validity::Until(second) => Some(second),
        Validity::Days(days) => {
            let end = order.closed_at?.checked_add(SignedDuration::from_hours(days.saturating_mul(24)));
            Some(end.unwrap_or(Timestamp::MAX).as_second())
        }
    }
}

/// What is behind a link: the report fresh from the vendor, or where the order stands.
///
/// # Errors
/// See [`ReportRefused`].
pub async fn open_link(
    services: &Services,
    order: OrderId,
    validity: Validity,
    signature: &str,
) -> Result<Opened, ReportRefused> {
    let key = services.secrets.report_link_key().await?;
    if !is_signed(key.expose_secret().as_bytes(), &signed_text(order, validity), signature) {
        return Err(ReportRefused::NotOurs);
    }
    let order = services.store.order(order).await?.ok_or(ReportRefused::NotOurs)?;
    if end(&order, validity).is_some_and(|end| services.clock.now().as_second() > end) {
        return Err(ReportRefused::Expired);
    }
    let connection = services.connection(&order.connection).await?.ok_or(ReportRefused::NotOurs)?;
    // A link that an earlier version gave out leads to the report alone.
    if !order.has_report() && matches!(validity, Validity::Days(_)) {
        return Ok(Opened::Standing(Box::new((order, connection))));
    }
    if order.placement.vendor_ref().is_none() {
        return Err(ReportRefused::NotOurs);
    }
    let keys = services.secrets.keys(&connection.id).await?;
    let account = services.vendor_account(&connection, &keys, PATIENCE);
    tracing::info!(order_id = %order.id, "report opened");
    let late = |_| Fault::new(FaultKind::NoAnswer, "report", "took too long in all");
    let report = connection.vendor.connector().report(&account, &order);
    Ok(Opened::Report(tokio::time::timeout(PATIENCE, report).await.map_err(late)??))
}
