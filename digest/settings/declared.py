"""The tables: every setting there is, with its type, default, sentence and check. Docs and reading follow from them."""

from __future__ import annotations

from typing import Any

from digest.model import SourceKind
from digest.settings.checks import (
    Check,
    at_least,
    cadence,
    day,
    day_caps,
    email_address,
    fine,
    list_id,
    networks,
    one_of,
    placeholders,
    some,
    supporters,
    texts,
    time_zone,
    topic_slug,
    web_address,
    word_range,
)
from digest.settings.table import REQUIRED, Setting


def _s(name: str, kind: type, default: Any, sentence: str, check: Check = fine) -> Setting:
    return Setting(name=name, type=kind, default=default, help=sentence, check=check)


SETTINGS: tuple[Setting, ...] = (
    _s("sender", str, "outbox", "Who carries the mail: `outbox` writes .eml files, `ses` is Amazon SES, `smtp` a "
       "mail server.", one_of("outbox", "ses", "smtp")),
    _s("public_url", str, "https://digest.example.org", "Where readers reach `digest serve`: leave, preferences and "
       "view-in-browser links start with it. Must be https for real sending (RFC 8058).", web_address),
    _s("database.url", str, "sqlite:///data/digest.db", "SQLAlchemy URL of the ledger: SQLite or PostgreSQL."),
    _s("paths.data", str, "data", "Folder for what the mailer makes itself: the generated key, previews."),
    _s("paths.outbox", str, "data/outbox", "Folder that the outbox sender writes .eml files to."),
    _s("paths.themes", str, "", "A folder with themes of your own, one folder each; empty for none."),
    _s("preview.images", dict, {}, "Address → folder: the preview shows images that start with the address from the "
       "folder, before they are published.", texts),
    _s("ses.region", str, "us-east-1", "AWS region of your SES account."),
    _s("ses.configuration_set", str, "", "SES configuration set, which publishes events; empty for none."),
    _s("ses.path", str, "mixed", "`mixed` sends up to 50 readers in one SendBulkEmail call, and single messages beside "
       "where SES allows too few such calls; `bulk` makes such calls only; `single` sends one reader in one SendEmail "
       "call.", one_of("mixed", "bulk", "single")),
    _s("ses.max_rate", float, 0.0, "Recipients per second at most; 0 for what the account allows.", at_least(0)),
    _s("ses.bulk_calls_per_second", float, 0.0, "SendBulkEmail calls per second at most; 0 to learn from SES whether "
       "there is a limit.", at_least(0)),
    _s("ses.warm_up", list, [], "Readers a day while account or domain are new, the first day's first, such as `[200, "
       "500, 1000, 5000]`; no cap after the last. Empty for none.", day_caps),
    _s("ses.warm_up_from", str, "", "First day of the warm-up, as 2026-11-29; days are UTC's.", day),
    _s("ses.price_per_thousand", float, 0.10, "Dollars for 1,000 recipients, for the forecast.", at_least(0)),
    _s("smtp.host", str, "localhost", "Mail server."),
    _s("smtp.port", int, 587, "Its port.", at_least(1)),
    _s("smtp.security", str, "starttls", "`starttls`, `tls` or `none`.", one_of("starttls", "tls", "none")),
    _s("smtp.username", str, "", "Empty for no login; the password comes from DIGEST_SMTP_PASSWORD or "
       "DIGEST_SMTP_PASSWORD_FILE."),
    _s("smtp.max_rate", float, 10.0, "Recipients per second at most.", at_least(0.01)),
    _s("fetch.timeout", float, 15.0, "Seconds that one document may take in all.", at_least(0.1)),
    _s("fetch.max_bytes", int, 5_000_000, "Bytes that one document may have, unpacked.", at_least(1000)),
    _s("fetch.max_list_bytes", int, 15_000_000, "… and a feed or a sitemap, which may list years.", at_least(1000)),
    _s("fetch.deadline", float, 300.0, "Seconds that gathering for a newsletter may take in all; what was not reached "
       "is read at the next one.", at_least(1)),
    _s("fetch.contact", str, "", "Who reads, for the owners of sites: an address of a page or of mail that we send "
       "with every request; empty for `public_url`."),
    _s("fetch.allow_hosts", list, [], "Hosts (`name` or `name:port`) that may be fetched although their address is "
       "private, such as an intranet CMS: by hand, and for sources declared on them; links from elsewhere do not lead "
       "there.", texts),
    _s("model.id", str, "", "A model of Amazon Bedrock that writes summaries where the publisher has no clean one, by "
       "its id or inference profile; empty for none."),
    _s("model.region", str, "", "AWS region in which it is asked; empty for that of SES."),
    _s("model.timeout", float, 20.0, "Seconds to wait for one answer.", at_least(1)),
    _s("model.max_tokens", int, 300, "Tokens that one answer may have.", at_least(50)),
    _s("model.tokens_per_issue", int, 300_000, "Tokens that asking may take for one issue, its thrown-away answers "
       "included; beyond it summaries are extracts. 0 for no cap.", at_least(0)),
    _s("model.dollars_per_issue", float, 0.0, "… and dollars, by the two prices below; 0 for no cap.", at_least(0)),
    _s("model.price_read", float, 0.0, "Dollars for 1,000 tokens that the model reads, as AWS lists them; 0 when you "
       "do not say: then tokens alone are counted.", at_least(0)),
    _s("model.price_written", float, 0.0, "Dollars for 1,000 tokens that it writes.", at_least(0)),
    _s("reread.seconds", float, 8.0, "Before an issue is sent the pages of its stories are read again: seconds for all "
       "of them; what does not answer in time stops nothing. 0 to send without a look.", at_least(0)),
    _s("reread.urgent_seconds", float, 2.0, "… and for an issue of breaking news.", at_least(0)),
    _s("reread.vanished", str, "stop", "What a page that is gone (404, 410) does since the issue was approved: `stop` "
       "sends nothing until somebody approves again, `warn` says so, `ignore` does not.",
       one_of("stop", "warn", "ignore")),
    _s("reread.headline", str, "warn", "… another headline on the page.", one_of("stop", "warn", "ignore")),
    _s("reread.correction", str, "stop", "… a correction by its publisher.", one_of("stop", "warn", "ignore")),
    _s("reread.paywall", str, "warn", "… that readers have to pay or to log in.", one_of("stop", "warn", "ignore")),
    _s("delivery.workers", int, 4, "Threads of one process that send at the same time.", at_least(1)),
    _s("delivery.lease", float, 60.0, "Seconds after which a silent worker's batch is taken over.", at_least(5)),
    _s("delivery.late", float, 6.0, "Hours after its time up to which a scheduled issue is still sent by itself.",
       at_least(0)),
    _s("engine.kind", str, "threads", "What starts work: `threads` in each `digest run`, or `procrastinate`, which "
       "wakes the workers of several machines on one PostgreSQL.", one_of("threads", "procrastinate")),
    _s("engine.drafts", int, 4, "Newsletters that one `digest run` gathers and drafts at the same time.", at_least(1)),
    _s("brakes.audience_jump", float, 1.5, "An audience that grew by this factor since approval stops the issue.",
       at_least(1)),
    _s("brakes.bounces", float, 0.04, "Share of the accepted messages that bounce at which an issue stops; 0 never.",
       at_least(0)),
    _s("brakes.complaints", float, 0.0008, "Share of them that are reported as spam at which it stops; 0 never.",
       at_least(0)),
    _s("brakes.not_sent", float, 0.02, "Share of an edition's messages that SES took and would not send (rendering "
       "failures, rejects) at which it stops; 0 never.", at_least(0)),
    _s("events.queue_url", str, "", "Amazon SQS queue that brings SES's events, which `digest run` reads; empty for "
       "none. `digest aws setup` makes it.", web_address),
    _s("events.topics", list, [], "ARNs of the SNS topics whose messages `digest serve` takes at /hooks/ses; empty "
       "for none.", texts),
    _s("events.soft_bounces", int, 5, "An address is not mailed again after so many passing bounces in a row; 0 never.",
       at_least(0)),
    _s("events.soft_days", float, 7.0, "… over at least so many days.", at_least(0)),
    _s("events.silence", str, "hold", "Uncertain readers whom SES, by its silence, never accepted: `hold` leaves them "
       "to a person (`digest deliveries settle` says so), `resend` mails them.", one_of("hold", "resend")),
    _s("events.scanners", list, [], "More networks of mail scanners, such as `192.0.2.0/24`: opens and clicks from "
       "there are machines'.", networks),
    _s("events.keep_days", int, 90, "Days after which each reader's events are deleted and only figures remain.",
       at_least(1)),
    _s("privacy.keep_days", int, 400, "Days for which is kept who was sent an issue and what they did with it; after "
       "that only figures remain. 0 for ever.", at_least(0)),
    _s("privacy.unconfirmed_days", int, 30, "Days after which somebody who signed up and never confirmed is erased; "
       "the link in the mail is good for 7. 0 for never.", at_least(0)),
    _s("web.host", str, "127.0.0.1", "Address that `digest serve` listens on."),
    _s("web.port", int, 8400, "Port that `digest serve` listens on.", at_least(0)),
    _s("web.proxies", int, 1, "Proxies of yours in front of `digest serve`, each of which adds an address to "
       "X-Forwarded-For: limits count by the reader's own. 0 when readers reach it directly: who writes that header "
       "then is a stranger.", at_least(0)),
    _s("web.per_network", int, 30, "Requests for a mail (joining, a fresh link) from one network in an hour.",
       at_least(1)),
    _s("web.per_address", int, 5, "Mails that such requests send to one address in a day, and as many that its "
       "reader asks for by a link that came by mail; more are dropped without a word.", at_least(1)),
    _s("web.per_hour", int, 2000, "Such requests from everywhere in an hour: what a botnet can make us send at "
       "most.", at_least(1)),
)  # fmt: skip

