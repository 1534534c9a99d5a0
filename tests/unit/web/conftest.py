import hubkeep.wire.raw_path  # noqa: F401  makes the router know `{x:seg}` and its like, as app.py does
