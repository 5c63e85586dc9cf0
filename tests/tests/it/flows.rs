//! Orders from the recruiter's click to the report.

use secrecy::ExposeSecret as _;
use serde_json::json;
use shared::ats::AtsKind;
use shared::order::{OrderId, Outcome, State};
use shared::signature::sign;
use shared::vendor::VENDORS;
use sim::Delivery;
use sim::pair::{Pair, Person};
use tests::World;
use tests::world::{PHONE, Result, code, id_of};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_goes_from_the_recruiter_to_the_vendor_and_back() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    let shown = world.ats_shows(&id)?;
    assert_eq!(shown.status.as_deref(), Some("Awaiting candidate"));
    let link = shown.profile_url.ok_or("no link")?;
    let page = reqwest::get(&link).await?.text().await?;
    for part in ["SpringVerify", "Waiting for the candidate", "Standard"] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    assert_eq!(world.vendor_reports(check, code::IN_PROGRESS).await?, [200]);
    world.until(&id, State::InProgress).await?;
    assert!(world.ats_shows(&id)?.started);
    world.vendor_reports(check, code::COMPLETED).await?;
    let order = world.until(&id, State::Completed).await?;
    assert_eq!(order.status.outcome, Outcome::Clear);
    let shown = world.ats_shows(&id)?;
    assert_eq!((shown.completed, shown.result.as_deref()), (true, Some("Clear")));
    assert_eq!(shown.profile_url, Some(link), "one link from the order on");
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_callback_is_repaired_by_the_hourly_sync_and_closed_orders_cost_nothing() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    world.springverify.set_delivery(Delivery::Lose);
    world.vendor_reports(check, code::WITH_EXCEPTION).await?;
    assert_eq!(world.an_hour_passes().await?, 1);
    let order = world.until(&id, State::Completed).await?;
    assert_eq!(order.status.outcome, Outcome::Review);
    let asked = world.springverify.calls("candidate/details");
    assert_eq!(world.an_hour_passes().await?, 0, "a closed order is not on the list");
    assert_eq!(world.springverify.calls("candidate/details"), asked);
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_late_and_reordered_callbacks_end_where_the_vendor_is() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    world.springverify.set_delivery(Delivery::Hold);
    for code in [code::IN_PROGRESS, code::ON_HOLD, code::IN_PROGRESS, code::COMPLETED] {
        world.vendor_reports(check, code).await?;
    }
    let answers = world.springverify.release_held_backwards().await;
    assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
    world.until(&id, State::Completed).await?;
    world.springverify.replay(check, 0).await?;
    world.idle().await;
    let order = world.until(&id, State::Completed).await?;
    assert_eq!(order.status.outcome, Outcome::Clear);
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_that_come_in_one_push_each_reach_their_order() -> Result {
    let world = World::new().await?;
    let (first, of_first) = world.placed_order().await?;
    let (second, of_second) = world.placed_order().await?;
    world.springverify.set_delivery(Delivery::Hold);
    world.vendor_reports(of_first, code::IN_PROGRESS).await?;
    world.vendor_reports(of_second, code::WITH_EXCEPTION).await?;
    world.vendor_reports(of_first, code::COMPLETED).await?;
    assert_eq!(world.springverify.release_held_at_once().await, [200]);
    for (id, outcome) in [(&first, Outcome::Clear), (&second, Outcome::Review)] {
        assert_eq!(world.until(id, State::Completed).await?.status.outcome, outcome);
    }
    world.ends_with_bought(2)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_on_an_order_that_is_not_there_keeps_no_other_of_its_push_back() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    world.springverify.set_delivery(Delivery::Lose);
    world.vendor_reports(check, code::COMPLETED).await?;
    let report = |candidate: i64, order: &str| {
        json!({ "candidate_id": candidate, "overall_status_code": code::COMPLETED, "overall_status": "Completed",
            "meta_data": { "order_id": order } })
    };
    let (ours, bearer) = (report(check, &id), format!("Bearer {}", world.pair.made.callback_secret));
    let nobody = report(999_999_999, &OrderId::generate().to_string());
    for (push, status) in [(json!([nobody, nobody]), 404), (json!([{}, 7]), 422), (json!([nobody, {}, ours]), 200)] {
        let before = world.order(&id).await?.status.state;
        assert_eq!(before, State::AwaitingCandidate, "nothing was told of it yet");
        let answer = world.springverify.somebody_posts(Some(&bearer), &push.to_string()).await?;
        assert_eq!(answer.http_status, status, "{push}: {}", answer.text);
    }
    world.until(&id, State::Completed).await?;
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completed_check_that_the_vendor_reopens_is_shown_as_reopened() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    world.vendor_reports(check, code::IN_PROGRESS).await?;
    world.until(&id, State::InProgress).await?;
    assert_eq!(world.ats_shows(&id)?.result.as_deref(), Some("Reopened, not final"));
    world.vendor_reports(check, code::WITH_EXCEPTION).await?;
    let order = world.until(&id, State::Completed).await?;
    assert_eq!(order.status.outcome, Outcome::Review);
    assert_eq!(world.ats_shows(&id)?.result.as_deref(), Some("Review"));
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discrepancy_is_for_review_and_never_a_rejection() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    world.vendor_reports(check, code::DISCREPANCY).await?;
    let order = world.until(&id, State::InProgress).await?;
    assert_eq!(order.status.outcome, Outcome::Review);
    assert_eq!(world.ats_shows(&id)?.row("vendor_status").as_deref(), Some("Discrepancy"));
    assert!(!world.ats_shows(&id)?.completed);
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_status_word_keeps_the_state_and_is_shown_as_it_is() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    world.vendor_reports(check, code::IN_PROGRESS).await?;
    world.until(&id, State::InProgress).await?;
    world.springverify.vendor_says(check, 7, "Completed by magic").await?;
    let order = world.until_label(&id, "Completed by magic").await?;
    assert_eq!((order.status.state, order.status.outcome), (State::InProgress, Outcome::None));
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recruiter_who_clicks_twice_and_twice_at_once_gets_one_order() -> Result {
    let world = World::new().await?;
    let application = world.candidate().application_id;
    let many = (0..12).map(|_| world.recruiter_starts(&application));
    let mut ids = Vec::new();
    for answer in futures_all(many).await {
        ids.push(id_of(&answer?)?);
    }
    ids.push(id_of(&world.recruiter_starts(&application).await?)?);
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    world.placed(&ids[0]).await?;
    assert_eq!(id_of(&world.recruiter_starts(&application).await?)?, ids[0]);
    world.idle().await;
    world.ends_with_bought(1)
}

/// Runs futures at the same time and keeps their order.
async fn futures_all<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut pending: Vec<_> = futures.map(|f| (Box::pin(f), None)).collect();
    std::future::poll_fn(|context| {
        for (future, done) in &mut pending {
            if done.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *done = Some(value);
            }
        }
        if pending.iter().all(|(_, done)| done.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    pending.into_iter().filter_map(|(_, done)| done).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_candidate_by_another_application_is_a_conflict_and_a_finished_check_may_be_repeated() -> Result {
    let world = World::new().await?;
    let person = world.candidate();
    let first = id_of(&world.recruiter_starts(&person.application_id).await?)?;
    let job = world.ashby.add_job("Another job");
    let other = world.ashby.apply(&person.candidate_id, &job)?;
    assert_eq!(world.recruiter_starts(&other).await?.http_status, 409);
    let check = world.placed(&first).await?;
    world.vendor_reports(check, code::CANCELLED).await?;
    world.until(&first, State::Cancelled).await?;
    let second = id_of(&world.recruiter_starts(&other).await?)?;
    assert_ne!(first, second);
    // SpringVerify refuses the same person a second time; nobody buys, and everybody sees why.
    world.until_label(&second, "already has a candidate").await?;
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_phone_number_is_said_to_the_recruiter_and_nothing_is_stored() -> Result {
    let world = World::new().await?;
    let person = world.ashby.add_candidate("Asha", "Rao", "asha@example.com", None);
    let refused = world.recruiter_starts(&person.application_id).await?;
    assert_eq!(refused.http_status, 422);
    assert!(refused.str_at("/message").is_some_and(|m| m.contains("Add a phone number")), "{}", refused.text);
    assert_eq!(world.an_hour_passes().await?, 0);
    world.ashby.set_phone(&person.candidate_id, Some(PHONE))?;
    let id = id_of(&world.recruiter_starts(&person.application_id).await?)?;
    world.placed(&id).await?;
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_cancelled_where_that_is_possible_and_honest_where_not() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    let answer = world.ashby.recruiter_cancels(&world.partner, &id).await?;
    assert_eq!(answer.str_at("/errorInfo/code"), Some("already_with_vendor"), "{}", answer.text);
    world.until_label(&id, "stop it in the SpringVerify portal").await?;
    world.vendor_reports(check, code::CANCELLED).await?;
    world.until(&id, State::Cancelled).await?;
    assert!(world.ats_shows(&id)?.cancelled);
    let again = world.ashby.recruiter_cancels(&world.partner, &id).await?;
    assert!(again.is_ok(), "cancelling what is cancelled is no error");
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_link_opens_a_fresh_pdf_and_no_other_link_does() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    world.springverify.expire_report_links();
    let link = world.ats_shows(&id)?.profile_url.ok_or("no link")?;
    let opened = reqwest::get(&link).await?;
    assert_eq!(opened.status(), 200);
    assert_eq!(opened.headers()["content-type"], "application/pdf");
    assert!(opened.bytes().await?.starts_with(b"%PDF"));
    #[expect(clippy::disallowed_methods, reason = "a link preview's client, not ours")]
    let previews = reqwest::Client::new();
    let head = async |link: &str| previews.head(link).send().await.map(|answer| answer.status().as_u16());
    assert_eq!(head(&link).await?, 200, "link previews ask with HEAD");
    for wrong in [
        link.replace("signature=", "signature=x"),
        link.replace("days=90", "days=91"),
        link.replace("days=90", "expires=90"),
    ] {
        assert_eq!(reqwest::get(&wrong).await?.status(), 404, "{wrong}");
        assert_eq!(head(&wrong).await?, 404, "{wrong}");
    }
    world.pair.time_passes(std::time::Duration::from_hours(24 * 91));
    assert_eq!(reqwest::get(&link).await?.status(), 410);
    world.ends_with_bought(1)
}

/// A link is passed on more easily than an account, so the page says where the check stands and nothing about the person.
#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_an_order_leads_to_its_state_until_there_is_a_report() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    let (other, at_work) = world.placed_order().await?;
    let link = world.ats_shows(&id)?.profile_url.ok_or("no link")?;
    let says = async |link: &str, wanted: &str| -> Result {
        let page = reqwest::get(link).await?.text().await?;
        for strange in ["Asha", "Rao", "@", "98765", "bgv", "discrepancy", "Discrepancy"] {
            assert!(!page.contains(strange), "{strange} in {page}");
        }
        assert!(page.contains(wanted), "no {wanted} in {page}");
        Ok(())
    };
    says(&link, "Waiting for the candidate").await?;
    world.vendor_reports(at_work, code::DISCREPANCY).await?;
    world.until(&other, State::InProgress).await?;
    says(&world.ats_shows(&other)?.profile_url.ok_or("no link")?, "SpringVerify is at work").await?;
    // First the deletion: a cancellation that is over before it would leave the order to a person.
    world.springverify.portal_deletes(check)?;
    world.ashby.recruiter_cancels(&world.partner, &id).await?;
    world.until(&id, State::Cancelled).await?;
    says(&link, "order anew in Ashby").await?;
    world.pair.time_passes(std::time::Duration::from_hours(24 * 91));
    assert_eq!(reqwest::get(&link).await?.status(), 410);
    world.ends_with_bought(2)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_an_order_leads_on_to_the_portal_that_the_operator_named() -> Result {
    let portal = [("portal_url", "https://portal.example/c?id={candidate_id}")];
    for vendor in VENDORS {
        let pair = Pair::start_with(AtsKind::Ashby, vendor, &portal).await?;
        let asha = Person { first: "Asha", last: "Rao", email: "asha@example.com", phone: Some("+91 98765 43210") };
        let (card, _) = pair.ats.orders(asha).await?;
        let order = pair.until_card(&card, |o| o.placement.vendor_ref().is_some() && o.told == o.version).await?;
        let link = pair.ats.card(&card).and_then(|card| card.link).ok_or("no link")?;
        let page = reqwest::get(&link).await?.text().await?;
        let id = order.placement.vendor_ref().unwrap_or_default().replace('-', "%2D");
        assert!(page.contains(&format!("href=\"https://portal.example/c?id={id}\"")), "{}: {page}", vendor.name());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_an_earlier_version_gave_out_goes_on_working() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    let services = &world.pair.deployment.services;
    let (key, expires) = (services.secrets.report_link_key().await?, services.clock.now().as_second() + 3_600);
    let signature = sign(key.expose_secret().as_bytes(), &format!("report.{id}.{expires}"));
    let link = format!("{}/reports/{id}?expires={expires}&signature={signature}", world.pair.stack.base_url);
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    let opened = reqwest::get(&link).await?;
    assert_eq!((opened.status().as_u16(), opened.headers()["content-type"].to_str()?), (200, "application/pdf"));
    world.pair.time_passes(std::time::Duration::from_hours(2));
    assert_eq!(reqwest::get(&link).await?.status(), 410);
    world.ends_with_bought(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_candidates_data_goes_when_its_time_is_over() -> Result {
    let world = World::new().await?;
    let (id, check) = world.placed_order().await?;
    world.vendor_reports(check, code::COMPLETED).await?;
    world.until(&id, State::Completed).await?;
    world.pair.time_passes(std::time::Duration::from_hours(24 * 29));
    assert_eq!(world.an_hour_passes().await?, 0);
    world.pair.time_passes(std::time::Duration::from_hours(24));
    assert_eq!(world.an_hour_passes().await?, 1);
    world.pair.until(&id, |o| o.candidate.is_none()).await?;
    assert_eq!(world.an_hour_passes().await?, 0);
    world.ends_with_bought(1)
}
