"""The check: a newsroom's copy desk for what was rendered. Findings, never changes; pure, so it may run anywhere.

A rule is a small function that takes a `Mail` and yields findings. To add one, write it in `digest.render.rules` beside
its like and name it in `RULES`. An error keeps the issue from being approved, so it is kept for what no reader may get;
a warning wants a look; a hint is for those who like to be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from digest.model import Edition, Finding, Level, Rendered
from digest.render.rules import heads, links, model, notes, parts, stories
from digest.render.rules.mail import Mail, mail_of

Rule = Callable[[Mail], Iterator[Finding]]

#: Every rule, in the order in which an editor reads the mail.
RULES: tuple[Rule, ...] = (
    heads.subject_says_something,
    heads.subject_fits_the_list_of_mails,
    heads.subject_does_not_shout,
    heads.subject_is_one_line,
    heads.preheader_adds_something,
    notes.note_is_shown,
    notes.note_is_short,
    notes.note_is_plain_text,
    stories.there_are_stories,
    stories.headlines_can_be_taken_in,
    stories.every_story_has_a_summary,
    stories.summaries_have_a_good_length,
    stories.summaries_say_more_than_headlines,
    stories.credits_are_shown,
    stories.corrections_are_shown,
    stories.images_are_described,
    stories.images_come_by_https,
    stories.images_come_from_the_storys_own_house,
    stories.no_story_comes_twice,
    stories.stories_are_in_the_newsletters_language,
    model.model_is_named,
    links.every_story_leads_somewhere,
    links.links_are_web_links,
    links.links_can_be_opened_by_readers,
    links.links_are_not_placeholders,
    links.links_are_encrypted,
    links.nothing_loads_from_strangers,
    links.nothing_leads_to_strangers,
    parts.appeal_can_be_followed,
    parts.postal_address_is_there,
    parts.readers_can_leave,
    parts.nothing_is_left_to_fill_in,
    parts.text_part_is_whole,
    parts.html_is_not_clipped,
)


def check(rendered: Rendered, edition: Edition) -> list[Finding]:
    """What an editor should know about `edition` as it was rendered, the gravest first."""
    mail = mail_of(rendered, edition)
    found = [finding for rule in RULES for finding in rule(mail)]
    gravity = list(Level)
    return sorted(found, key=lambda finding: gravity.index(finding.level))
