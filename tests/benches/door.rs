//! How long a warm `assessment.start` takes: the door's own work against the embedded DynamoDB in the same process, the
//! same with the wait for the simulated Ashby's phone number, and the whole as Ashby sees it, every call over HTTP.

mod in_process;

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};
use shared::ats::ashby::webhook;
use shared::inbound::Request;
use sim::ashby::Applicant;
use tests::World;
use tests::world::{Result, id_of};

/// Stacks that are started one after the other, because the embedded DynamoDB reads its whole stream log at every
/// write: after some dozen orders that would be what is measured.
const STACKS: usize = 20;

/// Starts that are measured on each stack, after some that are not.
const STARTS: usize = 10;
const WARM_UP: usize = 3;

/// The bar: the median of a warm start at the door, whose only company is the embedded DynamoDB in the same process. How
/// long an ATS takes to tell a phone number is the ATS's own; the figure with it is printed beside.
const BAR: Duration = Duration::from_millis(2);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let (mut door, mut phone, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STACKS {
        let world = World::new().await?;
        world.springverify.set_required_fields(&["EMAIL"]);
        world.ashby.refresh(&world.partner).await;
        door.extend(at_the_door(&world).await?);
        phone.extend(at_the_door(&World::new().await?).await?);
        seen.extend(as_ashby_sees_it(&World::new().await?).await?);
    }
    print(&format!("warm assessment.start, {} new orders each", STACKS * STARTS))?;
    let median = show("at the door", &mut door)?;
    show("with the phone", &mut phone)?;
    show("as Ashby sees it", &mut seen)?;
    if median > BAR {
        return Err(format!("the median at the door is over the bar of {BAR:?}").into());
    }
    Ok(())
}

async fn at_the_door(world: &World) -> Result<Vec<Duration>> {
    let (services, mut times) = (in_process::services(&world.pair.stack), Vec::new());
    for _ in 0..WARM_UP + STARTS {
        let request = request(world, &world.candidate())?;
        let began = Instant::now();
        let answer = webhook::handle(&services, request).await;
        times.push(began.elapsed());
        let body: Value = serde_json::from_slice(answer.body())?;
        rest(world, body.pointer("/results/assessment_id").and_then(Value::as_str).unwrap_or_default()).await?;
    }
    Ok(times.split_off(WARM_UP))
}

async fn as_ashby_sees_it(world: &World) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    for _ in 0..WARM_UP + STARTS {
        let application = world.candidate().application_id;
        let began = Instant::now();
        let answer = world.recruiter_starts(&application).await?;
        times.push(began.elapsed());
        rest(world, &id_of(&answer)?).await?;
    }
    Ok(times.split_off(WARM_UP))
}

/// The worker must not share the cores with the next measurement. Ashby does not know orders that it did not start
/// itself, so being placed is enough.
async fn rest(world: &World, id: &str) -> Result {
    world.idle().await;
    world.pair.until(id, |o| o.placement.vendor_ref().is_some()).await.map(drop).map_err(Into::into)
}

fn request(world: &World, person: &Applicant) -> Result<Request> {
    let email = format!("{}@example.com", person.candidate_id);
    let body = json!({
        "assessment_type_id": world.package,
        "candidate": { "ashby_id": person.candidate_id, "first_name": "Asha", "last_name": "Rao", "email": email },
        "application": { "ashby_id": person.application_id, "status": "Active" },
    });
    let basic = STANDARD.encode(format!("{}:", world.pair.made.trigger_token));
    let request = http::Request::post("/ashby/assessment.start").header("authorization", format!("Basic {basic}"));
    Ok(request.body(Bytes::from(body.to_string()))?)
}

fn show(what: &str, times: &mut [Duration]) -> Result<Duration> {
    times.sort();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    print(&format!("  {what:<18} median {:>8.1?}   p95 {:>8.1?}", at(50), at(95)))?;
    Ok(at(50))
}

fn print(line: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    writeln!(std::io::stdout(), "{line}")
}
