//! Instruction arguments in Borsh's encoding, read in order.

use crate::{require, GridError, Key, Result};

/// Every method refuses with InvalidInstruction when the bytes do not suffice.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    rest: &'a [u8],
}

impl<'a> Args<'a> {
    pub fn new(data: &'a [u8]) -> Args<'a> {
        Args { rest: data }
    }

    #[inline(always)]
    fn take<const N: usize>(&mut self) -> Result<&'a [u8; N]> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(GridError::InvalidInstruction)?;
        self.rest = rest;
        Ok(head)
    }

    #[inline(always)]
    pub fn u8(&mut self) -> Result<u8> {
        Ok(self.take::<1>()?[0])
    }

    /// 0 or 1.
    #[inline(always)]
    pub fn bool(&mut self) -> Result<u8> {
        let value = self.u8()?;
        require!(value <= 1, InvalidInstruction);
        Ok(value)
    }

    #[inline(always)]
    pub fn u16(&mut self) -> Result<u16> {
        Ok(u16::from_le_bytes(*self.take()?))
    }

    #[inline(always)]
    pub fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(*self.take()?))
    }

    #[inline(always)]
    pub fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(*self.take()?))
    }

    #[inline(always)]
    pub fn i64(&mut self) -> Result<i64> {
        Ok(i64::from_le_bytes(*self.take()?))
    }

    #[inline(always)]
    pub fn key(&mut self) -> Result<Key> {
        Ok(Key::from_bytes(*self.take()?))
    }

    /// A string's or byte vector's bytes.
    #[inline(always)]
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = self.u32()? as usize;
        let (head, rest) =
            self.rest.split_at_checked(length).ok_or(GridError::InvalidInstruction)?;
        self.rest = rest;
        Ok(head)
    }

    /// A vector's length; what is left must be exactly that many elements of `size` bytes.
    #[inline(always)]
    pub fn count(&mut self, size: usize) -> Result<usize> {
        let count = self.u32()? as usize;
        require!(self.rest.len() == count * size, InvalidInstruction);
        Ok(count)
    }

    /// Nothing may be left.
    #[inline(always)]
    pub fn end(&self) -> Result<()> {
        require!(self.rest.is_empty(), InvalidInstruction);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_in_order_and_nothing_may_be_left() {
        let mut args = Args::new(&[1, 2, 0, 1, 0, 0, 0, b'x', 9]);
        assert_eq!(args.bool(), Ok(1));
        assert_eq!(args.u16(), Ok(2));
        assert_eq!(args.bytes(), Ok(&b"x"[..]));
        assert_eq!(args.end(), Err(GridError::InvalidInstruction));
        assert_eq!(args.bool(), Err(GridError::InvalidInstruction));
        assert_eq!(args.end(), Ok(()));
    }

    #[test]
    fn a_length_beyond_the_data_is_refused() {
        assert_eq!(
            Args::new(&[0xff, 0xff, 0xff, 0xff, 1]).bytes(),
            Err(GridError::InvalidInstruction)
        );
        assert_eq!(Args::new(&[0; 7]).u64(), Err(GridError::InvalidInstruction));
        assert_eq!(Args::new(&[0; 31]).key().err(), Some(GridError::InvalidInstruction));
    }
}
