//! Which request belongs to which: the W3C trace context and the transaction id of FSC, from who asks to the log of each node
//! and back. Whoever reads a log can follow a question by them; no answer and no decision depends on them, and what does not
//! have the form of its standard is as if it were not there, so that nothing else can be written into a log this way.
//! Of `tracestate` and `baggage`, which can hold anything, nothing is read or passed on.

use std::{fmt, str::FromStr};

use data_encoding::HEXLOWER;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};
use uuid::{Uuid, Variant};

use crate::id::{Malformed, text_form};

/// The header of the trace context (W3C Trace Context).
pub const TRACEPARENT: &str = "traceparent";

/// The header of the transaction id (FSC Logging).
pub const FSC_TRANSACTION_ID: &str = "fsc-transaction-id";

/// What a flag of a trace can say by its standard: sampled, and that the trace id is random.
const KNOWN_FLAGS: u8 = 0b11;

/// A trace begun here is kept whole: nothing of it is sampled away.
const SAMPLED: u8 = 0b01;

/// The trace that a request is part of: 16 bytes that are not all zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TraceId([u8; 16]);

/// One step of a trace: 8 bytes that are not all zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SpanId([u8; 8]);

/// A `traceparent` of version 00: a trace, the step that sends the request, and flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Traceparent {
    trace: TraceId,
    span: SpanId,
    flags: u8,
}

/// The id of a transaction of FSC: a UUIDv7, as Digikoppeling asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TransactionId(Uuid);

/// What a request bears of both, as far as it has the form of its standard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    /// The trace.
    pub traceparent: Option<Traceparent>,
    /// The transaction.
    pub transaction: Option<TransactionId>,
}

/// What a newtype of some bytes, not all zero, in lower-case hexadecimal has.
macro_rules! hex_id {
    ($name:ident, $length:literal, $expected:literal) => {
        impl $name {
            /// Of these bytes; none if all of them are zero.
            #[must_use]
            pub fn of(bytes: [u8; $length]) -> Option<Self> {
                bytes.iter().any(|byte| *byte != 0).then_some(Self(bytes))
            }

            /// A new one; none if the system gives no random bytes.
            fn random() -> Option<Self> {
                let mut bytes = [0; $length];
                SystemRandom::new().fill(&mut bytes).ok()?;
                Self::of(bytes)
            }
        }

        impl FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                let bytes = HEXLOWER.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
                bytes.and_then(Self::of).ok_or(Malformed { expected: $expected })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }

        text_form!($name);
    };
}

hex_id!(TraceId, 16, "a trace id of 32 lower-case hexadecimal digits, not all zero");
hex_id!(SpanId, 8, "a span id of 16 lower-case hexadecimal digits, not all zero");

impl Traceparent {
    /// The first step of a new trace; none if the system gives no random bytes.
    #[must_use]
    pub fn begin() -> Option<Self> {
        Some(Self { trace: TraceId::random()?, span: SpanId::random()?, flags: SAMPLED })
    }

    /// A step of the same trace that comes after this one; none if the system gives no random bytes.
    #[must_use]
    pub fn child(self) -> Option<Self> {
        Some(Self { span: SpanId::random()?, ..self })
    }

    /// The trace.
    #[must_use]
    pub fn trace(self) -> TraceId {
        self.trace
    }

    /// The step that sent the request.
    #[must_use]
    pub fn span(self) -> SpanId {
        self.span
    }
}

impl FromStr for Traceparent {
    type Err = Malformed;

    /// Flags that the standard does not know are dropped, as it asks.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = Malformed { expected: "a traceparent of version 00" };
        let mut parts = text.split('-');
        let mut next = || parts.next().ok_or(malformed);
        if next()? != "00" {
            return Err(malformed);
        }
        let (trace, span) = (next()?.parse()?, next()?.parse()?);
        let [flags]: [u8; 1] =
            HEXLOWER.decode(next()?.as_bytes()).ok().and_then(|flags| flags.try_into().ok()).ok_or(malformed)?;
        match parts.next() {
            None => Ok(Self { trace, span, flags: flags & KNOWN_FLAGS }),
            Some(_) => Err(malformed),
        }
    }
}

impl fmt::Display for Traceparent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace, self.span, self.flags)
    }
}

text_form!(Traceparent);

impl TransactionId {
    /// A new id for the moment `at`, with 74 random bits.
    #[must_use]
    pub fn at(at: jiff::Timestamp) -> Self {
        let seconds = u64::try_from(at.as_second()).unwrap_or(0);
        let nanos = u32::try_from(at.subsec_nanosecond()).unwrap_or(0);
        Self(Uuid::new_v7(uuid::Timestamp::from_unix_time(seconds, nanos, 0, 0)))
    }
}

impl FromStr for TransactionId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = Malformed { expected: "a UUIDv7 in lower-case hyphenated form" };
        let uuid: Uuid = text.parse().map_err(|_| malformed)?;
        let is_seven = uuid.get_version_num() == 7 && uuid.get_variant() == Variant::RFC4122;
        if is_seven && uuid.hyphenated().to_string() == text { Ok(Self(uuid)) } else { Err(malformed) }
    }
}

impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

text_form!(TransactionId);

