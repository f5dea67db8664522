"""The words of the digest mailer as values: what is said, and what became of it.

Everything here is frozen, keyword-only and free of I/O; stages meet in these types and not in each other.
`docs/language.md` defines each word. Times are timezone-aware; spans are character offsets.
"""

from digest.model.articles import Access as Access
from digest.model.articles import Article as Article
from digest.model.articles import Candidate as Candidate
from digest.model.articles import Cause as Cause
from digest.model.articles import Choice as Choice
from digest.model.articles import Document as Document
from digest.model.articles import DocumentKind as DocumentKind
from digest.model.articles import Dropped as Dropped
from digest.model.articles import DropReason as DropReason
from digest.model.articles import Hints as Hints
from digest.model.articles import Image as Image
from digest.model.articles import Reading as Reading
from digest.model.articles import Rung as Rung
from digest.model.articles import Source as Source
from digest.model.articles import SourceKind as SourceKind
from digest.model.articles import Span as Span
from digest.model.articles import Summary as Summary
from digest.model.delivery import NOT_SENT as NOT_SENT
from digest.model.delivery import Account as Account
from digest.model.delivery import BatchState as BatchState
from digest.model.delivery import DeliveryState as DeliveryState
from digest.model.delivery import Event as Event
from digest.model.delivery import EventKind as EventKind
from digest.model.delivery import Figures as Figures
from digest.model.delivery import Message as Message
from digest.model.delivery import Receipt as Receipt
from digest.model.delivery import Recipient as Recipient
from digest.model.issues import Edition as Edition
from digest.model.issues import Envelope as Envelope
from digest.model.issues import Finding as Finding
from digest.model.issues import Issue as Issue
from digest.model.issues import IssueState as IssueState
from digest.model.issues import Level as Level
from digest.model.issues import Mention as Mention
from digest.model.issues import Rendered as Rendered
from digest.model.issues import Section as Section
from digest.model.issues import Story as Story
from digest.model.newsletters import Appeal as Appeal
from digest.model.newsletters import Button as Button
from digest.model.newsletters import Heading as Heading
from digest.model.newsletters import Link as Link
from digest.model.newsletters import Newsletter as Newsletter
from digest.model.newsletters import Supporter as Supporter
