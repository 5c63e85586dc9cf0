//! How long Ashby waits for a warm `assessment.start`: the door's own code, the embedded DynamoDB, the simulated Ashby.

use std::time::{Duration, Instant};

use tests::World;
use tests::world::{Result, id_of};

/// Starts that are measured, after some that are not.
const STARTS: usize = 200;
const WARM_UP: usize = 20;

/// The bar: the median of a warm start.
const BAR: Duration = Duration::from_millis(2);

#[tokio::main]
async fn main() -> Result {
    let world = World::new().await?;
    let mut times = Vec::new();
    for round in 0..WARM_UP + STARTS {
        let application = world.candidate().application_id;
        let began = Instant::now();
        let answer = world.recruiter_starts(&application).await?;
        let took = began.elapsed();
        // The worker must not share the cores with the next measurement.
        world.placed(&id_of(&answer)?).await?;
        if round >= WARM_UP {
            times.push(took);
        }
    }
    times.sort();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    print(&format!("warm assessment.start, {STARTS} orders: median {:?}, p95 {:?}, bar {BAR:?}", at(50), at(95)))?;
    if at(50) > BAR {
        return Err("the median is over the bar".into());
    }
    Ok(())
}

fn print(line: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    writeln!(std::io::stdout(), "{line}")
}
