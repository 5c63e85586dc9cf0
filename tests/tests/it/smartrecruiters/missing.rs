//! What an order does not bring is read from the candidates and jobs APIs before anything is bought.

use shared::ats::AtsKind;
use shared::order::Placement;
use shared::vendor::VendorKind;
use sim::Fault;
use sim::pair::{Pair, Person};
use sim::smartrecruiters::refusal;
use tests::world::{PHONE, Result};

use super::Play;

#[tokio::test(flavor = "multi_thread")]
async fn address_and_family_name_that_the_order_leaves_out_are_fetched() -> Result {
    let play = Play::new().await?;
    play.sim.send_short_orders(true);
    let candidate = play.sim.add_candidate("Asha", "Rao", "asha@example.com", Some(PHONE));
    let card = play.orders_for(&candidate).await?;
    play.placed(&card).await?;
    let bought = play.vendor.springverify().ok_or("another vendor")?.orders();
    assert_eq!((bought[0].name.as_str(), bought[0].email.as_str()), ("Asha Rao", "asha@example.com"));
    assert_eq!(play.sim.calls("jobs"), 0, "SpringVerify is told nothing of the job");
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_without_an_address_waits_until_there_is_one() -> Result {
    let play = Play::new().await?;
    play.sim.send_short_orders(true);
    let candidate = play.sim.add_candidate("Asha", "Rao", "", Some(PHONE));
    let card = play.orders_for(&candidate).await?;
    let shown = play.until_summary(&card, "Action required: add an e-mail address to the candidate").await?;
    assert_eq!(shown.status.as_deref(), Some("PENDING"));
    assert_eq!(play.vendor.creates(), 0, "nothing is bought for nobody");
    play.sim.set_email(&candidate, "asha@example.com")?;
    play.an_hour_passes().await?;
    play.placed(&card).await?;
    play.ends_with_bought(1)
}

/// Orders for a candidate without an address, from an account that does without. The paid call gets no clear answer.
async fn unclear_without_an_address(play: &Play, fault: Fault) -> Result<String> {
    let springverify = play.vendor.springverify().ok_or("another vendor")?;
    springverify.set_email_optional(true);
    play.sim.packages(&play.company).await?;
    play.sim.send_short_orders(true);
    springverify.faults().once("candidate/add", fault);
    play.orders_for(&play.sim.add_candidate("Asha", "Rao", "", Some(PHONE))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_address_a_strangers_fresh_check_is_not_taken_for_ours() -> Result {
    let play = Play::new().await?;
    let springverify = play.vendor.springverify().ok_or("another vendor")?;
    let stranger = springverify.portal_adds("Nila Bose", "", "9000000001", 4238);
    let card = unclear_without_an_address(&play, Fault::CutBefore).await?;
    play.until_card(&card, |o| matches!(o.placement, Placement::Unknown { .. })).await?;
    play.idle().await;
    play.an_hour_passes().await?;
    assert_ne!(play.placed(&card).await?, stranger.to_string());
    let sent = springverify.requests().into_iter().filter(|call| call.operation == "candidate/add");
    for call in sent {
        assert_eq!(call.body.pointer("/candidate/email"), None, "an address that is not there is left out");
    }
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_address_a_check_of_the_same_number_waits_for_a_person() -> Result {
    for (fault, bought) in [(Fault::CutBefore, 0), (Fault::DoThenCut, 1)] {
        let play = Play::new().await?;
        let springverify = play.vendor.springverify().ok_or("another vendor")?;
        if bought == 0 {
            let _ = springverify.portal_adds("Asha Rao", "", "9876543210", 4238);
        }
        let card = unclear_without_an_address(&play, fault).await?;
        let order = play.until_card(&card, |o| o.status.label.contains("look in its portal")).await?;
        assert!(order.status.label.contains("phone number"), "{}", order.status.label);
        play.an_hour_passes().await?;
        assert_eq!(play.order_of(&card).await?.placement.vendor_ref(), None);
        play.ends_with_bought(bought)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_address_the_echoed_order_id_proves_a_check_ours() -> Result {
    let play = Play::new().await?;
    let springverify = play.vendor.springverify().ok_or("another vendor")?;
    springverify.set_meta_data_in_reads(true);
    let card = unclear_without_an_address(&play, Fault::DoThenCut).await?;
    let check = play.placed(&card).await?;
    assert_eq!(springverify.orders().last().map(|order| order.candidate_id.to_string()), Some(check));
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_record_cannot_mend_is_refused_at_once() -> Result {
    let play = Play::new().await?;
    play.sim.send_short_orders(true);
    let candidate = play.sim.add_candidate("आशा", "Rao", "asha@example.com", Some(PHONE));
    let card = play.orders_for(&candidate).await?;
    let shown = play.until_summary(&card, "letters A to Z").await?;
    assert_eq!(shown.status.as_deref(), Some("REJECTED"));
    play.ends_with_bought(0)
}

/// A refusal at the door would be seen by nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_without_a_first_name_is_ordered_or_refused_on_the_card() -> Result {
    let play = Play::new().await?;
    let candidate = play.sim.add_candidate("", "Rao", "asha@example.com", Some(PHONE));
    let card = play.orders_for(&candidate).await?;
    play.placed(&card).await?;
    let nameless = play.sim.add_candidate("", "R", "r@example.com", Some(PHONE));
    let card = play.orders_for(&nameless).await?;
    let shown = play.until_summary(&card, "at least two letters").await?;
    assert_eq!((shown.status.as_deref(), shown.score_label.as_deref()), (Some("REJECTED"), Some("Not ordered")));
    play.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_alone_does_not_need_the_candidates_record() -> Result {
    let pair = Pair::start(AtsKind::SmartRecruiters, VendorKind::AshbyPartner).await?;
    let sim = pair.ats.smartrecruiters().ok_or("another ATS")?;
    let asha = Person { first: "Asha", last: "Rao", email: "asha@example.com", phone: Some(PHONE) };
    let (card, _) = pair.ats.orders(asha).await?;
    let order = pair.until_card(&card, |o| o.placement.vendor_ref().is_some() && o.told == o.version).await?;
    assert_eq!(order.reference.job_title.as_deref(), Some("Backend Engineer"));
    assert_eq!((sim.calls("candidates"), sim.calls("jobs")), (0, 1));
    pair.idle().await;
    Ok(pair.ends_with_bought(1)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_cannot_be_read_does_not_hold_the_check_up() -> Result {
    let pair = Pair::start(AtsKind::SmartRecruiters, VendorKind::AshbyPartner).await?;
    let sim = pair.ats.smartrecruiters().ok_or("another ATS")?;
    sim.faults().once("jobs", Fault::Answer(refusal(404, "JOB_NOT_FOUND", "no")));
    let asha = Person { first: "Asha", last: "Rao", email: "asha@example.com", phone: Some(PHONE) };
    let (card, _) = pair.ats.orders(asha).await?;
    let order = pair.until_card(&card, |o| o.placement.vendor_ref().is_some() && o.told == o.version).await?;
    assert_eq!((order.reference.job_title, sim.calls("jobs")), (None, 1));
    pair.idle().await;
    Ok(pair.ends_with_bought(1)?)
}
