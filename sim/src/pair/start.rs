//! The list of simulated ATSs and vendors that a pair can be made of.

use shared::ats::AtsKind;
use shared::vendor::VendorKind;

use super::ashby::Ashby;
use super::ashby_vendor::AshbyVendor;
use super::ats::PlaysAts;
use super::checkr::Checkr;
use super::smartrecruiters::SmartRecruiters;
use super::springverify::SpringVerify;
use super::stackone_vendor::StackOneVendor;
use super::teamtailor::Teamtailor;
use super::vendor::PlaysVendor;
use crosscheck::deployment::CliError;

/// Starts the simulator of an ATS.
pub(super) async fn ats(kind: AtsKind) -> Result<Box<dyn PlaysAts>, CliError> {
    Ok(match kind {
        AtsKind::Ashby => Box::new(Ashby::start().await?),
        AtsKind::SmartRecruiters => Box::new(SmartRecruiters::start().await?),
        AtsKind::Teamtailor => Box::new(Teamtailor::start().await?),
    })
}

/// Starts the simulator of a vendor.
pub(super) async fn vendor(kind: VendorKind) -> Result<Box<dyn PlaysVendor>, CliError> {
    Ok(match kind {
        VendorKind::SpringVerify => Box::new(SpringVerify::start().await?),
        VendorKind::AshbyPartner | VendorKind::Justifacts => Box::new(AshbyVendor::start(kind).await?),
        VendorKind::StackOne => Box::new(StackOneVendor::start().await?),
        VendorKind::Checkr => Box::new(Checkr::start().await?),
    })
}
