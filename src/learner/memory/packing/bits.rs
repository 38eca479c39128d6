//! Bits one after the other, and codes for small numbers.

/// Quotient of a Rice code from which the number is written in full.
const LONGEST_QUOTIENT: u32 = 12;

/// Appends bits to bytes, the lowest of each byte first.
pub(super) struct BitWriter<'a> {
    bytes: &'a mut Vec<u8>,
    /// Bits that do not fill a byte yet.
    pending: u64,
    count: u32,
}

impl<'a> BitWriter<'a> {
    pub(super) fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self {
            bytes,
            pending: 0,
            count: 0,
        }
    }

    /// Writes the lowest `count` bits of `value`, at most 32.
    pub(super) fn write(&mut self, value: u32, count: u32) {
        self.pending |= u64::from(value) << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.pending as u8);
            self.pending >>= 8;
            self.count -= 8;
        }
    }

    /// Writes a number with an exponential Golomb code of this order (Teuhola 1978): short for small numbers.
    pub(super) fn write_golomb(&mut self, value: u32, order: u32) {
        let shifted = value + (1 << order);
        let more = 31 - shifted.leading_zeros() - order;
        // `more` zeros, a one, and the digits below the leading one.
        self.write(1 << more, more + 1);
        let digits = more + order;
        self.write(shifted & ((1 << digits) - 1), digits);
    }

    /// Writes a byte with a Rice code of this order (Rice 1979), which suits numbers that are nearly always small.
    pub(super) fn write_rice(&mut self, value: u8, order: u32) {
        let quotient = u32::from(value) >> order;
        if quotient < LONGEST_QUOTIENT {
            self.write((1 << quotient) - 1, quotient + 1);
            self.write(u32::from(value) & ((1 << order) - 1), order);
        } else {
            self.write((1 << LONGEST_QUOTIENT) - 1, LONGEST_QUOTIENT);
            self.write(u32::from(value), 8);
        }
    }

    /// Fills the last byte with zeros.
    pub(super) fn finish(self) {
        if self.count > 0 {
            self.bytes.push(self.pending as u8);
        }
    }
}

/// Reads what a [`BitWriter`] wrote. Beyond the end there are zeros.
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    next: usize,
    pending: u64,
    count: u32,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            next: 0,
            pending: 0,
            count: 0,
        }
    }

    /// Makes at least 32 bits available.
    fn fill(&mut self) {
        while self.count <= 56 {
            let byte = self.bytes.get(self.next).copied().unwrap_or(0);
            self.pending |= u64::from(byte) << self.count;
            self.next += 1;
            self.count += 8;
        }
    }

    fn skip(&mut self, count: u32) {
        self.pending >>= count;
        self.count -= count;
    }

    /// Reads `count` bits, at most 32.
    pub(super) fn read(&mut self, count: u32) -> u32 {
        if self.count < count {
            self.fill();
        }
        let value = (self.pending & ((1 << count) - 1)) as u32;
        self.skip(count);
        value
    }

    /// Reads one bit.
    pub(super) fn read_flag(&mut self) -> bool {
        self.read(1) == 1
    }

    /// Reads a number that [`write_golomb`](BitWriter::write_golomb) wrote.
    pub(super) fn read_golomb(&mut self, order: u32) -> u32 {
        if self.count < 32 {
            self.fill();
        }
        // A damaged code must not shift by more than there is.
        let more = self.pending.trailing_zeros().min(24);
        self.skip(more + 1);
        let digits = more + order;
        (self.read(digits) | (1 << digits)) - (1 << order)
    }

    /// Reads a byte that [`write_rice`](BitWriter::write_rice) wrote.
    pub(super) fn read_rice(&mut self, order: u32) -> u8 {
        if self.count < 32 {
            self.fill();
        }
        let quotient = self.pending.trailing_ones();
        if quotient < LONGEST_QUOTIENT {
            self.skip(quotient + 1);
            ((quotient << order) | self.read(order)) as u8
        } else {
            self.skip(LONGEST_QUOTIENT);
            self.read(8) as u8
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(numbers in prop::collection::vec((any::<u8>(), 0u32..60_000, any::<u32>(), 0u32..5), 0..60)) {
            let mut bytes = Vec::new();
            let mut writer = BitWriter::new(&mut bytes);
            for &(byte, number, word, order) in &numbers {
                writer.write_rice(byte, order);
                writer.write_golomb(number, order);
                writer.write(word, 32);
                writer.write(word & 1, 1);
            }
            writer.finish();
            let mut reader = BitReader::new(&bytes);
            for &(byte, number, word, order) in &numbers {
                prop_assert_eq!(reader.read_rice(order), byte);
                prop_assert_eq!(reader.read_golomb(order), number);
                prop_assert_eq!(reader.read(32), word);
                prop_assert_eq!(reader.read_flag(), word & 1 == 1);
            }
        }
    }

    #[test]
    fn small_numbers_are_short() {
        let bits = |write: &dyn Fn(&mut BitWriter<'_>)| {
            let mut bytes = Vec::new();
            let mut writer = BitWriter::new(&mut bytes);
            (0..8).for_each(|_| write(&mut writer));
            writer.finish();
            bytes.len()
        };
        assert_eq!(bits(&|writer| writer.write_golomb(0, 0)), 1);
        assert_eq!(bits(&|writer| writer.write_golomb(1, 0)), 3);
        assert_eq!(bits(&|writer| writer.write_rice(1, 1)), 2);
    }
}
