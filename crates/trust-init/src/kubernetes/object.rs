//! One ConfigMap or Secret: its name, its size, its YAML.

use super::contents::{Encoding, Entry, ObjectContent};
use super::yaml::Node;
use trust_stores::Fingerprint;

/// The largest JSON of an object that `kubectl apply` and Argo CD can keep in an annotation. Kubernetes
/// accepts 262,144 bytes of annotations, and others need some of that.
pub const MAX_CLIENT_SIDE_JSON: usize = 250_000;

/// The largest size of all values of an object together. Kubernetes counts decoded bytes, and refuses
/// more than 1 MiB.
pub const MAX_DATA: usize = 1_048_500;

/// The kind of object that holds the stores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "lower")]
pub enum Kind {
    /// Certificates are public, so this is usually right.
    #[default]
    #[value(aliases = ["cm", "config-map", "configmaps"])]
    ConfigMap,
    /// For clusters that grant access by kind.
    #[value(alias = "secrets")]
    Secret,
}

impl Kind {
    /// The kind as Kubernetes spells it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::ConfigMap => "ConfigMap",
            Kind::Secret => "Secret",
        }
    }

    /// The field for values in this encoding. A Secret's text is not in base64, so that people can read
    /// it; in base64, a bundle would be a third longer and not fit.
    fn field(self, encoding: Encoding) -> &'static str {
        match (self, encoding) {
            (Kind::ConfigMap, Encoding::Base64) => "binaryData",
            (Kind::Secret, Encoding::Text) => "stringData",
            (Kind::ConfigMap, Encoding::Text) | (Kind::Secret, Encoding::Base64) => "data",
        }
    }
}

/// What the objects of one run have in common.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// Their kind.
    pub kind: Kind,
    /// The start of their names.
    pub name: String,
    /// Their namespace, if the user gave one.
    pub namespace: Option<String>,
    /// Whether Kubernetes refuses to change their content later.
    pub is_immutable: bool,
    /// Whether their names end with a hash of their content.
    pub has_hash_suffix: bool,
    /// Annotations: the hashes of the input.
    pub annotations: Vec<(&'static str, String)>,
}

/// A ConfigMap or a Secret.
#[derive(Debug)]
pub struct Object<'a> {
    metadata: &'a Metadata,
    name: String,
    entries: Vec<Entry>,
    json_size: usize,
}

impl<'a> Object<'a> {
    /// An object with this content.
    pub fn new(content: ObjectContent, metadata: &'a Metadata) -> Self {
        const HASH_DIGITS: usize = 10;
        let mut object = Object {
            metadata,
            name: format!("{}-{}", metadata.name, content.role.suffix()),
            entries: content.entries,
            json_size: 0,
        };
        if metadata.has_hash_suffix {
            // A hash of the content alone: the same stores have the same name, whatever their origin.
            let hash = Fingerprint::of(&Node::Map(object.values()).json()).to_string();
            object.name = format!("{}-{}", object.name, &hash[..HASH_DIGITS]);
        }
        object.json_size = object.node().json_size();
        object
    }

    /// Its kind and name, for messages.
    pub fn title(&self) -> String {
        format!("{} {}", self.kind().name(), self.name)
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.metadata.kind
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its keys and values.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Its size as the JSON that `kubectl apply` puts into an annotation.
    pub fn json_size(&self) -> usize {
        self.json_size
    }

    /// The size of all values together, as Kubernetes counts it.
    pub fn data_size(&self) -> usize {
        self.entries.iter().map(|entry| entry.size).sum()
    }

    /// Appends the object as a YAML document.
    pub fn write_yaml(&self, out: &mut String) {
        self.node().write_yaml(out);
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
        if self.metadata.is_immutable {
            pairs.push(("immutable", Node::Bool(true)));
        }
        pairs.extend(self.values());
        Node::Map(pairs)
    }

    fn metadata(&self) -> Node<'_> {
        let mut pairs = vec![("name", Node::text(&*self.name))];
        if let Some(namespace) = &self.metadata.namespace {
            pairs.push(("namespace", Node::text(namespace)));
        }
        let program = || Node::text(env!("CARGO_PKG_NAME"));
        let labels = vec![
            ("app.kubernetes.io/name", program()),
            (
                "app.kubernetes.io/instance",
                Node::text(label(&self.metadata.name)),
            ),
            ("app.kubernetes.io/component", Node::text("trust-stores")),
            ("app.kubernetes.io/managed-by", program()),
        ];
        pairs.push(("labels", Node::Map(labels)));
        let annotations = &self.metadata.annotations;
        if !annotations.is_empty() {
            let annotations = annotations
                .iter()
                .map(|(key, value)| (*key, Node::text(value)));
            pairs.push(("annotations", Node::Map(annotations.collect())));
        }
        Node::Map(pairs)
    }

    /// The fields with the values: text, then base64.
    fn values(&self) -> Vec<(&'static str, Node<'_>)> {
        let encodings = [Encoding::Text, Encoding::Base64].into_iter();
        encodings
            .filter_map(|encoding| {
                let entries = self.entries.iter();
                let values: Vec<_> = entries
                    .filter(|entry| entry.encoding == encoding)
                    .map(|entry| (entry.key, Node::text(&*entry.text)))
                    .collect();
                (!values.is_empty()).then_some((self.kind().field(encoding), Node::Map(values)))
            })
            .collect()
    }
}

/// `name` as the value of a label, which may have up to 63 characters.
fn label(name: &str) -> &str {
    let cut = name.get(..63).unwrap_or(name);
    cut.trim_end_matches(['-', '.'])
}
