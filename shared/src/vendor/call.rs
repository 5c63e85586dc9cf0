//! What vendors say when they call us, already in our words.

use http::Method;

use crate::order::{Order, OrderId, Reading, Report, Score, Source, State, Status};

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
pub enum Asked {
    /// It reports on an order.
    Report(Callback),
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
            profile_url: None,
            report_url: self.report_url.clone(),
            score: self.score,
            said_at: None,
        }
    }
}