#[cfg(feature = "transport")]
impl Trail {
    /// As the headers of a request have it; a header that is there twice says nothing.
    #[must_use]
    pub fn of(headers: &http::HeaderMap) -> Self {
        fn only<T: FromStr>(headers: &http::HeaderMap, name: &str) -> Option<T> {
            let mut values = headers.get_all(name).iter();
            let (value, other) = (values.next()?, values.next());
            value.to_str().ok().filter(|_| other.is_none())?.parse().ok()
        }
        Self { traceparent: only(headers, TRACEPARENT), transaction: only(headers, FSC_TRANSACTION_ID) }
    }

    /// Puts it on a request or a response.
    pub fn put(self, headers: &mut http::HeaderMap) {
        let texts = [
            (TRACEPARENT, self.traceparent.map(|traceparent| traceparent.to_string())),
            (FSC_TRANSACTION_ID, self.transaction.map(|transaction| transaction.to_string())),
        ];
        for (name, text) in texts {
            if let Some(value) = text.and_then(|text| http::HeaderValue::try_from(text).ok()) {
                headers.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(trace: [u8; 16], span: [u8; 8], flags: u8, seconds in 0i64..253_402_300_799) {
            let (Some(trace), Some(span)) = (TraceId::of(trace), SpanId::of(span)) else { return Ok(()) };
            let traceparent = Traceparent { trace, span, flags: flags & KNOWN_FLAGS };
            prop_assert_eq!(traceparent.to_string().parse(), Ok(traceparent));
            prop_assert_eq!(format!("00-{trace}-{span}-{flags:02x}").parse(), Ok(traceparent));
            let transaction = TransactionId::at(jiff::Timestamp::from_second(seconds).unwrap());
            prop_assert_eq!(transaction.to_string().parse(), Ok(transaction));
        }

        #[test]
        fn a_text_that_is_read_is_printed_as_it_was(text in "(00-)?[0-9a-fA-F]{31,33}-[0-9a-f]{15,17}-0[0-3](-00)?| ?[0-9a-f-]{36}") {
            if let Ok(traceparent) = text.parse::<Traceparent>() {
                prop_assert_eq!(traceparent.to_string(), text.as_str());
            }
            if let Ok(transaction) = text.parse::<TransactionId>() {
                prop_assert_eq!(transaction.to_string(), text.as_str());
            }
        }
    }

    #[test]
    fn a_traceparent_that_is_not_of_version_00_is_none() {
        assert_eq!(GOOD.parse::<Traceparent>().unwrap().to_string(), GOOD);
        for bent in [
            String::new(),
            GOOD.to_uppercase(),
            format!("{GOOD}-"),
            format!("{GOOD}-00"),
            format!(" {GOOD}"),
            format!("{GOOD}\n"),
            GOOD.replacen("00-", "01-", 1),
            GOOD.replacen("00-", "ff-", 1),
            GOOD.replace("-01", ""),
            GOOD.replace("-01", "-1"),
            GOOD.replace("-01", "-0001"),
            GOOD.replacen("4bf9", "4bf", 1),
            GOOD.replacen("4bf9", "4bfé", 1),
            GOOD.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            GOOD.replace("00f067aa0ba902b7", &"0".repeat(16)),
        ] {
            assert!(bent.parse::<Traceparent>().is_err(), "{bent:?}");
        }
    }

    #[test]
    fn a_child_is_another_step_of_the_same_trace() {
        let parent: Traceparent = GOOD.parse().unwrap();
        let (one, other) = (parent.child().unwrap(), parent.child().unwrap());
        assert_eq!((one.trace(), one.flags), (parent.trace(), parent.flags));
        assert!(one.span() != parent.span() && one.span() != other.span());
        let (one, other) = (Traceparent::begin().unwrap(), Traceparent::begin().unwrap());
        assert!(one.trace() != other.trace() && one.to_string().ends_with("-01"));
    }

    #[test]
    fn a_transaction_id_is_a_uuid_v7() {
        let good = TransactionId::at(jiff::Timestamp::UNIX_EPOCH).to_string();
        for bent in [
            String::new(),
            "9e107d9d-372b-4b68-a5bc-1d1a2b3c4d5e".to_owned(),
            "00000000-0000-7000-4000-000000000000".to_owned(),
            "018F4E5A-0000-7000-8000-00000000000A".to_owned(),
            good.replace('-', ""),
            format!("{{{good}}}"),
            format!("urn:uuid:{good}"),
            format!("{good} "),
        ] {
            assert!(bent.parse::<TransactionId>().is_err(), "{bent:?}");
        }
    }

    #[cfg(feature = "transport")]
    #[test]
    fn a_header_that_is_there_twice_says_nothing() {
        let mut headers = http::HeaderMap::new();
        let transaction = TransactionId::at(jiff::Timestamp::UNIX_EPOCH);
        let trail = Trail { traceparent: GOOD.parse().ok(), transaction: Some(transaction) };
        trail.put(&mut headers);
        assert_eq!(Trail::of(&headers), trail);
        headers.append(TRACEPARENT, http::HeaderValue::from_static(GOOD));
        assert_eq!(Trail::of(&headers), Trail { traceparent: None, ..trail });
        assert_eq!(Trail::of(&http::HeaderMap::new()), Trail::default());
    }
}
