//! A document as one HTML page: no script, nothing from elsewhere, readable in light and dark.

use std::fmt::Write as _;

use trust_stores::escape::escape;

use super::document::{Block, Document, Node};
use crate::report::style::Tone;

/// Also holds if something was not escaped: the page may load nothing and run nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

const STYLE: &str = "\
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { border-bottom: 1px solid #8888; margin-top: 2.5rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; overflow-wrap: anywhere }
th { white-space: nowrap; font-weight: 600; width: 1% }
.good { color: #0a6b2d } .bad { color: #b3261e } .doubt { color: #8a5a00 } .faint { opacity: .7 }
.answer { font-size: 1.1rem; font-weight: 600 }
pre { overflow-x: auto; padding: .8rem; background: #8882 }
ul.tree, ul.tree ul { list-style: none; padding-left: 1rem; margin: .4rem 0; border-left: 2px solid #8888 }
ul.tree small { display: block; overflow-wrap: anywhere; opacity: .8 }
@media (prefers-color-scheme: dark) {
  .good { color: #6fd08c } .bad { color: #ff8a80 } .doubt { color: #f0c060 }
}
";

pub(super) fn html(document: &Document) -> String {
    let title = text(&document.title);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    for section in &document.sections {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "<h2>{}</h2>", text(&section.title));
        for block in &section.blocks {
            push_block(&mut out, block);
        }
    }
    out.push_str("</body>\n</html>\n");
    out
}

/// Text that cannot be markup, whatever it holds.
fn text(text: &str) -> String {
    markup_free(&escape(text))
}

fn markup_free(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

fn push_block(out: &mut String, block: &Block) {
    let _ = match block {
        Block::Heading(heading) => writeln!(out, "<h3>{}</h3>", text(heading)),
        Block::Answer(tone, answer) => {
            let class = class(*tone);
            writeln!(out, "<p class=\"answer {class}\">{}</p>", text(answer))
        }
        Block::Lines(lines) => {
            let lines: Vec<String> = lines.iter().map(|line| text(line)).collect();
            writeln!(out, "<p>{}</p>", lines.join("<br>\n"))
        }
        Block::Facts(facts) => {
            out.push_str("<table>\n");
            for (name, value) in facts {
                let (name, value) = (text(name), text(value));
                let _ = writeln!(out, "<tr><th>{name}</th><td>{value}</td></tr>");
            }
            writeln!(out, "</table>")
        }
        Block::Tree(nodes) => {
            push_nodes(out, nodes, " class=\"tree\"");
            Ok(())
        }
        Block::Verbatim(lines) => writeln!(out, "<pre>{}</pre>", markup_free(lines)),
    };
}

fn push_nodes(out: &mut String, nodes: &[Node], class: &str) {
    if nodes.is_empty() {
        return;
    }
    let _ = writeln!(out, "<ul{class}>");
    for node in nodes {
        let _ = write!(out, "<li><strong>{}</strong>", text(&node.label));
        for detail in &node.details {
            let _ = write!(out, "\n<small>{}</small>", text(detail));
        }
        out.push('\n');
        push_nodes(out, &node.children, "");
        out.push_str("</li>\n");
    }
    out.push_str("</ul>\n");
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Doubt => "doubt",
        Tone::Bad => "bad",
        Tone::Faint => "faint",
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::Document;
    use super::{Block, html};

    #[test]
    fn markup_from_outside_is_inert_wherever_it_appears() {
        let hostile = "<script>alert('1')</script>\"&\x1b\n";
        let mut document = Document::of_one_text(hostile);
        let verbatim = Block::Verbatim(hostile.into());
        document.sections[0].blocks.push(verbatim);
        let page = html(&document);
        assert!(!page.contains("<script"), "{page}");
        // The title is there twice.
        assert_eq!(page.matches("&lt;script&gt;alert(&#39;1&#39;)").count(), 11);
        assert!(!page.contains("\"&"), "{page}");
        assert!(!page.contains("http://") && !page.contains("https://"));
    }
}
