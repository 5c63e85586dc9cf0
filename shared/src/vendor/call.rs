//! What vendors say when they call us, in our own types, and what comes of their calls.

use http::Method;

use crate::error::Fault;
use crate::inbound::BadBody;
use crate::order::{Detail, Order, OrderId, Package, Reading, Report, Score, Status, Taken};

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
}

/// What a vendor's call wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VendorRequest {
    /// It can be asked, and has news of these orders.
    Notices(Vec<Notice>),
    /// It cannot be asked, and reports on an order that it knows by an id of its own.
    Report(Box<Report>),
    /// It can be asked, and has news, but does not tell of which order. See [`super::VendorCallbacks::learn`].
    News {
        /// What the vendor can be asked about. Only the connector that named it reads it.
        of: String,
    },
    /// It sets single fields of an order's result.
    Update(Box<Update>),
    /// It reads an order of its own connection.
    Order(OrderId),
    /// It reads or changes the package list that it keeps here.
    Packages(PackageCall),
}

/// What a vendor wants of the package list that it keeps here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackageCall {
    /// All of it, or a part.
    List(Page),
    /// One package.
    Read(String),
    /// Another package, which gets an id from us; one of the same name is that package.
    Add {
        /// What recruiters pick.
        name: String,
        /// What they read below it; may be empty.
        description: String,
    },
    /// What it names of a package is changed.
    Change {
        /// The package's id.
        id: String,
        /// Its new name.
        name: Option<String>,
        /// Its new description.
        description: Option<String>,
    },
    /// A package goes off the list.
    Drop(String),
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Page {
    /// How many entries come before it.
    pub from: usize,
    /// How many it has at most; `None` for all that are left.
    pub size: Option<usize>,
}

impl Page {
    /// This part of a list, and where the next one begins.
    pub fn of<T>(self, list: Vec<T>) -> (Vec<T>, Option<usize>) {
        let to = self.from.saturating_add(self.size.unwrap_or(usize::MAX));
        let next = Some(to).filter(|to| *to < list.len());
        (list.into_iter().skip(self.from).take(to.saturating_sub(self.from)).collect(), next)
    }
}

/// What a push of a vendor that can be asked is needed for: the order to ask about. What it says of the check is not
/// read, so that nobody who got hold of the callback secret can say anything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notice {
    /// Our order id, when the vendor echoed it.
    pub order: Option<OrderId>,
    /// The vendor's id of the order, when the push has it.
    pub vendor_ref: Option<String>,
    /// The vendor's id of an invitation of the order's candidate, when the push is about one.
    pub invitation: Option<String>,
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
    /// What else the vendor says.
    pub details: Vec<Detail>,
}

impl Update {
    /// The same as a pushed report on this order. Without a status word it repeats the order's own.
    pub fn report_on(&self, order: &Order) -> Report {
        let reading = match &self.reading {
            Some(reading) => reading.clone(),
            None if order.placement.vendor_ref().is_some() => Reading::Known(order.status.clone()),
            None => Reading::Known(Status::placed()),
        };
        Report {
            vendor_ref: Some(self.vendor_ref.clone()),
            profile_url: self.profile_url.clone(),
            report_url: self.report_url.clone(),
            score: self.score,
            details: self.details.clone(),
            ..Report::saying(reading)
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
    /// The vendor will be asked.
    Noticed,
    /// The order that was asked for, and the callback URL of its connection.
    Order(Box<Order>, String),
    /// The package list, or the part that was asked for, and where the next part begins.
    Packages(Vec<Package>, Option<usize>),
    /// The package that was added.
    Package(Package),
    /// The package that was asked for.
    PackageRead(Package),
    /// The package as it was changed.
    PackageChanged(Package),
    /// The package is off the list.
    Dropped,
}
