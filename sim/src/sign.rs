//! What other sides sign with: HMAC-SHA256, by the crates and not by the bridge's own functions.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt::Write;

/// HMAC takes a key of any length, so the empty answer never comes out.
pub(super) fn mac(key: &str, message: &str) -> Vec<u8> {
    let keyed = Hmac::<Sha256>::new_from_slice(key.as_bytes());
    let done = keyed.map(|mac| mac.chain_update(message.as_bytes()).finalize().into_bytes().to_vec());
    done.unwrap_or_default()
}

/// The same in lower-case hexadecimal.
pub(super) fn mac_hex(key: &str, message: &str) -> String {
    mac(key, message).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_one_of_rfc_4231() {
        let short = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(mac_hex("Jefe", "what do ya want for nothing?"), short);
    }
}
