"""`hubkeep worker`: work off the jobs, without serving."""

import signal

from hubkeep.cli.options import Data, opened
from hubkeep.git import Tidier
from hubkeep.kit.log import configure
from hubkeep.opening import job_worker


def worker(data: Data = None) -> None:
    """Run background jobs until stopped. A server runs them too; extra workers share the load."""
    with opened(data) as stores:
        configure(stores.settings.log_level, stores.settings.log_format)
        runner = job_worker(stores)
        tidier = Tidier(stores.git, stores.settings.git.cache_bytes)
        tidier.start()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: runner.stop())
        runner.run_forever()
        tidier.stop()
