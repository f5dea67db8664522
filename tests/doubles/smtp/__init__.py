"""A mail server on the loopback interface: takes mail, refuses or hangs up to order, and keeps what it accepted."""

from tests.doubles.smtp.server import Accepted as Accepted
from tests.doubles.smtp.server import SmtpDouble as SmtpDouble
