//! Follows a path one component at a time, links included.
//!
//! The caller decides what each step means (open it, watch it) and says where a link leads; this
//! keeps what remains of the path and counts the links.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path};

use rustix::io::Errno;

/// How many links are followed in one path: the kernel's own limit (`path_resolution(7)`).
const MAX_LINKS: usize = 40;

/// One step along a path.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// To the root directory.
    Root,
    /// To the directory above (`..`).
    Parent,
    /// To what has this name.
    Name(OsString),
}

/// The steps that remain of a path.
#[derive(Debug)]
pub struct PathWalk {
    steps: VecDeque<Step>,
    links: usize,
}

impl PathWalk {
    /// Starts at the beginning of `path`.
    pub fn new(path: &Path) -> Self {
        PathWalk {
            steps: steps(path),
            links: 0,
        }
    }

    /// The last name was a link to `target`: goes there, then on with the rest of the path. Fails as
    /// the kernel does (ELOOP) after 40 links.
    pub fn follow(&mut self, target: &Path) -> io::Result<()> {
        self.links += 1;
        if self.links > MAX_LINKS {
            return Err(Errno::LOOP.into());
        }
        let mut steps = steps(target);
        steps.append(&mut self.steps);
        self.steps = steps;
        Ok(())
    }
}

impl Iterator for PathWalk {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        self.steps.pop_front()
    }
}

fn steps(path: &Path) -> VecDeque<Step> {
    path.components()
        .filter_map(|component| match component {
            Component::RootDir => Some(Step::Root),
            Component::ParentDir => Some(Step::Parent),
            Component::Normal(name) => Some(Step::Name(name.to_owned())),
            Component::CurDir | Component::Prefix(_) => None,
        })
        .collect()
}
