"""What the newsroom of these tests publishes: five stories that no two readers would take for one, and a feed."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from tests.articles.sources.site import Site


@dataclass(frozen=True)
class Piece:
    """An article as the newsroom publishes it."""

    slug: str
    headline: str
    text: str
    image: bool = False

    @property
    def paragraphs(self) -> list[str]:
        return [" ".join(paragraph.split()) for paragraph in self.text.split("\n\n")]

    def html(self, site: Site) -> str:
        picture = f'<meta property="og:image" content="https://harbour.example/{self.slug}.jpg">' if self.image else ""
        body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in self.paragraphs)
        return (
            f'<!doctype html><html lang="en"><head><title>{escape(self.headline)}</title>{picture}'
            f'<link rel="canonical" href="{site.url("/" + self.slug)}">'
            '<meta property="og:site_name" content="The Harbour Post"></head>'
            f"<body><article><h1>{escape(self.headline)}</h1>{body}</article></body></html>"
        )


CHOIR = Piece(
    "choir",
    "Three hundred voices in a car park",
    """\
Every Wednesday at dusk the top deck of the multi-storey car park fills with singers instead of cars.
What began as six neighbours with a borrowed keyboard now draws three hundred people from four parishes.

Nobody auditions and nobody pays, says the conductor, who drives a bus during the day.
The acoustics under the concrete roof are better than in the concert hall, several of the basses insist.

In December the choir will sing for the night shift of the hospital across the road.
""",
)
OWLS = Piece(
    "owls",
    "Barn owls return to the lighthouse",
    """\
Two barn owls have nested in the disused lighthouse for the first time since it was automated in 1987.
A keeper's granddaughter noticed the pellets on the stairs and told the bird society in early spring.

Volunteers have closed the gallery to visitors until the four chicks can fly, probably by the end of August.
A camera beneath the lamp room shows the nest, and nine thousand people have watched it so far.

Farmers along the estuary report fewer voles in their barns already.
""",
    image=True,
)
BAKERY = Piece(
    "bakery",
    "The last bakery changes hands and keeps its oven",
    """\
The wood-fired oven on Mill Lane has not gone cold since 1931, and under its new owners it will not.
Two sisters who learned the trade there as apprentices bought the bakery from its retiring master in June.

They intend to open on Sundays and to bake the black rye loaf that older customers remember from school.
Flour will come from the water mill upstream, which a cooperative restored with a loan from its members.

The first loaves under the new sign sold out before eight in the morning.
""",
    image=True,
)
LEVY = Piece(
    "levy",
    "Visitors will pay a levy of two crowns a night",
    """\
From the first of April every visitor to the islands will pay two crowns a night towards paths and toilets.
The council passed the levy by eleven votes to nine after a debate that lasted until midnight.

Hoteliers had warned that coach parties would stay on the mainland and come over for the day only.
The treasurer expects four hundred thousand crowns a year, half of which is promised to the mountain rescue.

Campers and children under twelve are exempt, and so are crews who wait for the tide.
""",
)
SCHOOL = Piece(
    "school",
    "A school moves into a ship",
    """\
Pupils of the flooded secondary school will be taught aboard a retired ferry until their building is dry.
Twenty cabins have become classrooms and the car deck is a gymnasium with a low ceiling.

Lessons begin when the gangway is lowered at eight, and the bell is the ship's own.
The headteacher says that attendance has never been better, even among those who are seasick at the quay.

Engineers reckon that drying the old walls will take until the summer holidays.
""",
)

PIECES = (CHOIR, OWLS, BAKERY, LEVY, SCHOOL)


def feed(site: Site, *pieces: Piece) -> str:
    """An RSS feed of the pieces, each with its page; the feed's address."""
    items = "".join(
        f"<item><title>{escape(piece.headline)}</title><link>{site.url('/' + piece.slug)}</link></item>"
        for piece in pieces
    )
    for piece in pieces:
        site.has(f"/{piece.slug}", piece.html(site))
    return site.has(
        "/feed.xml",
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Wire</title>{items}</channel></rss>',
        "application/rss+xml",
    )
