//! The pages that people open, in a real browser: SmartRecruiters' consent page, the applicant's page, and the page of an order.
//!
//! `make browser` installs the browser. Pictures of every page are left below `target/screenshots`.

#![expect(clippy::indexing_slicing, reason = "a test stops where something is not as it should be")]

mod applicant;
mod audit;
mod consent;
mod driver;
mod order;
mod street;
