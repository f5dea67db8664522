"""Rules on stories: headlines, summaries, credits, images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from digest.model import Finding
from digest.render.reading import one_spaced
from digest.render.rules.mail import Mail, host_of

HEADLINE_CHARACTERS = 120
#: Beyond these numbers of words a summary is no summary.
SHORT, LONG = 8, 80


def there_are_stories(mail: Mail) -> Iterator[Finding]:
    if not mail.edition.stories:
        yield mail.error("no-stories", "There is no story in this edition.")


def headlines_can_be_taken_in(mail: Mail) -> Iterator[Finding]:
    for story in mail.edition.stories:
        if not story.headline.strip():
            yield mail.error("headline-missing", f"A story has no headline: {story.url or story.summary.text[:60]}")
        elif len(story.headline) > HEADLINE_CHARACTERS:
            said = f"The headline has {len(story.headline)} characters; shorten it to {HEADLINE_CHARACTERS}."
            yield mail.warning("headline-long", said, where=story.headline)


def every_story_has_a_summary(mail: Mail) -> Iterator[Finding]:
    for story in mail.edition.stories:
        if not story.summary.text.strip():
            yield mail.error("summary-missing", "The story has no summary; write one.", where=story.headline)


def summaries_have_a_good_length(mail: Mail) -> Iterator[Finding]:
    for story in mail.edition.stories:
        words = len(story.summary.text.split())
        if words > LONG:
            yield mail.warning("summary-long", f"The summary has {words} words; cut it.", where=story.headline)
        elif 0 < words < SHORT:
            yield mail.hint("summary-short", f"The summary has only {words} words.", where=story.headline)


def summaries_say_more_than_headlines(mail: Mail) -> Iterator[Finding]:
    for story in mail.edition.stories:
        if story.headline.strip() and _bare(story.summary.text) == _bare(story.headline):
            yield mail.warning("summary-repeats", "The summary only repeats the headline.", where=story.headline)


def credits_are_shown(mail: Mail) -> Iterator[Finding]:
    for story in mail.shown.stories:
        # A credit that is only the publisher's name is shown within a sentence: it must be there all the same.
        credit = one_spaced(story.credit)
        for part, seen in (("html", mail.page.words), ("text", mail.text)):
            if credit not in seen:
                said = f"The {part} part does not say who first published the story: {story.credit}"
                yield mail.error("credit-missing", said, where=story.headline)


def corrections_are_shown(mail: Mail) -> Iterator[Finding]:
    for story in mail.shown.stories:
        correction = one_spaced(story.correction)
        for part, seen in (("html", mail.page.words), ("text", mail.text)):
            if correction not in seen:
                said = f"The {part} part does not show the publisher's correction: {story.correction[:200]}"
                yield mail.error("correction-missing", said, where=story.headline)


def images_are_described(mail: Mail) -> Iterator[Finding]:
    for story in mail.edition.stories:
        if story.image and not story.image.alt.strip():
            said = "The image has no description for readers who do not see it."
            yield mail.warning("image-undescribed", said, where=story.headline)


def images_come_by_https(mail: Mail) -> Iterator[Finding]:
    for headline, url in mail.images():
        if not url.strip().casefold().startswith("https://"):
            said = f"The image does not come by https, so many mail programs will not show it: {url[:200]}"
            yield mail.warning("image-not-https", said, where=headline)


def images_come_from_the_storys_own_house(mail: Mail) -> Iterator[Finding]:
    """Whoever serves an image learns who opened the mail and when: that should be the newsroom or the publisher."""
    for story in mail.edition.stories:
        if story.image is None:
            continue
        host = host_of(story.image.url)
        if host and not any(_same_house(host, host_of(own)) for own in (mail.edition.website, story.url)):
            said = f"The image comes from {host}, which is neither the publisher's nor ours and would learn who reads."
            yield mail.hint("image-from-stranger", said, where=story.headline)


def _same_house(one: str, other: str) -> bool:
    """Two hosts of one site: images.paper.example and www.paper.example, also below co.uk and its like."""
    names, others = one.split("."), other.split(".")
    depth = 3 if len(names) > 2 and len(names[-1]) == 2 and len(names[-2]) <= 3 else 2
    return bool(other) and names[-depth:] == others[-depth:]


def no_story_comes_twice(mail: Mail) -> Iterator[Finding]:
    times = Counter(story.url for story in mail.edition.stories if story.url)
    for url, count in times.items():
        if count > 1:
            yield mail.warning("story-twice", f"{count} stories lead to the same page: {url}")


def stories_are_in_the_newsletters_language(mail: Mail) -> Iterator[Finding]:
    for story in mail.edition.stories:
        if story.language and story.language != mail.edition.language:
            said = f"The story is in another language ({story.language}) than the newsletter ({mail.edition.language})."
            yield mail.hint("language-differs", said, where=story.headline)


def _bare(text: str) -> str:
    """`text` without case, spaces at its ends and the full stop."""
    return one_spaced(text).casefold().rstrip(".!?…")
