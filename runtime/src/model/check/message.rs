//! Text put together in a `const fn`, which has neither `String` nor `format!`.

/// Text put together in a `const fn`.
pub(super) struct Message {
    bytes: [u8; Message::ROOM],
    len: usize,
}

impl Message {
    const ROOM: usize = 512;

    pub(super) const fn new() -> Self {
        Message {
            bytes: [0; Message::ROOM],
            len: 0,
        }
    }

    /// Appends a number.
    pub(super) const fn push_integer(self, number: i64) -> Self {
        // As many digits as `i64::MIN` has, and its sign.
        let mut digits = [0; 20];
        let mut at = digits.len();
        let mut rest = number.unsigned_abs();
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if number < 0 {
            at -= 1;
            digits[at] = b'-';
        }
        self.push_bytes(digits.split_at(at).1)
    }

    /// Appends a method's name as Rust spells it: `findById` is `find_by_id`.
    pub(super) const fn push_method(mut self, name: &str) -> Self {
        let name = name.as_bytes();
        let mut index = 0;
        while index < name.len() {
            if name[index].is_ascii_uppercase() {
                self = self.push("_");
            }
            self = self.push_bytes(&[name[index].to_ascii_lowercase()]);
            index += 1;
        }
        self
    }

    /// Appends `text`, or nothing when there is no room: a shortened message is better than an error about errors.
    pub(super) const fn push(self, text: &str) -> Self {
        self.push_bytes(text.as_bytes())
    }

    const fn push_bytes(mut self, text: &[u8]) -> Self {
        if self.len + text.len() <= Message::ROOM {
            let mut index = 0;
            while index < text.len() {
                self.bytes[self.len + index] = text[index];
                index += 1;
            }
            self.len += text.len();
        }
        self
    }

    pub(super) const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }

    #[track_caller]
    pub(super) const fn panic(self) -> ! {
        panic!("{}", self.as_str())
    }
}
