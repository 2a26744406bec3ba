//! Account addresses: 32 bytes kept as four words, so that a comparison is four loads.

use core::mem::transmute;

#[repr(C)]
#[derive(Clone, Copy)]
#[cfg_attr(test, derive(Debug))]
pub struct Key(pub [u64; 4]);

impl Key {
    pub const ZERO: Key = Key([0; 4]);
    pub const SYSTEM_PROGRAM: Key = Key::ZERO;
    pub const TOKEN_PROGRAM: Key = Key::from_base58("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
    pub const UPGRADEABLE_LOADER: Key =
        Key::from_base58("BPFLoaderUpgradeab1e11111111111111111111111");

    pub const fn from_bytes(bytes: [u8; 32]) -> Key {
        // SAFETY: both are 32 plain bytes, and every bit pattern is a valid key.
        Key(unsafe { transmute::<[u8; 32], [u64; 4]>(bytes) })
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        // SAFETY: the same 32 bytes, with a weaker alignment.
        unsafe { &*(self as *const Key as *const [u8; 32]) }
    }

    pub const fn is_zero(&self) -> bool {
        self.0[0] | self.0[1] | self.0[2] | self.0[3] == 0
    }

    /// For constants only: a wrong character or length stops the compilation.
    const fn from_base58(text: &str) -> Key {
        const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        let text = text.as_bytes();
        let mut bytes = [0u8; 32];
        let mut i = 0;
        while i < text.len() {
            let mut carry = 0;
            while ALPHABET[carry] != text[i] {
                carry += 1;
            }
            let mut at = 32;
            while at > 0 {
                at -= 1;
                carry += bytes[at] as usize * 58;
                bytes[at] = carry as u8;
                carry >>= 8;
            }
            assert!(carry == 0);
            i += 1;
        }
        Key::from_bytes(bytes)
    }
}

// Derived equality of arrays becomes a call of memcmp; four compared words do not.
impl PartialEq for Key {
    #[inline(always)]
    fn eq(&self, other: &Key) -> bool {
        self.0[0] == other.0[0]
            && self.0[1] == other.0[1]
            && self.0[2] == other.0[2]
            && self.0[3] == other.0[3]
    }
}

impl Eq for Key {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_program_has_its_known_bytes() {
        let bytes = *Key::TOKEN_PROGRAM.as_bytes();
        assert_eq!(bytes[..4], [0x06, 0xdd, 0xf6, 0xe1]);
        assert_eq!(bytes[28..], [0x7e, 0xff, 0x00, 0xa9]);
    }

    #[test]
    fn keys_differ_by_any_word() {
        for word in 0..4 {
            let mut other = Key::TOKEN_PROGRAM;
            other.0[word] ^= 1 << 63;
            assert!(other != Key::TOKEN_PROGRAM);
        }
    }
}
