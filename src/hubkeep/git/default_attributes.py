"""The `.gitattributes` that every repository starts with."""

from hubkeep.git.attributes import LFS_LINE

# Source: hub-core contract section 14.
# fmt: off
_EVERYWHERE = [
    "*.7z", "*.arrow", "*.bin", "*.bz2", "*.ckpt", "*.ftz", "*.gz", "*.h5",
    "*.joblib", "*.lfs.*", "*.mlmodel", "*.model", "*.msgpack", "*.npy", "*.npz", "*.onnx",
    "*.ot", "*.parquet", "*.pb", "*.pickle", "*.pkl", "*.pt", "*.pth", "*.rar",
    "*.safetensors", "saved_model/**/*", "*.tar.*", "*.tar", "*.tflite", "*.tgz", "*.wasm", "*.xz",
    "*.zip", "*.zst", "*tfevents*",
]
# fmt: on
# fmt: off
_DATASETS = [
    "*.lz4", "*.pcm", "*.sam", "*.raw", "*.aac", "*.flac", "*.mp3", "*.ogg",
    "*.wav", "*.bmp", "*.gif", "*.png", "*.tiff", "*.jpg", "*.jpeg", "*.webp",
    "*.mp4", "*.webm",
]
# fmt: on


def default_attributes(kind: str) -> str:
    """Return the text for `model` (which serves Spaces and kernels too) or `dataset`."""
    patterns = [*_EVERYWHERE, *(_DATASETS if kind == "dataset" else [])]
    return "".join(f"{pattern} {LFS_LINE}\n" for pattern in patterns)
