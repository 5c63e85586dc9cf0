//! What a vendor's protocol can and cannot do, as far as a case ends differently because of it.

use shared::vendor::VendorKind;

/// What happens to a purchase that got no clear answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unclear {
    /// The vendor shows its orders: ours is found, or proved absent and bought.
    LookedUp,
    /// The vendor takes the same order twice as one: it is sent again.
    SentAgain,
    /// Nobody but a person can tell.
    WaitsForPerson,
}

/// How a callback is told from an older one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The vendor is asked where the check stands.
    Asked,
    /// The vendor dates what it says.
    Dated,
    /// Not at all: of two results the one that comes last counts.
    LastCounts,
}

/// One vendor's protocol.
#[derive(Debug, Clone, Copy)]
pub(super) struct Protocol {
    pub(super) order: Order,
    pub(super) unclear: Unclear,
    /// Whether what proves the sender belongs to one body.
    pub(super) signs_body: bool,
    /// Whether an answer without any content is an acknowledgement of an order.
    pub(super) any_success: bool,
    /// Answer to a report on an order that is not there.
    pub(super) unknown_order: u16,
    /// Answer to a path or method that the protocol does not have. Checkr would send anything but a 2xx 34 times.
    pub(super) unknown_call: u16,
    /// Answer to a callback that overtakes the answer to the purchase: taken, to be sent again, or left to the sync.
    pub(super) overtaking: u16,
}

impl Protocol {
    pub(super) const fn can_be_asked(&self) -> bool {
        matches!(self.order, Order::Asked)
    }
}

pub(super) const fn of(vendor: VendorKind) -> Protocol {
    let rest = Protocol {
        order: Order::Asked,
        unclear: Unclear::LookedUp,
        signs_body: false,
        any_success: false,
        unknown_order: 404,
        unknown_call: 404,
        overtaking: 200,
    };
    match vendor {
        // The callback echoes our order id.
        VendorKind::SpringVerify => rest,
        // The callback has the vendor's id alone, which may still be on its way: it has to come again.
        VendorKind::AshbyPartner | VendorKind::Justifacts => Protocol {
            order: Order::Dated,
            unclear: Unclear::WaitsForPerson,
            unknown_order: 503,
            overtaking: 503,
            ..rest
        },
        VendorKind::StackOne => {
            Protocol { order: Order::LastCounts, unclear: Unclear::SentAgain, any_success: true, ..rest }
        }
        VendorKind::Checkr => Protocol { signs_body: true, unknown_order: 200, unknown_call: 200, ..rest },
    }
}
