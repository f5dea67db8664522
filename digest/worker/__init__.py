"""The worker: what `digest run` does, again and again."""

from digest.worker.worker import Worker as Worker
