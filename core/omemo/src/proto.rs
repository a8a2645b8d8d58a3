//! Protocol Buffers, as much of them as OMEMO's messages need, and strict: a field twice, a field of the wrong kind, a
//! number beyond 32 bits or a required field that is missing is an error. (`prost` and `quick-protobuf` give zero or
//! nothing for a missing required field, take the last of two, and would need a generated file for six fields each.)

use crate::Unreadable;

/// What stands in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Eight or four bytes, which nothing of OMEMO uses.
    Fixed,
}

/// A message taken apart. Fields that we do not know are allowed, as a later version may have some.
#[derive(Debug)]
pub(crate) struct Fields<'a>(Vec<(u32, Value<'a>)>);

impl<'a> Fields<'a> {
    pub(crate) fn read(mut bytes: &'a [u8]) -> Result<Self, Unreadable> {
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let tag = u32::try_from(varint(&mut bytes)?).map_err(|_| Unreadable::Malformed)?;
            let value = match tag & 7 {
                0 => Value::Number(varint(&mut bytes)?),
                1 => take(&mut bytes, 8).map(|_| Value::Fixed)?,
                2 => {
                    let length = usize::try_from(varint(&mut bytes)?).map_err(|_| Unreadable::Malformed)?;
                    Value::Bytes(take(&mut bytes, length)?)
                }
                5 => take(&mut bytes, 4).map(|_| Value::Fixed)?,
                _ => return Err(Unreadable::Malformed),
            };
            if tag >> 3 == 0 {
                return Err(Unreadable::Malformed);
            }
            fields.push((tag >> 3, value));
        }
        Ok(Self(fields))
    }

    fn one(&self, number: u32) -> Result<Option<Value<'a>>, Unreadable> {
        let mut found = self.0.iter().filter(|(field, _)| *field == number);
        let first = found.next().map(|(_, value)| *value);
        if found.next().is_some() {
            return Err(Unreadable::Malformed);
        }
        Ok(first)
    }

    /// An optional `uint32`.
    pub(crate) fn number(&self, number: u32) -> Result<Option<u32>, Unreadable> {
        match self.one(number)? {
            None => Ok(None),
            Some(Value::Number(value)) => u32::try_from(value).map(Some).map_err(|_| Unreadable::Malformed),
            Some(_) => Err(Unreadable::Malformed),
        }
    }

    /// An optional `bytes`.
    pub(crate) fn bytes(&self, number: u32) -> Result<Option<&'a [u8]>, Unreadable> {
        match self.one(number)? {
            None => Ok(None),
            Some(Value::Bytes(value)) => Ok(Some(value)),
            Some(_) => Err(Unreadable::Malformed),
        }
    }

    /// A required `uint32`.
    pub(crate) fn need_number(&self, number: u32) -> Result<u32, Unreadable> {
        self.number(number)?.ok_or(Unreadable::Malformed)
    }

    /// A required `bytes`.
    pub(crate) fn need_bytes(&self, number: u32) -> Result<&'a [u8], Unreadable> {
        self.bytes(number)?.ok_or(Unreadable::Malformed)
    }

    /// A repeated `bytes`.
    pub(crate) fn repeated(&self, number: u32) -> impl Iterator<Item = Result<&'a [u8], Unreadable>> {
        let mine = self.0.iter().filter(move |(field, _)| *field == number);
        mine.map(|(_, value)| match value {
            Value::Bytes(bytes) => Ok(*bytes),
            _ => Err(Unreadable::Malformed),
        })
    }
}

fn varint(bytes: &mut &[u8]) -> Result<u64, Unreadable> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(Unreadable::Malformed)?;
        *bytes = rest;
        let part = u64::from(byte & 0x7f);
        if shift == 63 && part > 1 {
            break;
        }
        value |= part << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Unreadable::Malformed)
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], Unreadable> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or(Unreadable::Malformed)?;
    *bytes = rest;
    Ok(taken)
}

/// A message being written, fields in the order of the calls.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    /// For secrets: with room for all of it, so that no copies are left behind as it grows. Whoever takes the bytes overwrites them.
    pub(crate) fn roomy(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub(crate) fn number(mut self, number: u32, value: u32) -> Self {
        self.varint(u64::from(number) << 3);
        self.varint(u64::from(value));
        self
    }

    pub(crate) fn bytes(mut self, number: u32, value: &[u8]) -> Self {
        self.varint(u64::from(number) << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let bytes = Writer::default().number(1, 300).bytes(2, b"hei").number(3, 0).finish();
        assert_eq!(bytes, b"\x08\xac\x02\x12\x03hei\x18\x00");
        let fields = Fields::read(&bytes).unwrap();
        assert_eq!(fields.need_number(1), Ok(300));
        assert_eq!(fields.need_bytes(2), Ok(b"hei".as_slice()));
        assert_eq!(fields.number(3), Ok(Some(0)));
        assert_eq!(fields.number(4), Ok(None));
    }

    #[test]
    fn a_missing_required_field_is_not_zero() {
        let fields = Fields::read(b"\x08\x01").unwrap();
        assert_eq!(fields.need_number(2), Err(Unreadable::Malformed));
        assert_eq!(fields.need_bytes(2), Err(Unreadable::Malformed));
    }

    #[test]
    fn twice_the_wrong_kind_and_too_large_are_errors() {
        let twice = Fields::read(b"\x08\x01\x08\x02").unwrap();
        assert_eq!(twice.number(1), Err(Unreadable::Malformed));
        let kind = Fields::read(b"\x08\x01").unwrap();
        assert_eq!(kind.bytes(1), Err(Unreadable::Malformed));
        let large = Fields::read(b"\x08\xff\xff\xff\xff\x7f").unwrap();
        assert_eq!(large.number(1), Err(Unreadable::Malformed));
        for broken in [
            b"\x08".as_slice(),
            b"\x12\x05abc",
            b"\x13",
            b"\x00\x00",
            b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
            b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        ] {
            assert!(Fields::read(broken).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn fields_of_a_later_version_are_passed_over() {
        let fields = Fields::read(b"\x08\x01\x79\x00\x00\x00\x00\x00\x00\x00\x00\x7d\x00\x00\x00\x00").unwrap();
        assert_eq!(fields.number(1), Ok(Some(1)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            if let Ok(fields) = Fields::read(&bytes) {
                prop_assert!(fields.0.len() * 2 <= bytes.len());
            }
        }
    }
}
