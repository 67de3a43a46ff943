//! What a person types next.

use std::ffi::OsString;
use std::io::{self, IsTerminal as _};
use std::path::Path;

use trust_stores::escape::escape;

use super::{Log, LogFormat};
use crate::layout;
use crate::wiring::path_word;

impl Log {
    /// Tells whoever sits at a terminal how to use the stores in `out`; in the log of a pod or of CI it would be
    /// noise. `program` is how this one was called, so that what is shown works as it is.
    pub fn how_to_use(&mut self, program: Option<&OsString>, out: &Path) {
        if !self.is_read_by_a_person() {
            return;
        }
        let program = program.and_then(|program| path_word(Path::new(program)));
        let program = program.as_deref().unwrap_or("trust-init");
        let words = [path_word(out), path_word(&out.join(layout::TRUST_ENV))];
        let [Some(out), Some(file)] = words else {
            return;
        };
        self.info(&format!(
            "to use them for one command: {program} exec --from {out} -- curl https://HOST"
        ));
        self.info(&format!(
            "to use them in this shell: set -a; . {file}; set +a"
        ));
    }

    /// Tells whoever sits at a terminal that the variables lead to nothing on this machine: with them, clients
    /// would fail, and not only lack a CA.
    pub fn no_stores_at(&mut self, directory: &str) {
        if self.is_read_by_a_person() {
            self.info(&format!(
                "{} is not on this machine; to name the directory that holds the stores: --mounted-at DIR",
                escape(directory)
            ));
        }
    }

    /// Says what to do with the objects that `render` has just printed, if that was to a terminal too.
    pub fn how_to_apply(&mut self) {
        if self.is_read_by_a_person() && io::stdout().is_terminal() {
            self.info("to create these objects, repeat this with: | kubectl apply -f -");
            self.info("to see only what a pod needs to mount them: --print pod");
        }
    }

    /// Says why `watch` does not end.
    pub fn watching(&mut self) {
        if self.is_read_by_a_person() {
            self.info("watching the sources; end this with Ctrl-C");
        }
    }

    fn is_read_by_a_person(&self) -> bool {
        self.format == LogFormat::Text && io::stderr().is_terminal()
    }
}
