//! Layers compressed by zstd (RFC 8878): a stream of frames, those to be skipped passed over.

use std::io::{self, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

/// Bytes of the header of a frame to be skipped: its magic number and its length.
const SKIPPABLE_HEADER: usize = 8;

/// What a stream of frames unfolds to. Windows over 100 MiB are refused.
pub(super) struct Frames<'a> {
    rest: &'a [u8],
    frame: Option<StreamingDecoder<&'a [u8], FrameDecoder>>,
}

impl<'a> Frames<'a> {
    pub(super) const fn new(content: &'a [u8]) -> Self {
        Self { rest: content, frame: None }
    }
}

impl Read for Frames<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                let read = frame.read(buffer)?;
                if read > 0 || buffer.is_empty() {
                    return Ok(read);
                }
                self.rest = frame.get_ref();
                self.frame = None;
            }
            if self.rest.is_empty() {
                return Ok(0);
            }
            match StreamingDecoder::new(self.rest) {
                Ok(frame) => self.frame = Some(frame),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let end = usize::try_from(length).ok().and_then(|length| length.checked_add(SKIPPABLE_HEADER));
                    self.rest = end.and_then(|end| self.rest.get(end..)).ok_or(io::ErrorKind::UnexpectedEof)?;
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn unfolded(content: &[u8]) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        Frames::new(content).read_to_end(&mut all)?;
        Ok(all)
    }

    #[test]
    fn frames_follow_one_another_and_some_are_skipped() {
        let frame = |content: &[u8]| compress_to_vec(content, CompressionLevel::Fastest);
        let long = vec![7; 300_000];
        let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3][..]].concat();
        let content = [frame(&long), skipped.clone(), frame(b"end")].concat();
        assert_eq!(unfolded(&content).unwrap(), [long.as_slice(), b"end"].concat());
        assert_eq!(unfolded(&skipped).unwrap(), b"");
        for broken in [&content[..content.len() - 1], &content[..20], &skipped[..10], b"\x28\xb5\x2f\xfd"] {
            unfolded(broken).unwrap_err();
        }
    }
}
