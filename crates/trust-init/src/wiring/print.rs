//! The wiring as text, in each form.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

use super::Wiring;
use super::variables::JAVA_VARIABLE;
use trust_stores::escape::escape;

/// The form in which `env` prints the wiring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum EnvFormat {
    /// `export NAME='VALUE'`, for a POSIX shell.
    #[default]
    #[value(aliases = ["sh", "bash", "zsh", "export"])]
    Shell,
    /// `NAME=VALUE`, as in trust.env.
    Dotenv,
    /// Items of a container's `env`, as YAML.
    #[value(aliases = ["k8s", "kube"])]
    Kubernetes,
    /// Lines of spark-defaults.conf.
    SparkDefaults,
    /// `--conf` options of spark-submit.
    SparkSubmit,
    // docker takes quotes as part of the value.
    /// Lines for `docker run --env-file`.
    #[value(aliases = ["podman", "env-file"])]
    Docker,
}

impl Wiring {
    /// The content of trust.env: one line per variable, its value in double quotes if it needs them. A
    /// POSIX shell can read it too.
    pub fn dotenv(&self) -> String {
        self.lines(|name, value| {
            if value.chars().all(is_plain) {
                format!("{name}={value}")
            } else {
                format!("{name}=\"{}\"", value.replace('"', "\\\""))
            }
        })
    }

    /// The wiring in this form.
    pub fn print(&self, format: EnvFormat) -> String {
        match format {
            EnvFormat::Shell => self.lines(|name, value| {
                // JVM options are added to those that are set; all others are a single file.
                let before = if name == JAVA_VARIABLE {
                    "\"${JAVA_TOOL_OPTIONS:+$JAVA_TOOL_OPTIONS }\""
                } else {
                    ""
                };
                format!("export {name}={before}{}", shell_word(value))
            }),
            EnvFormat::Dotenv => self.dotenv(),
            EnvFormat::Docker => self.lines(|name, value| format!("{name}={value}")),
            // A JSON string is a YAML string.
            EnvFormat::Kubernetes => self.lines(|name, value| {
                let value = serde_json::Value::from(value);
                format!("- name: {name}\n  value: {value}")
            }),
            EnvFormat::SparkDefaults => {
                self.spark(|property, value| format!("{property} {}", value.replace('\\', "\\\\")))
            }
            // On one line, so that `$(…)` works if nothing is quoted, and `eval` always.
            EnvFormat::SparkSubmit => {
                let lines = self.spark(|property, value| {
                    format!("--conf {}", shell_word(&format!("{property}={value}")))
                });
                lines.trim_end().replace('\n', " ") + "\n"
            }
        }
    }

    fn lines(&self, line: impl Fn(&str, &str) -> String) -> String {
        self.all().fold(String::new(), |mut out, (name, value)| {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{}", line(name, value));
            out
        })
    }

    /// Spark's properties: variables for the driver (in cluster mode) and the executors; JVM options that
    /// come before the user's own, which therefore win.
    fn spark(&self, line: impl Fn(&str, &str) -> String) -> String {
        let mut out = String::new();
        for prefix in ["spark.kubernetes.driverEnv.", "spark.executorEnv."] {
            for (name, value) in self.paths() {
                let _ = writeln!(out, "{}", line(&format!("{prefix}{name}"), value));
            }
        }
        if let Some(options) = &self.java {
            for role in ["driver", "executor"] {
                let property = format!("spark.{role}.defaultJavaOptions");
                let _ = writeln!(out, "{}", line(&property, options));
            }
        }
        out
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/._-=:,@%+".contains(c)
}

/// A value as one word of a POSIX shell, quoted if it needs that.
fn shell_word(value: &str) -> String {
    if value.chars().all(is_plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', "'\\''"))
    }
}

/// A path as a word of a command line that can be pasted as it is shown: it is no option, and nothing in it needs to
/// be escaped. `None` if there is no such word.
pub fn path_word(path: &Path) -> Option<String> {
    let text = path.to_str().filter(|text| !text.is_empty())?;
    let before = if text.starts_with('-') { "./" } else { "" };
    let word = shell_word(&format!("{before}{text}"));
    matches!(escape(&word), Cow::Borrowed(_)).then_some(word)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::Path;

    use super::path_word;

    #[test]
    fn a_path_is_shown_as_it_can_be_pasted_or_not_at_all() {
        for (path, word) in [
            ("ca.pem", Some("ca.pem")),
            ("my ca.pem", Some("'my ca.pem'")),
            ("it's $(id).pem", Some("'it'\\''s $(id).pem'")),
            ("-rf.pem", Some("./-rf.pem")),
            ("--ca", Some("./--ca")),
            ("new\nline.pem", None),
            ("\u{1b}]0;title\u{7}.pem", None),
            ("\u{202e}mep.ac", None),
            ("-----BEGIN", None),
        ] {
            assert_eq!(path_word(Path::new(path)).as_deref(), word, "{path:?}");
        }
        assert_eq!(path_word(Path::new("")), None);
        assert_eq!(path_word(OsStr::from_bytes(b"\xff").as_ref()), None);
    }
}
