//! A stable link to a report whose own URLs expire: signed by us, fetched from the vendor when it is opened.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;

use super::Services;
use crate::error::{Fault, FaultKind};
use crate::order::{Order, OrderId};
use crate::secrets::Secrets;
use crate::signature::{is_signed, sign};
use crate::vendor::ReportFile;

/// Time for the vendor to give the PDF while a browser waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a report is not shown.
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

/// The link for a completed order. It is the same each time, so telling the ATS twice changes nothing.
///
/// # Errors
/// When the signing key cannot be read.
pub async fn report_link(secrets: &Secrets, order: &Order, public_url: &str, days: i64) -> Result<String, Fault> {
    let key = secrets.report_link_key().await?;
    let closed = order.closed_at.unwrap_or(order.created_at);
    let expires = closed.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX).as_second();
    let signature = sign(key.expose_secret().as_bytes(), &signed_text(order.id, expires));
    let base = public_url.trim_end_matches('/');
    Ok(format!("{base}/reports/{}?expires={expires}&signature={signature}", order.id))
}

fn signed_text(order: OrderId, expires: i64) -> String {
    format!("report.{order}.{expires}")
}

/// The report behind a link, fresh from the vendor.
///
/// # Errors
/// See [`ReportRefused`].
pub async fn open_report(
    services: &Services,
    order: OrderId,
    expires: i64,
    signature: &str,
) -> Result<ReportFile, ReportRefused> {
    let key = services.secrets.report_link_key().await?;
    if !is_signed(key.expose_secret().as_bytes(), &signed_text(order, expires), signature) {
        return Err(ReportRefused::NotOurs);
    }
    if services.clock.now().as_second() > expires {
        return Err(ReportRefused::Expired);
    }
    let order = services.store.order(order).await?.ok_or(ReportRefused::NotOurs)?;
    let connection = services.connection(&order.connection).await?.ok_or(ReportRefused::NotOurs)?;
    if order.placement.vendor_ref().is_none() {
        return Err(ReportRefused::NotOurs);
    }
    let keys = services.secrets.keys(&connection.id).await?;
    let account = services.vendor_account(&connection, &keys, PATIENCE);
    tracing::info!(order_id = %order.id, "report opened");
    let late = |_| Fault::new(FaultKind::NoAnswer, "report", "took too long in all");
    Ok(tokio::time::timeout(PATIENCE, connection.vendor.connector().report(&account, &order)).await.map_err(late)??)
}
