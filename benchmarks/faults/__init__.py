"""Proof, not promise: workers are killed and everything around them fails, and the ledger is held against SES's own.

    python -m benchmarks.faults [--faults 1000] [--database both] [--workers 1,3] [--seed N] [--readers N]

A *round* is a fresh issue that worker processes send while faults strike in an order that a seed decides. When it is
over, nothing fails any more, the workers finish, and every reader of the roster is compared with what the SES double
accepted. Then what is uncertain is settled by SES's events, the workers finish once more, and all are compared again.

    points    the named commit points, and what leads a worker there
    worker    a worker process that dies, stops or sleeps where it is told
    crew      worker processes, replaced when they die
    ses       the SES double
    stage     one database, one SES, one crew; and what an operator does
    fault     what a fault is; deaths, processes, account, disks and people have their kinds, deck has all of them
    rounds    one round
    compare   the ledger against SES, reader by reader
    table     what came of it, for people
"""
