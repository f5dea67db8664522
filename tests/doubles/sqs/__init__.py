"""Amazon SQS as its documentation describes a standard queue, for tests and benchmarks.

moto's queue reads the clock for every message at every question, so that a thousand messages take it seconds, and it
hands them out in order and once, as a real queue does not promise. This one answers in a millisecond, in any order,
shows some messages twice, gives up after so many tries, and speaks the JSON protocol over HTTP, so that the clients
themselves are under test. It runs in a thread (`SqsDouble`) or as a process (`python -m tests.doubles.sqs`).
"""

from tests.doubles.sqs.double import SqsDouble as SqsDouble
