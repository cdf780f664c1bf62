"""What people of a community wrote, as HTML: Markdown for structure, and nothing in it that acts; or as Markdown."""

from functools import cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

# Structure and emphasis. No pictures: each would tell another host who reads it.
TAGS = {"p", "br", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h3", "h4", "h5", "h6", "hr",
        "del", "s", "table", "thead", "tbody", "tr", "th", "td"}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}

# Where a link may lead. Anything else (`javascript:`, `data:`, `vbscript:`) could run in the page that shows it.
SCHEMES = {"https", "http", "mailto"}

# With what is inside, for it is no text for people.
GONE = {"script", "style", "template", "svg", "math", "iframe", "object", "noscript", "textarea", "title", "xmp"}


def as_html(text: str | None) -> Markup:
    """`text` as HTML that may stand in a page. Headings begin at the third level, below those of the page."""
    made = _parser().render(text or "")
    for level in (4, 3, 2, 1):
        made = made.replace(f"<h{level}>", f"<h{level + 2}>").replace(f"</h{level}>", f"</h{level + 2}>")
    cleaned = nh3.clean(
        made, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, clean_content_tags=GONE,
        link_rel="noopener noreferrer nofollow", strip_comments=True,
    )  # fmt: skip
    return Markup(cleaned)


def escaped(text: str) -> str:
    """A text on one line in which Markdown sees no marks, and no HTML."""
    line = " ".join(text.split())
    marked = "".join(f"\\{sign}" if sign in "\\`*_[]<>#|~" else sign for sign in line).replace("&", "&amp;")
    # A number or a dash that begins a line would begin a list.
    return marked.replace("-", "\\-", 1) if marked.startswith(("- ", "+ ")) else marked


@cache
def _parser() -> MarkdownIt:
    # HTML in a text is let through to the cleaning, which knows better than a switch what of it may stay.
    return MarkdownIt("commonmark", {"html": True, "linkify": False, "breaks": False}).enable(
        ["table", "strikethrough"]
    )
