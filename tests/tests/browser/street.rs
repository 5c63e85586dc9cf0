//! The stack with SmartRecruiters and a vendor around it, and the web sites that pages may be shown on.

use std::sync::Arc;

use crosscheck::connect::Made;
use rcgen::generate_simple_self_signed;
use shared::connection::{Connection, ConnectionState};
use shared::order::Order;
use sim::pair::{COMPANY, PlaysAts as _, PlaysVendor as _, SmartRecruiters, SpringVerify, prepare};
use sim::test_stack::TestStack;
use tests::world::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A stack whose operator has made a connection that the ATS admin has yet to use.
pub(crate) struct Street {
    pub(crate) test_stack: TestStack,
    pub(crate) ats: SmartRecruiters,
    pub(crate) vendor: SpringVerify,
    pub(crate) made: Made,
}

impl Street {
    pub(crate) async fn open() -> Result<Self> {
        let (test_stack, ats, vendor) =
            (TestStack::start().await?, SmartRecruiters::start().await?, SpringVerify::start().await?);
        let made = prepare(&test_stack.deployment, &ats, &vendor).await?;
        Ok(Self { test_stack, ats, vendor, made })
    }

    /// The admin has pressed Connect and allowed it: where SmartRecruiters sends the browser.
    pub(crate) fn consent_page(&self) -> Result<String> {
        self.ats.sim.consent(COMPANY);
        Ok(self.ats.sim.consent_page_url(COMPANY)?)
    }

    async fn connection(&self) -> Result<Connection> {
        let found = self.test_stack.deployment.services.store.connection(&self.made.connection.id).await?;
        Ok(found.ok_or("the connection is gone")?)
    }

    /// Both sides hold that the company is connected.
    pub(crate) async fn is_connected(&self) -> Result {
        let connection = self.connection().await?;
        assert_eq!(connection.state, ConnectionState::Active);
        assert_eq!(connection.account.as_deref(), Some(COMPANY));
        assert!(self.ats.sim.is_connected(COMPANY), "SmartRecruiters holds that it is not connected");
        assert_eq!(self.ats.sim.calls("integration/company"), 1, "connected more than once");
        self.kept_the_protocol();
        Ok(())
    }

    /// Neither side holds that it is.
    pub(crate) async fn is_not_connected(&self) -> Result {
        let connection = self.connection().await?;
        assert_eq!((connection.state, connection.account), (ConnectionState::Waiting, None));
        assert!(!self.ats.sim.is_connected(COMPANY));
        assert_eq!(self.ats.sim.calls("integration/company"), 0);
        self.kept_the_protocol();
        Ok(())
    }

    fn kept_the_protocol(&self) {
        assert_eq!(self.ats.violations(), Vec::<String>::new());
    }

    /// The vendor has the order, which was bought this once.
    pub(crate) async fn bought_once(&self, order: &str) -> Result<Order> {
        let order = self.test_stack.until(order, |o| o.placement.vendor_ref().is_some() && o.told == o.version).await?;
        self.test_stack.idle().await;
        assert_eq!(self.vendor.creates(), 1);
        self.kept_the_protocol();
        Ok(order)
    }
}

/// A web site with one page, by TLS with a certificate that nobody vouches for. It stops when it is dropped.
pub(crate) struct Site {
    pub(crate) port: u16,
    task: JoinHandle<()>,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Site {
    /// Opens it on a free port of this machine, whatever name it is called by.
    pub(crate) async fn open(html: &str) -> Result<Self> {
        let made = generate_simple_self_signed(["localhost".to_owned()])?;
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der())?;
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\nconnection: close\r\n";
        let answer = format!("{head}content-length: {}\r\n\r\n{html}", html.len());
        let task = tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config)), answer.into()));
        Ok(Self { port, task })
    }
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, answer: Arc<str>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, answer) = (tls.clone(), Arc::clone(&answer));
        tokio::spawn(async move {
            let mut stream = tls.accept(stream).await?;
            let mut seen = [0; 16 * 1024];
            // A browser's request for a page comes in one piece; only that it came matters.
            if stream.read(&mut seen).await? > 0 {
                stream.write_all(answer.as_bytes()).await?;
            }
            stream.shutdown().await
        });
    }
}
