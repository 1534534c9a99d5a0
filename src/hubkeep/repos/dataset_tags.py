"""What a dataset's files are: tags for their format, what they hold, how many rows, and what reads them.

Source: hub-features 2.9, row «Viewer jobs». Computed from names and from what the card says of features and splits: the data
itself is not read.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

_FORMATS = {
    **dict.fromkeys(("parquet",), "parquet"),
    **dict.fromkeys(("csv", "tsv"), "csv"),
    **dict.fromkeys(("json", "jsonl", "ndjson"), "json"),
    **dict.fromkeys(("arrow",), "arrow"),
    **dict.fromkeys(("txt",), "text"),
    **dict.fromkeys(("lance",), "lance"),
    **dict.fromkeys(("tar",), "webdataset"),
    **dict.fromkeys(("png", "jpg", "jpeg", "webp", "tif", "tiff", "bmp", "gif"), "imagefolder"),
    **dict.fromkeys(("wav", "mp3", "flac", "ogg", "opus", "m4a"), "audiofolder"),
    **dict.fromkeys(("mp4", "mov", "mkv", "webm", "avi"), "videofolder"),
    **dict.fromkeys(("pdf",), "pdffolder"),
}
_HOLDS = {
    "text": "text",
    "imagefolder": "image",
    "audiofolder": "audio",
    "videofolder": "video",
    "pdffolder": "document",
}
_PACKED = ("gz", "zip", "bz2", "zst", "lz4", "xz")
_READ_BY = {
    "parquet": ("datasets", "polars"),
    "csv": ("datasets", "polars"),
    "json": ("datasets", "polars"),
    "webdataset": ("datasets", "webdataset"),
    "lance": ("lance",),
}
_IN_FRAMES = ("parquet", "csv", "json")
# Names that tell of a repository rather than hold its data.
_ASIDE = ("readme", "license", "requirements", "dataset_infos", "metadata", "eval", ".")
_SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 10**9, 10**10, 10**11, 10**12)
_WORDS = ("1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T")


def dataset_tags(card: Mapping[str, Any], paths: Collection[str]) -> list[str]:
    """Return the tags of a dataset with these files, in a stable order."""
    kinds = Counter(kind for path in paths if (kind := _format(path)))
    kind = kinds.most_common(1)[0][0] if kinds else ""
    tags = [] if "size_categories" in card else _rows(card)
    if kind:
        tags.append(f"format:{kind}")
    modalities = set(_of_features(card)) or ({_HOLDS[kind]} if kind in _HOLDS else set())
    tags += [f"modality:{name}" for name in sorted(modalities)]
    libraries = list(_READ_BY.get(kind, ("datasets",) if kind else ()))
    if kind in _IN_FRAMES:
        libraries.append("pandas" if kinds[kind] <= MOST_FOR_ONE_FRAME else "dask")
    return tags + [f"library:{name}" for name in sorted(libraries)]


MOST_FOR_ONE_FRAME = 5  # files: a table in more of them is read in pieces


def _format(path: str) -> str:
    name = path.rpartition("/")[2].lower()
    parts = name.split(".")
    if name.startswith(_ASIDE) or len(parts) < 2:
        return ""
    ending = parts[-2] if parts[-1] in _PACKED and len(parts) > 2 else parts[-1]
    return _FORMATS.get(ending, "")


def _infos(card: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    infos = card.get("dataset_info")
    for info in infos if isinstance(infos, list) else [infos]:
        if isinstance(info, dict):
            yield info


def rows_told(card: Mapping[str, Any]) -> int | None:
    """Return the rows of all the splits that the card counts; None when it counts none."""
    total, told = 0, False
    for info in _infos(card):
        splits = info.get("splits")
        for split in splits if isinstance(splits, list) else ():
            count = split.get("num_examples") if isinstance(split, dict) else None
            if isinstance(count, int) and 0 <= count < 1 << 60:
                total, told = total + count, True
    return total if told else None


def _rows(card: Mapping[str, Any]) -> list[str]:
    total = rows_told(card)
    return [] if total is None else [f"size_categories:{size_category(total)}"]


def size_category(rows: int) -> str:
    """Return the Hub's word for so many rows."""
    at = next((at for at, size in enumerate(_SIZES) if rows < size), len(_SIZES))
    if at == 0:
        return "n<1K"
    return "n>1T" if at == len(_SIZES) else f"{_WORDS[at - 1]}<n<{_WORDS[at]}"


def _of_features(card: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the columns hold, of those that the card tells of."""
    for info in _infos(card):
        features = info.get("features")
        for feature in features if isinstance(features, list) else ():
            dtype = feature.get("dtype") if isinstance(feature, dict) else None
            if dtype in ("image", "audio", "video"):
                yield str(dtype)
            elif dtype in ("string", "large_string"):
                yield "text"
            elif isinstance(dtype, str) and dtype.startswith("timestamp"):
                yield "timeseries"
            elif isinstance(dtype, str) and dtype.startswith(("int", "float", "uint")):
                yield "tabular"
