//! Identifiers from a seed: the same seed gives the same ones, and each says which shard made it.

/// A deterministic supply of identifiers for one shard.
///
/// Unguessable only when the seed is: whoever faces a network seeds it from the system's random source.
#[derive(Clone, Debug)]
pub struct Source {
    state: u64,
    stream: u64,
    shard: usize,
}

impl Source {
    /// A source for the shard; different shards of one seed never meet.
    pub fn new(seed: u64, shard: usize) -> Source {
        let mut source = Source {
            state: seed,
            stream: (shard as u64) << 1 | 1,
            shard,
        };
        source.stream = source.word() | 1;
        source
    }

    /// An independent source for the same shard.
    pub fn fork(&mut self) -> Source {
        Source {
            state: self.word(),
            stream: self.word() | 1,
            shard: self.shard,
        }
    }

    /// The shard that the identifiers name.
    pub fn shard(&self) -> usize {
        self.shard
    }

    /// A Via branch, with the cookie of RFC 3261 8.1.1.7: `z9hG4bK3-…`.
    pub fn branch(&mut self) -> String {
        format!("{COOKIE}{}", self.tag())
    }

    /// A Call-ID (RFC 3261 8.1.1.4): `3-…@host`.
    pub fn call_id(&mut self, host: &str) -> String {
        format!("{}@{host}", self.token())
    }

    /// The user part of a session's URI: `session-3.…`.
    pub fn session(&mut self) -> String {
        let random = self.word();
        format!("{SESSION}{}.{random:016x}", self.shard)
    }

    /// A From or To tag (RFC 3261 19.3): `3-…`.
    pub fn tag(&mut self) -> String {
        let random = self.word();
        format!("{}-{random:016x}", self.shard)
    }

    /// 128 bits, fit for an MSRP session, transaction or Message-ID (RFC 4975 7.1, 14.1): `3-…`.
    pub fn token(&mut self) -> String {
        let (high, low) = (self.word(), self.word() as u32 & 0xff_ffff);
        format!("{}-{high:016x}{low:06x}", self.shard)
    }

    /// A number below `limit`, for waits that two ends shall not choose alike (RFC 3261 14.1); 0 when `limit` is 0.
    pub fn below(&mut self, limit: u32) -> u32 {
        (self.word() % u64::from(limit.max(1))) as u32
    }

    // SplitMix64 with a stream of its own as the increment.
    fn word(&mut self) -> u64 {
        self.state = self
            .state
            .wrapping_add(0x9e37_79b9_7f4a_7c15)
            .wrapping_add(self.stream << 1);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// The shard that made the identifier, if a [`Source`] made it.
pub fn shard_in(id: &str) -> Option<usize> {
    let (digits, rest) = match (id.strip_prefix(SESSION), id.strip_prefix(COOKIE)) {
        (Some(session), _) => session.split_once('.')?,
        (_, Some(branch)) => branch.split_once('-')?,
        (None, None) => id.split_once('-')?,
    };
    let random = rest.split('@').next()?;
    let ours =
        matches!(random.len(), 16 | 22) && random.bytes().all(|octet| octet.is_ascii_hexdigit());
    let plain = !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit());
    if ours && plain {
        digits.parse().ok()
    } else {
        None
    }
}

/// The mark of a branch made by the rules of RFC 3261 (8.1.1.7).
pub const COOKIE: &str = "z9hG4bK";

const SESSION: &str = "session-";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_identifiers() {
        let (mut one, mut two) = (Source::new(7, 3), Source::new(7, 3));
        assert_eq!(one.call_id("im.example"), two.call_id("im.example"));
        assert_ne!(one.tag(), Source::new(7, 2).tag());
        assert_ne!(one.tag(), one.tag());
    }

    #[test]
    fn every_identifier_names_its_shard() {
        let mut source = Source::new(7, 12);
        let made = [
            source.call_id("[::1]"),
            source.tag(),
            source.branch(),
            source.session(),
            source.token(),
        ];
        for id in made {
            assert_eq!(shard_in(&id), Some(12), "{id}");
        }
    }

    #[test]
    fn foreign_identifiers_name_none() {
        for id in [
            "",
            "a84b4c76e66710",
            "12-",
            "session-x.y",
            "z9hG4bK776asdhds",
            "1-2@host",
            "-0123456789abcdef",
        ] {
            assert_eq!(shard_in(id), None, "{id}");
        }
    }

    #[test]
    fn an_msrp_transaction_id_fits_its_grammar() {
        let id = Source::new(1, 1023).token();
        assert!((4..=32).contains(&id.len()), "{id}");
    }
}
