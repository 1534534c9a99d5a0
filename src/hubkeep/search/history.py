"""How often a repository was downloaded, day by day."""

import sqlalchemy as sa

from hubkeep.kit import ReadTx, now
from hubkeep.search.activity import WINDOW
from hubkeep.search.tables import days


def downloads_by_day(tx: ReadTx, repo_id: int) -> list[int]:
    """Return the downloads of the last `WINDOW` days, today's last."""
    today = now().date().toordinal()
    here = sa.and_(days.c.repo_id == repo_id, days.c.day > today - WINDOW, days.c.day <= today)
    counted = {
        row.day: row.downloads for row in tx.sql.execute(sa.select(days.c.day, days.c.downloads).where(here))
    }
    return [max(counted.get(day, 0), 0) for day in range(today - WINDOW + 1, today + 1)]
