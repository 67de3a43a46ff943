//! Certificates damaged at random, most of them so that their lengths still fit.

/// A small generator (xorshift64*), so that a seed gives the same certificates everywhere.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap() % limit
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }
}

/// `count` damaged versions of `certificates`.
pub(crate) fn damaged(
    seed: u64,
    certificates: &[Vec<u8>],
    count: usize,
) -> impl Iterator<Item = Vec<u8>> {
    let mut chance = Chance(seed);
    (0..count).map(move |_| {
        let mut der = certificates[chance.below(certificates.len())].clone();
        if chance.below(4) == 0 {
            let at = chance.below(der.len());
            der[at] ^= 1 << chance.below(8);
            return der;
        }
        let Some(mut whole) = Node::whole(&der) else {
            return der;
        };
        for _ in 0..=chance.below(2) {
            let index = chance.below(whole.size());
            whole.nth(index).damage(&mut chance);
        }
        let mut out = Vec::new();
        whole.write(&mut out);
        out
    })
}

/// An element and what it is made of.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) tag: u8,
    pub(crate) content: Vec<u8>,
    /// None if the content is not made of elements.
    pub(crate) children: Vec<Node>,
    /// How many zeros the length starts with.
    padding: Option<usize>,
}

impl Node {
    /// The element that `der` is, if nothing follows it.
    pub(crate) fn whole(der: &[u8]) -> Option<Node> {
        let (node, rest) = Node::first(der)?;
        rest.is_empty().then_some(node)
    }

    /// Whether everything in it that should be made of elements is, each with a tag number below 31.
    pub(crate) fn is_whole(&self) -> bool {
        let should_be_made = self.tag & 0x20 != 0 && !self.content.is_empty();
        !(should_be_made && self.children.is_empty()) && self.children.iter().all(Node::is_whole)
    }

    /// Its tag and those of all the elements in it.
    pub(crate) fn tags(&self) -> Box<dyn Iterator<Item = u8> + '_> {
        let below = self.children.iter().flat_map(Node::tags);
        Box::new(std::iter::once(self.tag).chain(below))
    }

    fn first(der: &[u8]) -> Option<(Node, &[u8])> {
        let (&tag, rest) = der.split_first().filter(|(tag, _)| *tag & 0x1f != 0x1f)?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (
                digits
                    .iter()
                    .fold(0, |length, digit| length << 8 | usize::from(*digit)),
                rest,
            )
        };
        let (content, rest) = rest.split_at_checked(length)?;
        // Into octet strings too: extensions are there.
        let children = if tag & 0x20 != 0 || tag == 4 {
            Node::all(content)
        } else {
            Vec::new()
        };
        let node = Node {
            tag,
            content: content.to_vec(),
            children,
            padding: None,
        };
        Some((node, rest))
    }

    /// The elements of `content`; none if it is not made of them.
    fn all(mut content: &[u8]) -> Vec<Node> {
        let mut nodes = Vec::new();
        while let Some((node, rest)) = Node::first(content) {
            nodes.push(node);
            content = rest;
        }
        if content.is_empty() {
            nodes
        } else {
            Vec::new()
        }
    }

    fn size(&self) -> usize {
        1 + self.children.iter().map(Node::size).sum::<usize>()
    }

    fn nth(&mut self, mut index: usize) -> &mut Node {
        if index == 0 {
            return self;
        }
        index -= 1;
        let child = self.children.iter().position(|child| {
            let is_in = index < child.size();
            if !is_in {
                index -= child.size();
            }
            is_in
        });
        self.children[child.unwrap()].nth(index)
    }

    fn damage(&mut self, chance: &mut Chance) {
        let at = chance.below(self.children.len().max(1));
        match chance.below(10) {
            0 => self.tag = chance.byte(),
            1 => self.tag ^= 1 << chance.below(8),
            2 => self.padding = Some(chance.below(6)),
            3 if !self.children.is_empty() => drop(self.children.remove(at)),
            4 if !self.children.is_empty() => {
                let child = self.children[at].clone();
                self.children.insert(at, child);
            }
            5 if !self.children.is_empty() => self.children.swap(0, at),
            6 => {
                let junk = Node {
                    tag: chance.byte(),
                    content: Vec::new(),
                    children: Vec::new(),
                    padding: None,
                };
                self.children.push(junk);
            }
            _ if !self.children.is_empty() => self.children[at].damage(chance),
            7 => self
                .content
                .truncate(chance.below(self.content.len().max(1))),
            8 => self
                .content
                .insert(chance.below(self.content.len() + 1), chance.byte()),
            _ if self.content.is_empty() => self.content.push(chance.byte()),
            _ => {
                let at = chance.below(self.content.len());
                self.content[at] = chance.byte();
            }
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let mut content = Vec::new();
        for child in &self.children {
            child.write(&mut content);
        }
        if self.children.is_empty() {
            content.clone_from(&self.content);
        }
        let digits = content.len().to_be_bytes();
        let significant = digits
            .iter()
            .position(|digit| *digit != 0)
            .unwrap_or(digits.len() - 1);
        let digits = &digits[significant..];
        out.push(self.tag);
        match self.padding {
            None if content.len() < 0x80 => out.extend_from_slice(digits),
            padding => {
                let zeros = vec![0; padding.unwrap_or_default()];
                out.push(0x80 | u8::try_from(zeros.len() + digits.len()).unwrap());
                out.extend(zeros);
                out.extend_from_slice(digits);
            }
        }
        out.extend(content);
    }
}
