//! Runs programs at the same time, each within a time limit, and keeps the ends of what they print.
//!
//! Without threads, because a pod may not have any to spare. Each program leads a process group of its
//! own, which is killed as a whole when the program ends or its time is over.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use crate::sys;

/// How much of the beginning, and of the end, of each stream is kept.
const KEPT: usize = 16 << 10;

/// How often a program is looked after where the kernel has no pidfd (Linux before 5.3, other systems).
const PAUSE: Duration = Duration::from_millis(20);

/// How long a killed program is waited for. One that waits for a dead disk does not die.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// How a program ended.
#[derive(Debug)]
pub(super) enum End {
    /// By itself, or by somebody's signal.
    Exited(ExitStatus),
    /// It was killed at the time limit.
    TimedOut,
    /// The system did not start it.
    NotStarted(io::Error),
}

/// What came of a run.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) end: End,
    /// What it printed; in the middle of a long text, something is missing.
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// Runs all commands, whose output must be piped, and returns what came of each. At the same time, unless
/// the system refuses: then a program starts when an earlier one has ended.
pub(super) fn run_all(commands: Vec<Command>, limit: Duration) -> Vec<Run> {
    let mut waiting: VecDeque<(usize, Command)> = commands.into_iter().enumerate().collect();
    let mut ended: Vec<(usize, Run)> = Vec::new();
    let mut running: Vec<Running> = Vec::new();
    loop {
        while let Some((number, mut command)) = waiting.pop_front() {
            match Running::start(number, &mut command, limit) {
                Ok(started) => running.push(started),
                Err(error) if is_shortage(&error) && !running.is_empty() => {
                    waiting.push_front((number, command));
                    break;
                }
                Err(error) => ended.push((number, Run::not_started(error))),
            }
        }
        if running.is_empty() {
            break;
        }
        wait_for_any(&running);
        let now = Instant::now();
        let (over, on): (Vec<_>, Vec<_>) = running
            .into_iter()
            .map(|mut one| {
                one.read();
                one
            })
            .partition(|one| one.has_exited() || now >= one.deadline);
        running = on;
        ended.extend(over.into_iter().map(|one| (one.number, one.finish())));
    }
    ended.sort_by_key(|(number, _)| *number);
    ended.into_iter().map(|(_, run)| run).collect()
}

/// Whether a program could be started once others have ended.
fn is_shortage(error: &io::Error) -> bool {
    let shortages = [Errno::AGAIN, Errno::MFILE, Errno::NFILE, Errno::NOMEM];
    let code = error.raw_os_error();
    shortages.iter().any(|one| Some(one.raw_os_error()) == code)
}

/// Sleeps until a program prints or ends, or the first deadline.
fn wait_for_any(running: &[Running]) {
    let mut fds: Vec<PollFd<'_>> = running
        .iter()
        .flat_map(Running::descriptors)
        .map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN))
        .collect();
    let now = Instant::now();
    let left = running
        .iter()
        .map(|one| one.deadline.saturating_duration_since(now));
    let mut timeout = left.min().unwrap_or_default();
    if running.iter().any(|one| one.pidfd.is_none()) {
        timeout = timeout.min(PAUSE);
    }
    // What is too long for a timespec, or interrupted, is waited for again.
    let timeout = Timespec::try_from(timeout).ok();
    let _ = poll(&mut fds, timeout.as_ref());
}

/// A program that was started.
struct Running {
    number: usize,
    child: Child,
    pidfd: Option<OwnedFd>,
    stdout: Stream,
    stderr: Stream,
    deadline: Instant,
}

impl Running {
    fn start(number: usize, command: &mut Command, limit: Duration) -> io::Result<Self> {
        let mut child = command.process_group(0).spawn()?;
        let pidfd = pid(&child).and_then(|pid| sys::open_process(pid).ok());
        let stdout = child.stdout.take().map(OwnedFd::from);
        let stderr = child.stderr.take().map(OwnedFd::from);
        Ok(Running {
            number,
            child,
            pidfd,
            stdout: Stream::new(stdout),
            stderr: Stream::new(stderr),
            deadline: Instant::now() + limit,
        })
    }

    fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let streams = [&self.stdout, &self.stderr];
        let open = streams.into_iter().filter_map(|stream| stream.fd.as_ref());
        open.chain(&self.pidfd).map(AsFd::as_fd)
    }

    fn read(&mut self) {
        self.stdout.read();
        self.stderr.read();
    }

    /// Whether it has ended. It stays a zombie, so that its group's number is not given to another.
    fn has_exited(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let Some(pid) = pid(&self.child) else {
            return true;
        };
        // An error means that there is nothing to wait for.
        !matches!(waitid(WaitId::Pid(pid), options), Ok(None))
    }

    /// Ends what is left of its group, and takes its exit status.
    fn finish(mut self) -> Run {
        let has_exited = self.has_exited();
        // It may have printed between the last look and its end.
        self.read();
        if let Some(group) = pid(&self.child) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let status = self.reap();
        let end = match status {
            Some(status) if has_exited => End::Exited(status),
            _ => End::TimedOut,
        };
        Run {
            end,
            stdout: self.stdout.text(),
            stderr: self.stderr.text(),
        }
    }

    fn reap(&mut self) -> Option<ExitStatus> {
        let until = Instant::now() + LAST_WAIT;
        loop {
            match self.child.try_wait() {
                Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(1)),
                Ok(status) => return status,
                Err(_) => return None,
            }
        }
    }
}

