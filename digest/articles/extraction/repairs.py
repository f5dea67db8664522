"""What is put right in a page's tree before anyone looks for the article in it."""

from __future__ import annotations

from typing import Any

from digest.articles.blocks import word_set

#: Elements in which paragraphs may stand that nothing but empty lines part.
_CONTAINERS = ("div", "td", "article", "section", "main", "p")
#: What a paragraph may hold; anything else ends it.
_INLINE = word_set(
    """
    a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark q s samp small span strong sub sup time
    tt u var wbr
    """
)
#: Below so many words a run between two breaks is an address or a poem's line, and stays as it is.
_LEAST_WORDS = 20


def repair(root: Any) -> None:
    _remove_popups(root)
    for container in list(root.iter(*_CONTAINERS)):
        if _is_broken_by_breaks(container):
            _wrap_runs(container)


def _remove_popups(root: Any) -> None:
    """Cards that open over a name in the text: inside a paragraph, three links and nearly nothing else."""
    for card in list(root.iterfind(".//p//span")):
        links = list(card.iter("a"))
        if len(links) >= 3 and not any(len(list(inner.iter("a"))) >= 3 for inner in card.iterfind(".//span")):
            text = len(card.text_content().split())
            if text >= 12 and sum(len(link.text_content().split()) for link in links) >= 0.7 * text:
                card.drop_tree()


# --- Paragraphs that are only parted by empty lines --------------------------------------------------------


def _is_broken_by_breaks(container: Any) -> bool:
    """Does it part its own text by two breaks in a row? trafilatura loses the first of such paragraphs."""
    words, doubled, before = len((container.text or "").split()), False, None
    for child in container:
        doubled = doubled or (child.tag == "br" and before is not None)
        before = child if child.tag == "br" and not (child.tail or "").strip() else None
        words += len((child.tail or "").split())
    return doubled and (words >= _LEAST_WORDS or container.tag == "p")


def _wrap_runs(container: Any) -> None:
    """A `<p>` around each run of text between two breaks in a row, or between other blocks."""
    if container.tag == "p":
        container.tag = "div"
    children = list(container)
    text, container.text = container.text, None
    run = _Run(container, text)
    for child in children:
        container.remove(child)
        tail, child.tail = child.tail, None
        if child.tag == "br" and run.breaks:
            run = run.closed(tail)
        elif child.tag in _INLINE or child.tag == "br":
            run.take(child, tail)
        else:
            run.close()
            container.append(child)
            run = _Run(container, tail)
    run.close()


class _Run:
    """The words and inline elements of one paragraph to be."""

    def __init__(self, container: Any, text: str | None) -> None:
        self._container = container
        self._paragraph = container.makeelement("p")
        self._paragraph.text = text
        #: The last that came was a break, and nothing behind it.
        self.breaks = False

    def take(self, child: Any, tail: str | None) -> None:
        child.tail = tail
        self._paragraph.append(child)
        self.breaks = child.tag == "br" and not (tail or "").strip()

    def close(self) -> None:
        if self._paragraph.text_content().strip():
            self._container.append(self._paragraph)

    def closed(self, text: str | None) -> _Run:
        self.close()
        return _Run(self._container, text)
