//! Grend: the program.
mod headless;
use grend_core::{Config, Core, Vault, model::BareJid};
use std::sync::Arc;
struct FileVault(std::path::PathBuf);
impl FileVault {
    fn p(&self, a: &BareJid) -> std::path::PathBuf {
        self.0.join(format!("pw-{a}"))
    }
}
impl Vault for FileVault {
    fn get(&self, a: &BareJid) -> Result<Option<String>, String> {
        Ok(std::fs::read_to_string(self.p(a)).ok())
    }
    fn set(&self, a: &BareJid, p: &str) -> Result<(), String> {
        std::fs::write(self.p(a), p).map_err(|e| e.to_string())
    }
    fn remove(&self, a: &BareJid) -> Result<(), String> {
        let _ = std::fs::remove_file(self.p(a));
        Ok(())
    }
}
fn main() -> std::process::ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let get = |n: &str| args.iter().position(|a| a == n).map(|i| args[i + 1].clone());
    let folder: std::path::PathBuf = get("--data").unwrap().into();
    if std::env::var("LOG").is_ok() {
        tracing_subscriber::fmt()
            .with_writer(std::io::stderr)
            .with_max_level(tracing::Level::DEBUG)
            .init();
    }
    match Core::open(Config {
        vault: Arc::new(FileVault(folder.clone())),
        folder,
        dns: get("--dns").map(|d| d.parse().unwrap()),
    }) {
        Ok(core) => headless::run(core),
        Err(c) => {
            println!(
                "{}",
                serde_json::json!({"error":{"kind":c.kind(),"text":c.to_string()}})
            );
            std::process::ExitCode::FAILURE
        }
    }
}
