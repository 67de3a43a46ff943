//! One ConfigMap or Secret: its name, its size, its YAML.

use super::contents::{Entry, Part};
use super::yaml::Node;
use trust_stores::Fingerprint;

/// What an object may be long as JSON, so that `kubectl apply` and Argo CD can keep it in an
/// annotation: of those Kubernetes takes 262,144 bytes, and other annotations need some.
pub const CLIENT_SIDE_LIMIT: usize = 250_000;

/// What the values of an object may be long together. Kubernetes counts their bytes, those of base64
/// decoded, and refuses more than 1 MiB.
pub const KUBERNETES_LIMIT: usize = 1_048_500;

/// The kind of object that holds the stores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "lower")]
pub enum Kind {
    /// Certificates are public, so this is usually right.
    #[default]
    ConfigMap,
    /// For clusters that grant access by kind.
    Secret,
}

impl Kind {
    /// As Kubernetes has it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::ConfigMap => "ConfigMap",
            Kind::Secret => "Secret",
        }
    }

    /// Where texts stand and where base64 does. A Secret's texts as they are, not in base64: they can
    /// be read, and a bundle that is a third longer would not fit.
    fn fields(self) -> [&'static str; 2] {
        match self {
            Kind::ConfigMap => ["data", "binaryData"],
            Kind::Secret => ["stringData", "data"],
        }
    }
}

/// What the objects of one run have in common.
#[derive(Clone, Debug)]
pub struct Meta {
    /// What they are.
    pub kind: Kind,
    /// What their names begin with.
    pub name: String,
    /// Where they are to be, if that is said.
    pub namespace: Option<String>,
    /// Whether Kubernetes refuses every later change of their content.
    pub is_immutable: bool,
    /// Whether their names end with a hash of their content.
    pub has_hash_suffix: bool,
    /// The hashes of what they were made of, as annotations.
    pub annotations: Vec<(&'static str, String)>,
}

/// A ConfigMap or a Secret.
#[derive(Debug)]
pub struct Object<'a> {
    meta: &'a Meta,
    name: String,
    entries: Vec<Entry>,
    json_size: usize,
}

impl<'a> Object<'a> {
    /// The object that holds `part`.
    pub fn new(part: Part, meta: &'a Meta) -> Self {
        const DIGITS: usize = 10;
        let mut object = Object {
            meta,
            name: format!("{}-{}", meta.name, part.suffix),
            entries: part.entries,
            json_size: 0,
        };
        if meta.has_hash_suffix {
            // Of the content alone: the same stores have the same name, whoever gave them.
            let hash = Fingerprint::of(&Node::Map(object.values()).json()).to_string();
            object.name = format!("{}-{}", object.name, &hash[..DIGITS]);
        }
        object.json_size = object.node().json().len();
        object
    }

    /// How messages call it.
    pub fn title(&self) -> String {
        format!("{} {}", self.kind().name(), self.name)
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.meta.kind
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it holds.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Its length as the JSON that `kubectl apply` puts into an annotation.
    pub fn json_size(&self) -> usize {
        self.json_size
    }

    /// What its values are long together, as Kubernetes counts.
    pub fn data_size(&self) -> usize {
        self.entries.iter().map(|entry| entry.size).sum()
    }

    /// It as a YAML document.
    pub fn yaml(&self) -> String {
        self.node().yaml()
    }

    fn node(&self) -> Node<'_> {
        let mut pairs = vec![
            ("apiVersion", Node::text("v1")),
            ("kind", Node::text(self.kind().name())),
            ("metadata", self.metadata()),
        ];
        if self.kind() == Kind::Secret {
            pairs.push(("type", Node::text("Opaque")));
        }
        if self.meta.is_immutable {
            pairs.push(("immutable", Node::Bool(true)));
        }
        pairs.extend(self.values());
        Node::Map(pairs)
    }

    fn metadata(&self) -> Node<'_> {
        let mut pairs = vec![("name", Node::text(&*self.name))];
        if let Some(namespace) = &self.meta.namespace {
            pairs.push(("namespace", Node::text(namespace)));
        }
        let program = || Node::text(env!("CARGO_PKG_NAME"));
        let labels = vec![
            ("app.kubernetes.io/name", program()),
            (
                "app.kubernetes.io/instance",
                Node::text(label(&self.meta.name)),
            ),
            ("app.kubernetes.io/component", Node::text("trust-stores")),
            ("app.kubernetes.io/managed-by", program()),
        ];
        pairs.push(("labels", Node::Map(labels)));
        let annotations = &self.meta.annotations;
        if !annotations.is_empty() {
            let annotations = annotations
                .iter()
                .map(|(key, value)| (*key, Node::text(value)));
            pairs.push(("annotations", Node::Map(annotations.collect())));
        }
        Node::Map(pairs)
    }

    /// The fields with the values: texts, then base64.
    fn values(&self) -> Vec<(&'static str, Node<'_>)> {
        let fields = self.kind().fields().into_iter().zip([false, true]);
        fields
            .filter_map(|(field, is_base64)| {
                let entries = self.entries.iter();
                let values: Vec<_> = entries
                    .filter(|entry| entry.is_base64 == is_base64)
                    .map(|entry| (entry.key, Node::text(&*entry.text)))
                    .collect();
                (!values.is_empty()).then_some((field, Node::Map(values)))
            })
            .collect()
    }
}

/// `name` as a label's value, which may be no longer than 63 characters.
fn label(name: &str) -> &str {
    let cut = name.get(..63).unwrap_or(name);
    cut.trim_end_matches(['-', '.'])
}