NEWSLETTER: tuple[Setting, ...] = (
    _s("name", str, REQUIRED, "Shown in the masthead."),
    _s("tagline", str, "", "A line below the name."),
    _s("sender_name", str, "", "Name in From; empty for the newsletter's name."),
    _s("sender_address", str, REQUIRED, "Address in From; its domain is verified in SES.", email_address),
    _s("reply_to", str, "", "Address that answers go to; empty for the sender's.", email_address),
    _s("list_id", str, "", "RFC 2919 List-Id; empty for `SLUG.` and the sender's domain.", list_id),
    _s("postal_address", str, REQUIRED, "Printed in every email, as the law asks."),
    _s("timezone", str, "UTC", "IANA zone of the cadence, `--at` and the printed date.", time_zone),
    _s("language", str, "en", "Language of the frame: en, fr, de, es, he or ar.",
       one_of("en", "fr", "de", "es", "he", "ar")),
    _s("theme", str, "classic", "The look: a folder below templates/email/themes or paths.themes.", some),
    _s("website", str, "", "The newsroom's site, linked from the masthead.", web_address),
    _s("why", str, "", "Why the reader gets this; empty for the theme's own sentence."),
    _s("reader", str, "reader", "What a reader without a name is called."),
    _s("cadence", str, "", "When issues are due, such as `weekdays 06:00` or `mon,thu 17:30 Europe/Paris`; empty for "
       "by hand.", cadence),
    _s("segment", str, "", "Readers that its issues are for: a name of `[segments]`, or a condition such as `clicked "
       "90d and not supporter:monthly`; empty for all."),
    _s("track_clicks", bool, False, "Have SES tell who followed which link, for reports and segments."),
    _s("track_opens", bool, False, "Have SES tell who opened an issue, as far as that can be known."),
    _s("urgent", bool, False, "Breaking news: its issues go before those of the others, whatever is on its way."),
    _s("draft_ahead", float, 12.0, "Hours before its time at which `digest run` drafts an issue.", at_least(0)),
    _s("join", bool, True, "Whether anybody may sign up on the public pages (the address is confirmed by mail)."),
    _s("welcome", str, "", "What a new reader is told in the welcome mail, in your words; empty for ours alone."),
    _s("goodbye", bool, True, "Whether who left on our pages gets a last mail with a way back; never after the "
       "one-click button of a mail program."),
    _s("archive", bool, False, "Whether past issues stand on public pages, with an RSS feed."),
    _s("topics", list, [], "`{ slug, title }`: what readers may choose within the newsletter."),
    _s("subject", str, "{lead}", "Subject of a new issue; {lead}, {name}, {date} and {number} are filled.",
       placeholders),
    _s("stories", int, 10, "Stories in an issue, the lead included.", at_least(1)),
    _s("least_new", int, 0, "New stories that make an issue: when fewer are, there is none, and `digest run` skips "
       "that time. 0 for whatever there is, older ones too.", at_least(0)),
    _s("per_source", int, 5, "Stories from one source at most.", at_least(1)),
    _s("window_hours", float, 24.0, "Hours that an article counts as new.", at_least(1)),
    _s("summary_words", list, [20, 60], "Words of an extracted summary, least and most.", word_range),
    _s("ask_for", list, ["none", "one-time", "lapsed", "unknown"], "Supporters who get the appeal; the others get "
       "`thanks`.", supporters),
    _s("sections", list, [], "`{ slug, title, stories, least }`, in the order they are printed."),
    _s("sources", list, [], "`{ name, kind, location, section, weight, limit, robots }`."),
    _s("social", list, [], "`{ label, url }`."),
    _s("appeal", dict, {}, "The ask: headline, text, one_time_label, one_time_url, monthly_label, monthly_url."),
    _s("thanks", dict, {}, "What supporters outside `ask_for` read instead: headline, text."),
    _s("campaign", dict, {"utm_medium": "email"}, "Parameters on the appeal's links; utm_campaign is the issue.",
       texts),
)  # fmt: skip

