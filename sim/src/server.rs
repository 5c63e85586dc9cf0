//! The listener under every simulator: loopback only, every call logged, faults applied, and
//! connections that can be cut before the answer.

use super::call::{Call, Logged};
use super::cut::{Cut, CuttableListener};
use super::faults::{Fault, Faults};
use super::gate::Gate;
use super::lock;
use super::reply::Reply;
use axum::Router;
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{Request, State};
use axum::response::Response;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A loopback port that the system chooses.
pub(super) const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// How a simulator answers a call. It holds its own lock and never waits.
pub(super) trait Serves: Send + Sync + 'static {
    fn operation(&self, call: &Call) -> String;
    fn answer(&self, call: &Call) -> Reply;
}

/// A running listener. Dropping it closes the port and lets started answers finish.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) faults: Faults,
    address: SocketAddr,
    log: Arc<Mutex<Vec<Logged>>>,
    _stop: oneshot::Sender<()>,
}

impl Server {
    /// Listens on a loopback address and answers with `serves`.
    pub(super) async fn start(address: SocketAddr, serves: Arc<dyn Serves>) -> io::Result<Self> {
        if !address.ip().is_loopback() {
            let why = format!("a simulator listens on loopback only, not on {address}");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let door = Door { serves, faults: Faults::default(), log: Arc::default() };
        let app = Router::new().fallback(handle).with_state(door.clone());
        let service = app.into_make_service_with_connect_info::<Cut>();
        let until = async move { drop(stopped.await) };
        let serve = axum::serve(CuttableListener(listener), service).with_graceful_shutdown(until);
        tokio::spawn(async move { drop(serve.await) });
        Ok(Self { faults: door.faults, address, log: door.log, _stop: stop })
    }

    pub(super) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn log(&self) -> Vec<Logged> {
        lock(&self.log).clone()
    }
}

#[derive(Clone)]
struct Door {
    serves: Arc<dyn Serves>,
    faults: Faults,
    log: Arc<Mutex<Vec<Logged>>>,
}

impl Door {
    /// Logs the call before the answer is known, because the rest does not run if the caller hangs up.
    fn note(&self, operation: String, call: &Call) -> usize {
        let mut log = lock(&self.log);
        log.push(call.logged(operation));
        log.len() - 1
    }

