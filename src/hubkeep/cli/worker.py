"""`hubkeep worker`: work off the jobs, without serving."""

import signal

from hubkeep.app import job_handlers
from hubkeep.cli.options import Data, opened
from hubkeep.kit.jobs import Worker


def worker(data: Data = None) -> None:
    """Run background jobs until stopped. A server runs them too; extra workers share the load."""
    with opened(data) as stores:
        runner = Worker(stores.db, job_handlers(stores))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: runner.stop())
        runner.run_forever()
