"""Who may be mailed and why: the list, consent, suppression, links, import, export, forgetting.

Every function takes an open SQLAlchemy connection and leaves committing to the caller, so that a bounce updates a
delivery and suppresses an address in one commit. Nothing here sends, knows the web, or reads the clock by itself.
"""

from subscribers.addresses import Address as Address
from subscribers.addresses import parse_address as parse_address
from subscribers.book import counts as counts
from subscribers.book import find as find
from subscribers.book import get as get
from subscribers.book import page as page
from subscribers.choices import Preferences as Preferences
from subscribers.choices import preferences as preferences
from subscribers.choices import set_preferences as set_preferences
from subscribers.consent import history as history
from subscribers.errors import AddressSuppressed as AddressSuppressed
from subscribers.errors import BadAddress as BadAddress
from subscribers.errors import BadToken as BadToken
from subscribers.errors import FileMistake as FileMistake
from subscribers.errors import HasLeft as HasLeft
from subscribers.errors import Refused as Refused
from subscribers.errors import SubscribersError as SubscribersError
from subscribers.errors import TooManyRejected as TooManyRejected
from subscribers.errors import UnknownSubscriber as UnknownSubscriber
from subscribers.errors import WeakKey as WeakKey
from subscribers.exporting import EXPORT_COLUMNS as EXPORT_COLUMNS
from subscribers.exporting import csv_text as csv_text
from subscribers.exporting import export as export
from subscribers.exporting import export_person as export_person
from subscribers.exporting import guarded as guarded
from subscribers.forgetting import forget as forget
from subscribers.importing import import_csv as import_csv
from subscribers.joining import add as add
from subscribers.joining import confirm as confirm
from subscribers.joining import leave as leave
from subscribers.joining import rejoin as rejoin
from subscribers.joining import standing as standing
from subscribers.mailable import NEVER_JOINED as NEVER_JOINED
from subscribers.mailable import audience as audience
from subscribers.mailable import not_mailable as not_mailable
from subscribers.mailable import why_not as why_not
from subscribers.model import Act as Act
from subscribers.model import Added as Added
from subscribers.model import Consent as Consent
from subscribers.model import Counts as Counts
from subscribers.model import Entry as Entry
from subscribers.model import ImportReport as ImportReport
from subscribers.model import KeptOut as KeptOut
from subscribers.model import Outcome as Outcome
from subscribers.model import Page as Page
from subscribers.model import Reason as Reason
from subscribers.model import Rejected as Rejected
from subscribers.model import State as State
from subscribers.model import Subscriber as Subscriber
from subscribers.model import Subscription as Subscription
from subscribers.model import Supporter as Supporter
from subscribers.model import SuppressionEntry as SuppressionEntry
from subscribers.schema import metadata as metadata
from subscribers.suppression import suppress as suppress
from subscribers.suppression import suppressed as suppressed
from subscribers.suppression import suppressions as suppressions
from subscribers.suppression import unsuppress as unsuppress
from subscribers.tokens import Confirmation as Confirmation
from subscribers.tokens import Named as Named
from subscribers.tokens import Tokens as Tokens