    fn answered(&self, line: usize, reply: Option<&Reply>) {
        if let Some(logged) = lock(&self.log).get_mut(line) {
            logged.status = reply.map(|reply| reply.status);
        }
    }
}

async fn handle(State(door): State<Door>, ConnectInfo(cut): ConnectInfo<Cut>, request: Request) -> Response {
    let call = Call::read(request).await;
    let operation = door.serves.operation(&call);
    let fault = door.faults.take(&operation);
    let line = door.note(operation, &call);
    let reply = match fault {
        None => Some(door.serves.answer(&call)),
        Some(fault) => suffer(fault, &door, &call).await,
    };
    door.answered(line, reply.as_ref());
    reply.unwrap_or_else(|| cut.now()).into_response()
}

/// Plays one fault; `None` means that the connection is to be cut.
async fn suffer(fault: Fault, door: &Door, call: &Call) -> Option<Reply> {
    match fault {
        Fault::Answer(reply) => Some(reply),
        Fault::CutBefore => None,
        Fault::DoThenCut => {
            door.serves.answer(call);
            None
        }
        Fault::DoThenAnswer(reply) => {
            door.serves.answer(call);
            Some(reply)
        }
        Fault::Delay(delay) => {
            let reply = door.serves.answer(call);
            tokio::time::sleep(delay).await;
            Some(reply)
        }
        Fault::HoldAnswer(gate) => {
            let reply = door.serves.answer(call);
            gate.arrive();
            held(&gate, gate.until_open()).await.map(|()| reply)
        }
        Fault::HoldWork(gate) => {
            // A task of its own: axum drops this future as soon as the caller hangs up.
            let (serves, call, waits) = (Arc::clone(&door.serves), call.clone(), gate.clone());
            let work = tokio::spawn(async move {
                waits.until_open().await;
                let reply = serves.answer(&call);
                waits.pass();
                reply
            });
            gate.arrive();
            held(&gate, work).await?.ok()
        }
    }
}

/// What comes of waiting at a gate; `None` when the connection is cut before.
async fn held<T>(gate: &Gate, wait: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        came = wait => Some(came),
        () = gate.until_cut() => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::caller::bare_client;
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    #[derive(Default)]
    struct Counter(AtomicUsize);

    impl Serves for Counter {
        fn operation(&self, call: &Call) -> String {
            call.path.trim_start_matches('/').to_owned()
        }

        fn answer(&self, _: &Call) -> Reply {
            let done = self.0.fetch_add(1, Ordering::SeqCst) + 1;
            Reply::json(200, &serde_json::json!({ "done": done }))
        }
    }

    async fn counter() -> (Server, Arc<Counter>) {
        let counter = Arc::new(Counter::default());
        (Server::start(ANY_PORT, counter.clone()).await.unwrap(), counter)
    }

    async fn status(client: &reqwest::Client, server: &Server) -> Option<u16> {
        let call = client.get(format!("{}/count", server.base_url()));
        call.send().await.ok().map(|response| response.status().as_u16())
    }

    async fn gives_up(server: &Server) {
        let call = bare_client().get(format!("{}/count", server.base_url()));
        assert!(call.timeout(Duration::from_millis(500)).send().await.is_err());
    }

    #[tokio::test]
    async fn a_cut_connection_is_an_error_to_the_caller_whether_or_not_the_work_was_done() {
        let (server, counter) = counter().await;
        let client = bare_client();
        assert_eq!(status(&client, &server).await, Some(200));
        server.faults.once("count", Fault::CutBefore);
        server.faults.once("count", Fault::DoThenCut);
        assert_eq!(status(&client, &server).await, None);
        assert_eq!(counter.0.load(Ordering::SeqCst), 1);
        assert_eq!(status(&client, &server).await, None);
        assert_eq!(counter.0.load(Ordering::SeqCst), 2);
        assert_eq!(status(&client, &server).await, Some(200));
        let seen: Vec<_> = server.log().iter().map(|line| line.status).collect();
        assert_eq!(seen, [Some(200), None, None, Some(200)]);
    }

    #[tokio::test]
    async fn an_answer_can_replace_the_work_or_only_the_truth() {
        let (server, counter) = counter().await;
        server.faults.once("count", Fault::rate_limited(1));
        server.faults.once("count", Fault::DoThenAnswer(Reply::empty(502)));
        assert_eq!(status(&bare_client(), &server).await, Some(429));
        assert_eq!(counter.0.load(Ordering::SeqCst), 0);
        assert_eq!(status(&bare_client(), &server).await, Some(502));
        assert_eq!(counter.0.load(Ordering::SeqCst), 1);
    }

    /// Calls once, and cuts the connection when the call has come to the gate.
    async fn is_cut(server: &Server, gate: &Gate) {
        let client = bare_client();
        let (status, ()) = tokio::join!(status(&client, server), async {
            gate.arrived().await;
            gate.cut();
        });
        assert_eq!(status, None);
    }

    #[tokio::test]
    async fn a_broken_call_leaves_work_that_is_done_or_still_to_come() {
        let (server, counter) = counter().await;
        let (answer, work) = (Gate::new(), Gate::new());
        server.faults.once("count", Fault::HoldAnswer(answer.clone()));
        is_cut(&server, &answer).await;
        assert_eq!(counter.0.load(Ordering::SeqCst), 1);
        server.faults.once("count", Fault::HoldWork(work.clone()));
        is_cut(&server, &work).await;
        assert_eq!(counter.0.load(Ordering::SeqCst), 1);
        work.open();
        work.passed().await;
        assert_eq!(counter.0.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_caller_that_gives_up_leaves_work_that_is_done() {
        let (server, counter) = counter().await;
        server.faults.once("count", Fault::Delay(Duration::from_secs(9)));
        gives_up(&server).await;
        assert_eq!(counter.0.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn what_is_held_goes_on_when_the_gate_is_opened() {
        let (server, _) = counter().await;
        for hold in [Fault::HoldAnswer, Fault::HoldWork] {
            let gate = Gate::new();
            server.faults.once("count", hold(gate.clone()));
            let client = bare_client();
            let (status, ()) = tokio::join!(status(&client, &server), async {
                gate.arrived().await;
                gate.open();
            });
            assert_eq!(status, Some(200));
        }
    }

    #[tokio::test]
    async fn a_dropped_server_answers_nobody_and_frees_its_port() {
        let (server, _) = counter().await;
        let (client, url) = (bare_client(), server.base_url());
        assert_eq!(status(&client, &server).await, Some(200));
        let address = server.address;
        drop(server);
        let gone = async { while client.get(&url).send().await.is_ok() {} };
        assert!(tokio::time::timeout(Duration::from_secs(20), gone).await.is_ok());
        assert!(Server::start(address, Arc::new(Counter::default())).await.is_ok());
    }

    #[tokio::test]
    async fn only_loopback_is_listened_on() {
        let outside = SocketAddr::from(([0, 0, 0, 0], 0));
        assert!(Server::start(outside, Arc::new(Counter::default())).await.is_err());
    }
}
