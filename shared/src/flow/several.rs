//! Several reports in one push: each is recorded by itself, so that none keeps another back.

use super::Services;
use super::take_report::reported;
use crate::connection::Connection;
use crate::vendor::{CallDone, Callback, CallbackRefused};

/// Records every report, one after the other, since two of them may be of one order. A push is refused as unknown only
/// if no order of it is known: sent again, it would bring no more. What could not be stored makes the vendor send all
/// of it again; whatever was recorded is then repeated, and at most asked about.
pub(super) async fn all(
    services: &Services,
    connection: &Connection,
    callbacks: &[Callback],
) -> Result<CallDone, CallbackRefused> {
    let (mut taken, mut unknown, mut fault) = (0_usize, None, None);
    for callback in callbacks {
        match reported(services, connection, callback).await {
            Ok(_) => taken += 1,
            Err(CallbackRefused::Unavailable(why)) => fault = Some(why),
            Err(why) => unknown = Some(why),
        }
    }
    match (fault, unknown) {
        (Some(fault), _) => Err(CallbackRefused::Unavailable(fault)),
        (None, Some(why)) if taken == 0 => Err(why),
        (None, unknown) => {
            if unknown.is_some() {
                let (of, connection_id) = (callbacks.len(), &connection.id);
                tracing::warn!(%connection_id, taken, of, "some of several reports are about no order here");
            }
            Ok(CallDone::Several)
        }
    }
}
