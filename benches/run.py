"""Run the benchmarks, all or those named: `python benches/run.py downloads git`. One JSON object a line on standard output."""

import importlib
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

ALL = (
    "downloads",
    "lfs_upload",
    "xet",
    "head_resolve",
    "commit",
    "git",
    "snapshot",
    "search",
    "discussions",
    "community",
    "pages",
    "large_repos",
)


def main() -> None:
    """Give each benchmark an empty folder, and take it away afterwards."""
    for name in sys.argv[1:] or ALL:
        module = importlib.import_module(f"benches.bench_{name}")
        with tempfile.TemporaryDirectory(prefix=f"bench-{name}-", ignore_cleanup_errors=True) as folder:
            module.main(Path(folder))


if __name__ == "__main__":
    main()
