//! The flows: one file per arrow of the picture in `lib.rs`.

mod advance;
mod batch;
mod begin;
mod blocked;
mod blot;
mod cancel;
mod look_up;
mod notices;
mod offer;
mod packages;
mod purchase;
mod record;
mod refusal;
mod report_link;
mod run;
mod services;
mod show_order;
mod step;
mod sync;
mod take_order;
mod take_report;

pub use advance::{Rest, Worker, advance, retry_delay};
pub use batch::{NotABatch, handle_batch};
pub use begin::{NotBegun, begin};
pub use packages::packages;
pub use report_link::{Opened, ReportRefused, Validity, open_link, report_link};
pub use services::{Caller, Services, Stranger};
pub use sync::sync;
pub use take_order::{ById, Manner, NewOrder, OrderRefused, PackageNamed, TakenOrder, order_of_call, take_order};
pub use take_report::take_call;
