//! What vendors say when they call us, already in our words, and what their calls come to.

use std::collections::BTreeMap;

use http::Method;

use crate::error::Fault;
use crate::inbound::BadBody;
use crate::order::{Order, OrderId, Package, Reading, Report, Score, Source, State, Status, Taken};

/// A verified call of a vendor's: what was asked, below the connection's callback URL.
#[derive(Debug, Clone, Copy)]
pub struct VendorCall<'a> {
    /// The HTTP method.
    pub method: &'a Method,
    /// The parts of the path after the connection's id.
    pub path: &'a [&'a str],
    /// The query, undecoded.
    pub query: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
    /// What the operator set for the connection.
    pub options: &'a BTreeMap<String, String>,
}

/// What a vendor's call wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// It reports on an order.
    Report(Callback),
    /// It reports on several orders at once, or several times on one.
    Reports(Vec<Callback>),
    /// It has news, and does not tell of which order. See [`super::Vendor::learn`].
    News {
        /// What the vendor can be asked about. Only the connector that named it reads it.
        of: String,
    },
    /// It sets single fields of an order's result.
    Update(Box<Update>),
    /// It reads an order of its own connection.
    Order(OrderId),
    /// It reads the package list.
    Packages,
    /// It reads one package.
    Package(String),
    /// It adds a package, which gets an id from us; one of the same name is that package.
    AddPackage {
        /// What recruiters pick.
        name: String,
        /// What they read below it; may be empty.
        description: String,
    },
    /// It changes what it names of a package.
    ChangePackage {
        /// The package's id.
        id: String,
        /// Its new name.
        name: Option<String>,
        /// Its new description.
        description: Option<String>,
    },
    /// It takes a package off the list.
    DropPackage(String),
}

/// A callback's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// Our order id, when the vendor echoed it.
    pub order: Option<OrderId>,
    /// What it says.
    pub report: Report,
}

/// What a vendor says of an order's result. What it does not say stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Our id of the order.
    pub order: OrderId,
    /// The id that the vendor knows the order by.
    pub vendor_ref: String,
    /// Where the check stands.
    pub reading: Option<Reading>,
    /// The score.
    pub score: Option<Score>,
    /// A page at the vendor beside the report, https.
    pub profile_url: Option<String>,
    /// The report at the vendor, https.
    pub report_url: Option<String>,
}

impl Update {
    /// The same as a pushed report on this order. Without a status word it repeats the order's own.
    pub fn report_on(&self, order: &Order) -> Report {
        let reading = match &self.reading {
            Some(reading) => reading.clone(),
            None if order.placement.vendor_ref().is_some() => Reading::Known(order.status.clone()),
            None => Reading::Known(Status::plain(State::Ordered, "Placed with the vendor")),
        };
        Report {
            source: Source::OnlyPushed,
            reading,
            vendor_ref: Some(self.vendor_ref.clone()),
            profile_url: self.profile_url.clone(),
            report_url: self.report_url.clone(),
            score: self.score,
            said_at: None,
        }
    }
}

/// What a vendor answered to a cancellation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// It does not stop the check, or has no call for that.
    Refused,
    /// It accepted.
    Yes {
        /// What it said of the check with that, where it cannot be asked.
        last_word: Option<Box<Report>>,
    },
}

/// Why a vendor's call was refused.
#[derive(Debug, Clone)]
pub enum CallbackRefused {
    /// No such connection, or not with this vendor.
    NoConnection,
    /// The sender did not prove to be the vendor.
    NotVerified,
    /// The vendor's protocol has no such call.
    NoSuchCall,
    /// The body cannot be read.
    Body(BadBody),
    /// The vendor speaks of an order that this connection does not have.
    NoOrder,
    /// The vendor speaks, by its own id alone, of an order that is not known by it. It may have overtaken the answer to
    /// our own call.
    NoReference,
    /// The vendor speaks of a package that it never put on the list.
    NoPackage,
    /// Our own table or secrets do not answer, or the vendor that had to be asked: send it again.
    Unavailable(Fault),
}

impl From<Fault> for CallbackRefused {
    fn from(fault: Fault) -> Self {
        Self::Unavailable(fault)
    }
}

/// What a vendor's call came to.
#[derive(Debug, Clone)]
pub enum CallDone {
    /// A report was taken.
    Taken(Taken, Box<Order>),
    /// Several reports were taken, each by itself.
    Several,
    /// The order that was asked for, and the callback URL of its connection.
    Order(Box<Order>, String),
    /// The package list.
    Packages(Vec<Package>),
    /// The package that was added.
    Package(Package),
    /// The package that was asked for.
    PackageRead(Package),
    /// The package as it was changed.
    PackageChanged(Package),
    /// The package is off the list.
    Dropped,
}
