//! The socket of a connection, which tells what comes and goes.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_io_timeout::TimeoutWriter;

use super::ServerConfig;
use super::crowd::Place;
use super::stage::Stage;

/// A socket. It fails when the other side reads nothing for too long, and keeps the connection's place for as long as it is
/// open, also when it has become a WebSocket.
pub(super) struct Wire {
    // Boxed, since hyper moves what it writes to, and a timer must not move.
    socket: Pin<Box<TimeoutWriter<TcpStream>>>,
    stage: Stage,
    max_header_size: usize,
    place: Place,
}

impl Wire {
    pub fn new(socket: TcpStream, stage: Stage, config: &ServerConfig, place: Place) -> Self {
        let mut socket = TimeoutWriter::new(socket);
        socket.set_timeout(Some(config.write_timeout));
        Wire {
            socket: Box::pin(socket),
            stage,
            max_header_size: config.max_header_size,
            place,
        }
    }

    /// The socket itself, and the place that is to be kept for as long.
    pub fn into_socket(self) -> (Pin<Box<TimeoutWriter<TcpStream>>>, Place) {
        (self.socket, self.place)
    }

    fn noted(&self, written: io::Result<usize>) -> io::Result<usize> {
        if matches!(written, Ok(bytes) if bytes > 0) {
            self.stage.sent();
        }
        written
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let bytes = match self.stage.head_room(self.max_header_size) {
            // Whoever waits for the connection finds out, and ends it.
            Some(0) => return Poll::Pending,
            Some(room) if room < buffer.remaining() => {
                let mut part = ReadBuf::new(buffer.initialize_unfilled_to(room));
                ready!(self.socket.as_mut().poll_read(cx, &mut part))?;
                let bytes = part.filled().len();
                buffer.advance(bytes);
                bytes
            }
            _ => {
                let before = buffer.filled().len();
                ready!(self.socket.as_mut().poll_read(cx, buffer))?;
                buffer.filled().len().saturating_sub(before)
            }
        };
        if bytes > 0 {
            self.stage.received(bytes);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(self.socket.as_mut().poll_write(cx, bytes));
        Poll::Ready(self.noted(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(self.socket.as_mut().poll_write_vectored(cx, bytes));
        Poll::Ready(self.noted(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.socket.as_mut().poll_flush(cx))?;
        // HTTP flushes when it has written all that it has.
        self.stage.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket.as_mut().poll_shutdown(cx)
    }
}
