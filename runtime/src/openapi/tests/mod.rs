//! What a client developer would notice.
