//! How a process is told to end.

/// The signals that ask a process to end.
pub(in crate::boot) struct Signals {
    #[cfg(unix)]
    interrupt: Option<tokio::signal::unix::Signal>,
    #[cfg(unix)]
    terminate: Option<tokio::signal::unix::Signal>,
}

/// What a process that was ended by signal number 2 or 15 is said to have ended with.
pub(in crate::boot) type ExitCode = i32;

impl Signals {
    /// Listens from now on: the signals no longer end the process by themselves.
    #[cfg(unix)]
    pub fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};

        // Where one can't be heard, it ends the process as if nobody listened.
        Signals {
            interrupt: signal(SignalKind::interrupt()).ok(),
            terminate: signal(SignalKind::terminate()).ok(),
        }
    }

    /// Listens from now on.
    #[cfg(not(unix))]
    pub fn new() -> Self {
        Signals {}
    }

    /// Waits for the next one, and tells the exit code of a process that it ends.
    #[cfg(unix)]
    pub async fn next(&mut self) -> ExitCode {
        use tokio::signal::unix::Signal;

        async fn heard(signal: &mut Option<Signal>) {
            let Some(signal) = signal else {
                return std::future::pending().await;
            };
            if signal.recv().await.is_none() {
                std::future::pending().await
            }
        }
        tokio::select! {
            () = heard(&mut self.interrupt) => 130,
            () = heard(&mut self.terminate) => 143,
        }
    }

    /// Waits for the next one, and tells the exit code of a process that it ends.
    #[cfg(not(unix))]
    pub async fn next(&mut self) -> ExitCode {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        130
    }
}
