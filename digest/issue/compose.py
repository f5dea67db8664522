"""Composing: an issue's stories and its newsletter become editions, one for each audience. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from digest.model import Appeal, Button, Edition, Envelope, Issue, Newsletter, Section, Story, Supporter

#: What mail programs show beside the subject, roughly; the rest of a preheader is not seen.
PREHEADER = 120


def compose(issue: Issue, newsletter: Newsletter, stories: Sequence[Story]) -> list[Edition]:
    """The editions of an issue. The first story is the lead; the others go to their sections in order.

    Every supporter belongs to exactly one edition: those in `ask_for` are asked, the others are thanked.
    """
    subject = subject_of(issue, newsletter, stories)
    return [
        Edition(
            key=key,
            supporters=supporters,
            newsletter=newsletter.slug,
            newsletter_name=newsletter.name,
            tagline=newsletter.tagline,
            issue_number=issue.number,
            date=issue.date,
            language=newsletter.language,
            subject=subject,
            preheader=preheader_of(issue, stories, subject),
            note=" ".join(issue.note.split()),
            lead=stories[0] if stories else None,
            sections=_sections(newsletter, stories[1:]),
            appeal=_with_campaign(appeal, newsletter, issue),
            social=newsletter.social,
            website=newsletter.website,
            postal_address=newsletter.postal_address,
            why=newsletter.why,
            envelope=envelope_of(newsletter),
        )
        for key, supporters, appeal in _audiences(newsletter)
    ]


def envelope_of(newsletter: Newsletter) -> Envelope:
    return Envelope(
        sender_name=newsletter.sender_name,
        sender_address=newsletter.sender_address,
        reply_to=newsletter.reply_to,
        list_id=newsletter.list_id,
        track_clicks=newsletter.track_clicks,
        track_opens=newsletter.track_opens,
    )


def subject_of(issue: Issue, newsletter: Newsletter, stories: Sequence[Story]) -> str:
    """The editor's subject, else the newsletter's pattern filled in. One line."""
    if issue.subject:
        return " ".join(issue.subject.split())
    lead = stories[0].headline if stories else ""
    pattern = newsletter.subject
    day = _in_words(issue.date, newsletter.language) if "{date" in pattern else ""
    filled = pattern.format(lead=lead, name=newsletter.name, date=day, number=issue.number)
    return " ".join(filled.split())


def _in_words(day: date, language: str) -> str:
    """The day as the newsletter's language writes it: "November 22, 2026", "22. November 2026"."""
    from babel.dates import format_date

    return format_date(day, format="long", locale=language)


def preheader_of(issue: Issue, stories: Sequence[Story], subject: str) -> str:
    """The editor's preheader, else the headlines that the subject does not name, as many as are seen."""
    if issue.preheader:
        return " ".join(issue.preheader.split())
    text = ""
    for story in stories:
        if story.headline in subject:
            continue
        longer = f"{text} · {story.headline}" if text else story.headline
        if len(longer) > PREHEADER:
            break
        text = longer
    return text or (_shortened(stories[0].summary.text) if stories else "")


def _shortened(text: str) -> str:
    """As many whole words as are seen."""
    if len(text) <= PREHEADER:
        return text
    return text[:PREHEADER].rpartition(" ")[0] + " …"


def _audiences(newsletter: Newsletter) -> list[tuple[str, tuple[Supporter, ...], Appeal | None]]:
    everyone = tuple(Supporter)
    asked = tuple(supporter for supporter in everyone if supporter in newsletter.ask_for)
    others = tuple(supporter for supporter in everyone if supporter not in newsletter.ask_for)
    if newsletter.ask is None or not asked:
        return [("everyone", everyone, newsletter.thanks if newsletter.ask else None)]
    if not others:
        return [("everyone", everyone, newsletter.ask)]
    return [("ask", asked, newsletter.ask), ("thanks", others, newsletter.thanks)]


def _sections(newsletter: Newsletter, stories: Sequence[Story]) -> tuple[Section, ...]:
    """The newsletter's sections that have stories; a story whose section is gone goes to the first."""
    slugs = [heading.slug for heading in newsletter.sections]

    def place(story: Story) -> str:
        return story.section if story.section in slugs else slugs[0]

    sections = (
        Section(
            slug=heading.slug,
            title=heading.title,
            stories=tuple(story for story in stories if place(story) == heading.slug),
        )
        for heading in newsletter.sections
    )
    return tuple(section for section in sections if section.stories)


def _with_campaign(appeal: Appeal | None, newsletter: Newsletter, issue: Issue) -> Appeal | None:
    if appeal is None:
        return None
    campaign = {"utm_source": newsletter.slug, "utm_campaign": f"{newsletter.slug}-{issue.number}"}
    campaign |= newsletter.campaign

    def tagged(button: Button | None, which: str) -> Button | None:
        return button and replace(button, url=with_parameters(button.url, campaign | {"utm_content": which}))

    return replace(appeal, one_time=tagged(appeal.one_time, "one-time"), monthly=tagged(appeal.monthly, "monthly"))


def with_parameters(url: str, parameters: dict[str, str]) -> str:
    """`url` with these query parameters; those that it has already are kept, letter by letter."""
    parts = urlsplit(url)
    own = dict(parse_qsl(parts.query, keep_blank_values=True))
    new = urlencode({name: value for name, value in parameters.items() if name not in own})
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, new)))))
