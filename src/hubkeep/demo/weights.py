"""A llama small enough to make on the spot: configuration and safetensors bytes."""

import json
from typing import Any

import numpy as np

HIDDEN, LAYERS, HEADS, VOCAB, INNER = 64, 2, 4, 512, 176
SEED = 7

CONFIG: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": HIDDEN,
    "intermediate_size": INNER,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "num_key_value_heads": HEADS,
    "vocab_size": VOCAB,
    "max_position_embeddings": 256,
    "rms_norm_eps": 1e-05,
    "hidden_act": "silu",
    "tie_word_embeddings": False,
    "torch_dtype": "float32",
}


def shapes() -> dict[str, tuple[int, ...]]:
    """Return the shape of every tensor, in the order of the model."""
    found: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (VOCAB, HIDDEN)}
    for layer in range(LAYERS):
        at = f"model.layers.{layer}"
        found |= {f"{at}.self_attn.{name}_proj.weight": (HIDDEN, HIDDEN) for name in "qkvo"}
        found |= {f"{at}.mlp.{name}_proj.weight": (INNER, HIDDEN) for name in ("gate", "up")}
        found[f"{at}.mlp.down_proj.weight"] = (HIDDEN, INNER)
        found |= {f"{at}.{name}_layernorm.weight": (HIDDEN,) for name in ("input", "post_attention")}
    return found | {"model.norm.weight": (HIDDEN,), "lm_head.weight": (VOCAB, HIDDEN)}


def parameters() -> int:
    """Count the parameters."""
    return sum(int(np.prod(shape)) for shape in shapes().values())


def safetensors() -> bytes:
    """Return the weights as a safetensors file: 8 bytes of header length, a JSON header, raw tensors."""
    generator = np.random.default_rng(SEED)
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    bodies, at = [], 0
    for name, shape in shapes().items():
        norm = name.endswith(("layernorm.weight", "norm.weight"))
        tensor = np.ones(shape) if norm else generator.normal(0, 0.02, shape)
        body = tensor.astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [at, at + len(body)]}
        bodies.append(body)
        at += len(body)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(bodies)
