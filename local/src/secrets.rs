//! A stand-in for Secrets Manager: current and previous version per name, in a file that only its owner reads.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::signature::{random, sha256_hex};

use super::StartError;

#[derive(Default, Clone, Serialize, Deserialize)]
struct Versions {
    current: String,
    previous: Option<String>,
}

/// The secrets of a local stack.
pub(super) struct Vault {
    path: Option<PathBuf>,
    secrets: Mutex<BTreeMap<String, Versions>>,
}

/// An error as Secrets Manager words it.
pub(super) struct Refusal(pub(super) &'static str);

impl Vault {
    /// Opens the file, or starts empty; makes the deployment secret that the template would make.
    pub(super) fn open(path: Option<PathBuf>, prefix: &str) -> Result<Self, StartError> {
        let trouble = |path: &PathBuf, problem: String| StartError::Data { folder: path.clone(), problem };
        let secrets = match &path {
            Some(file) if file.exists() => std::fs::read_to_string(file)
                .map_err(|e| e.to_string())
                .and_then(|text| serde_json::from_str(&text).map_err(|e| e.to_string()))
                .map_err(|problem| trouble(file, problem))?,
            _ => BTreeMap::new(),
        };
        let vault = Self { path, secrets: Mutex::new(secrets) };
        let name = format!("{prefix}/deployment");
        let known = vault.lock().contains_key(&name);
        if !known {
            let key = random::<32>().map_err(|e| StartError::Database(e.to_string()))?;
            let text = json!({ "report_link_key": sha256_hex(&key) }).to_string();
            vault.lock().insert(name, Versions { current: text, previous: None });
            vault.save().map_err(|e| StartError::Database(e.to_string()))?;
        }
        Ok(vault)
    }

    /// Carries out one action of Secrets Manager's.
    pub(super) fn act(&self, action: &str, input: &Value) -> Result<Value, Refusal> {
        let text = |key: &str| input.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        match action {
            "GetSecretValue" => self.get(&text("SecretId"), &text("VersionStage")),
            "CreateSecret" => self.create(&text("Name"), text("SecretString")),
            "PutSecretValue" | "UpdateSecret" => self.put(&text("SecretId"), text("SecretString")),
            "DeleteSecret" => {
                let name = text("SecretId");
                self.lock().remove(&name).ok_or(Refusal("ResourceNotFoundException"))?;
                self.saved(&name)
            }
            _ => Err(Refusal("UnknownOperationException")),
        }
    }

    fn get(&self, name: &str, stage: &str) -> Result<Value, Refusal> {
        let secrets = self.lock();
        let versions = secrets.get(name).ok_or(Refusal("ResourceNotFoundException"))?;
        let text = match stage {
            "AWSPREVIOUS" => versions.previous.as_ref().ok_or(Refusal("ResourceNotFoundException"))?,
            _ => &versions.current,
        };
        Ok(json!({ "Name": name, "SecretString": text }))
    }

    fn create(&self, name: &str, text: String) -> Result<Value, Refusal> {
        if self.lock().contains_key(name) {
            return Err(Refusal("ResourceExistsException"));
        }
        self.lock().insert(name.to_owned(), Versions { current: text, previous: None });
        self.saved(name)
    }

    fn put(&self, name: &str, text: String) -> Result<Value, Refusal> {
        {
            let mut secrets = self.lock();
            let versions = secrets.get_mut(name).ok_or(Refusal("ResourceNotFoundException"))?;
            versions.previous = Some(std::mem::replace(&mut versions.current, text));
        }
        self.saved(name)
    }

    fn saved(&self, name: &str) -> Result<Value, Refusal> {
        self.save().map_err(|_| Refusal("InternalServiceError"))?;
        Ok(json!({ "Name": name }))
    }

    fn save(&self) -> io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let text = serde_json::to_string_pretty(&*self.lock())?;
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Versions>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
