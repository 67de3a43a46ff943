//! Time limits on a socket.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A moment that nothing may last beyond.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) fn after(limit: Duration) -> Self {
        Deadline(Instant::now() + limit)
    }

    /// `stream` with this deadline.
    pub(crate) fn on(self, stream: &mut TcpStream) -> Timed<'_> {
        Timed {
            stream,
            deadline: self,
        }
    }

    pub(crate) fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// A stream that ends at a deadline, even if the peer sends a byte now and then.
pub(crate) struct Timed<'a> {
    pub(crate) stream: &'a mut TcpStream,
    pub(crate) deadline: Deadline,
}

impl Timed<'_> {
    fn left(&self) -> io::Result<Duration> {
        // A socket takes zero for "no limit".
        match self.deadline.left() {
            Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
            left => Ok(left),
        }
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.left()?))?;
        self.stream.read(buffer).map_err(as_timeout)
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.left()?))?;
        self.stream.write(buffer).map_err(as_timeout)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// A socket reports its time limit as `WouldBlock`, which rustls reads as a pause if anything came
/// before it.
fn as_timeout(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
        _ => error,
    }
}