fn pid(child: &Child) -> Option<Pid> {
    Pid::from_raw(i32::try_from(child.id()).ok()?)
}

impl Run {
    fn not_started(error: io::Error) -> Self {
        Run {
            end: End::NotStarted(error),
            stdout: String::new(),
            stderr: String::new(),
        }
    }
}

/// One of a program's streams: its beginning and its end.
struct Stream {
    /// `None` when it has ended.
    fd: Option<OwnedFd>,
    head: Vec<u8>,
    tail: VecDeque<u8>,
}

impl Stream {
    fn new(fd: Option<OwnedFd>) -> Self {
        // A program that keeps its stream open must not hold us.
        let fd = fd.filter(|fd| {
            let flags = fcntl_getfl(fd).unwrap_or(OFlags::empty());
            fcntl_setfl(fd, flags | OFlags::NONBLOCK).is_ok()
        });
        Stream {
            fd,
            head: Vec::new(),
            tail: VecDeque::new(),
        }
    }

    /// Takes what is there, at most a pipe's content, so that a flood does not hold us either.
    fn read(&mut self) {
        const MOST: usize = 64 << 10;
        let Some(fd) = &self.fd else {
            return;
        };
        let mut buffer = [0; 4096];
        let mut taken = 0;
        while taken < MOST {
            match rustix::io::read(fd, &mut buffer) {
                Ok(0) => {
                    self.fd = None;
                    return;
                }
                Ok(length) => {
                    taken += length;
                    keep(&mut self.head, &mut self.tail, &buffer[..length]);
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return,
                Err(_) => {
                    self.fd = None;
                    return;
                }
            }
        }
    }

    fn text(&self) -> String {
        let mut bytes = self.head.clone();
        bytes.extend(&self.tail);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Keeps the first and the last bytes. Where some are lost, the line breaks.
fn keep(head: &mut Vec<u8>, tail: &mut VecDeque<u8>, bytes: &[u8]) {
    let (first, rest) = bytes.split_at(bytes.len().min(KEPT - head.len()));
    head.extend(first);
    tail.extend(rest);
    if tail.len() > KEPT {
        tail.drain(..tail.len() - KEPT);
        tail[0] = b'\n';
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    use super::{End, KEPT, Run, run_all};

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(script: &str, limit: u64) -> Run {
        let mut runs = run_all(vec![shell(script)], Duration::from_millis(limit));
        runs.pop().unwrap()
    }

    #[test]
    fn output_and_status_come_back() {
        let run = run("echo out; echo err >&2; exit 3", 10_000);
        assert!(matches!(run.end, End::Exited(status) if status.code() == Some(3)));
        assert_eq!(
            (run.stdout.as_str(), run.stderr.as_str()),
            ("out\n", "err\n")
        );
    }

    #[test]
    fn a_program_is_ended_at_its_limit_with_its_children() {
        let start = Instant::now();
        // The child holds the pipe, and would live on.
        let run = run("echo begun; sleep 60 & echo $!; wait", 300);
        assert!(matches!(run.end, End::TimedOut), "{run:?}");
        assert!(start.elapsed() < Duration::from_secs(10));
        let child = run.stdout.lines().last().unwrap();
        assert!(is_gone(child), "{child}");
    }

    #[test]
    fn a_child_that_keeps_the_pipe_open_is_not_waited_for() {
        let start = Instant::now();
        let run = run("sleep 60 & echo $!", 30_000);
        assert!(matches!(run.end, End::Exited(status) if status.success()));
        assert!(start.elapsed() < Duration::from_secs(20));
        assert!(is_gone(run.stdout.trim()));
    }

    /// Whether a process has ended; whoever inherits it may not have waited for it yet.
    fn is_gone(pid: &str) -> bool {
        let status = || std::fs::read_to_string(format!("/proc/{pid}/stat"));
        (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            status().is_ok_and(|stat| stat.contains(") Z ")) || status().is_err()
        })
    }

    #[test]
    fn a_flood_is_cut_and_its_ends_are_kept() {
        let run = run("echo first; yes | head -c 10000000; echo last", 30_000);
        assert!(matches!(run.end, End::Exited(_)), "{:?}", run.end);
        assert!(run.stdout.starts_with("first\n") && run.stdout.ends_with("last\n"));
        assert_eq!(run.stdout.len(), 2 * KEPT);
    }

    #[test]
    fn programs_run_beside_each_other_and_answer_in_order() {
        let start = Instant::now();
        let scripts = [
            "sleep 1; echo a",
            "sleep 1; echo b",
            "echo c",
            "sleep 1; echo d",
        ];
        let commands = scripts.into_iter().map(shell).collect();
        let runs = run_all(commands, Duration::from_secs(30));
        let said: Vec<&str> = runs.iter().map(|run| run.stdout.trim()).collect();
        assert_eq!(said, ["a", "b", "c", "d"]);
        assert!(start.elapsed() < Duration::from_millis(2900));
    }

    #[test]
    fn what_cannot_be_started_is_reported() {
        let mut runs = run_all(
            vec![Command::new("/nonexistent/program"), shell("echo a")],
            Duration::from_secs(10),
        );
        assert_eq!(runs.pop().unwrap().stdout, "a\n");
        assert!(matches!(runs.pop().unwrap().end, End::NotStarted(_)));
    }
}