TOPIC: tuple[Setting, ...] = (
    _s("slug", str, REQUIRED, "Short name in lower case that is kept with the reader.", topic_slug),
    _s("title", str, REQUIRED, "What readers see."),
)

SEGMENT: tuple[Setting, ...] = (
    _s("where", str, REQUIRED, "Which readers, such as `clicked 90d and (topic:sport or tag:member)`; running.md has "
       "all that can be said."),
)  # fmt: skip

SECTION: tuple[Setting, ...] = (
    _s("slug", str, REQUIRED, "Short name that sources and stories use."),
    _s("title", str, REQUIRED, "Heading above its stories."),
    _s(
        "stories", int, 0, "Stories that a draft puts there at most; 0 for no limit. Editors may add more.", at_least(0)
    ),
    _s(
        "least",
        int,
        0,
        "Stories that a draft puts there at least, where so many are new: places that others do not take.",
        at_least(0),
    ),
)

SOURCE: tuple[Setting, ...] = (
    _s("name", str, REQUIRED, "Shown to editors; unique in the newsletter."),
    _s("kind", str, REQUIRED, "`feed`, `page`, `wordpress`, `sitemap` or `folder`.", one_of(*SourceKind)),
    _s("location", str, REQUIRED, "Address, or a path relative to the settings file."),
    _s("section", str, "", "Slug of the section its articles go to; empty for the first."),
    _s("weight", float, 1.0, "Higher is chosen sooner.", at_least(0)),
    _s("limit", int, 20, "Articles read at one gathering at most.", at_least(1)),
    _s("robots", bool, True, "Whether the site's robots.txt is obeyed; `false` only where its owner agreed."),
)

LINK: tuple[Setting, ...] = (
    _s("label", str, REQUIRED, "Words of the link."),
    _s("url", str, REQUIRED, "Where it goes.", web_address),
)

APPEAL: tuple[Setting, ...] = (
    _s("headline", str, REQUIRED, "The ask in a few words."),
    _s("text", str, REQUIRED, "Why it matters."),
    _s("one_time_label", str, "", "Words on the one-time button; empty for the theme's own."),
    _s("one_time_url", str, "", "Where a one-time gift is made; empty for no button.", web_address),
    _s("monthly_label", str, "", "Words on the monthly button; empty for the theme's own."),
    _s("monthly_url", str, "", "Where a monthly gift is made; empty for no button.", web_address),
)
