"""Amazon SES v2 as its documentation and the experience of others describe it, for tests and benchmarks.

No emulator to be had covers bulk mail with tags, events, throttling, suppression and faults together. This one speaks
the calls that the mailer uses, over HTTP, so that boto3 itself is under test. It runs in a thread (`SesDouble`) or as a
process (`python -m tests.doubles.ses`). Where SES's behaviour is not documented it takes the harsher reading.
"""

from tests.doubles.ses.double import SesDouble as SesDouble
from tests.doubles.ses.mail import Mail as Mail
from tests.doubles.ses.mail import read_log as read_log
