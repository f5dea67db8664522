"""Which of the pictures that a page states is the article's, and what it shows.

Sites state their logo where they have no picture, and thumbnails; a picture that stands for every article stands for
none. What a picture shows is said beside its address, or where the page itself prints it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from digest.articles.blocks import tidy, word_set
from digest.articles.extraction.facts import absolute, plain
from digest.articles.extraction.headlines import Site, squashed
from digest.model import Image

#: A picture narrower or lower than this is a thumbnail or an icon.
_LEAST = 120
#: Characters of a file's name that no other picture of the page will have.
_TELLING = 12
_STANDS_IN = word_set("logo logos favicon placeholder default fallback avatar gravatar blank spacer noimage")
#: What a site's own pictures are called besides.
_ALONG = _STANDS_IN | word_set(
    """
    og share sharing social facebook fb twitter card image img site icon header main small large big square white black
    dark light rgb web amp news thumb thumbnail no x px new the of for wide
    """
)
_EMPTY_ALT = re.compile(
    r"^\W*(?:(?:image|img|photo|picture|foto|bild|logo|featured image|hero|untitled|null|none|alt)\W*\d*)?\W*$"
    r"|^\S+\.(?:jpe?g|png|gif|webp|avif|svg)$|^\S*\d\S*$",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^(?:image|media|photo|picture) (?:caption|credit|source)\W{0,3}", re.IGNORECASE)
_RESIZED = re.compile(r"[-_@]\d{2,4}x\d{2,4}(?=\.\w+$)|[-_@]\d(?:\.\d)?x(?=\.\w+$)|-scaled(?=\.\w+$)")


def first_picture(images: Iterable[Image], site: Site) -> Image | None:
    """The first that is the article's own."""
    return next((image for image in images if not is_stand_in(image.url, site)), None)


def is_stand_in(url: str, site: Site) -> bool:
    """Is the file named as the site's own logo or placeholder is, and after nothing else?"""
    name = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2].rpartition(".")[0] or url
    if name.lower().endswith(".svg") or urlsplit(url).path.lower().endswith((".svg", ".ico")):
        return True  # no mail program shows these
    words = [word for word in re.split(r"[\W_]+|(?<=[a-z])(?=[A-Z])|\d+", name) if word]
    told = {word.lower() for word in words}
    if not told & _STANDS_IN:
        return False
    named = "".join(sorted(site.names)) + squashed(site.publisher)
    return all(word in _ALONG or (len(word) > 1 and word in named) for word in told)


def stated_in_json_ld(value: Any, location: str) -> Iterator[Image]:
    for entry in value if isinstance(value, list) else [value]:
        address = entry.get("url") or entry.get("contentUrl") or entry.get("@id") if isinstance(entry, dict) else entry
        address = address[0] if isinstance(address, list) and address else address
        if isinstance(address, str) and (url := absolute(address, location)) and not _is_small(entry):
            said = entry.get("caption") or entry.get("description") if isinstance(entry, dict) else ""
            yield Image(url=url, alt=alt(said if isinstance(said, str) else ""))


def _is_small(entry: Any) -> bool:
    return isinstance(entry, dict) and any(is_thumbnail(entry.get(side)) for side in ("width", "height"))


def is_thumbnail(size: Any) -> bool:
    found = re.match(r"\d{1,5}", str(size).strip()) if isinstance(size, (str, int)) else None
    return found is not None and 0 < int(found.group()) < _LEAST


def alt(text: str) -> str:
    """A description; empty where it only says that it is a picture, or names its file."""
    said = _LABEL.sub("", plain(text))
    return "" if _EMPTY_ALT.search(said) else said


def described(image: Image, root: Any, location: str) -> Image:
    """With the words that the page itself prints with it, where it states none."""
    if image.alt:
        return image
    wanted = _same_file(image.url)
    for element in root.iter("img"):
        addresses = (element.get(name) or "" for name in ("src", "data-src", "data-lazy-src", "data-original"))
        if any(address and _same_file(absolute(address, location)) == wanted for address in addresses):
            said = alt(element.get("alt") or "") or _caption(element)
            if said:
                return Image(url=image.url, alt=said)
    return image


def _same_file(url: str) -> str:
    """The same for the sizes of one picture, and for the services that shrink it."""
    path = _RESIZED.sub("", unquote(urlsplit(url).path).lower()) if url else ""
    name = path.rpartition("/")[2]
    return name if len(name) >= _TELLING else path


def _caption(element: Any) -> str:
    figure = next(element.iterancestors("figure"), None)
    caption = figure.find(".//figcaption") if figure is not None else None
    return alt(tidy(caption.text_content())) if caption is not None else ""
