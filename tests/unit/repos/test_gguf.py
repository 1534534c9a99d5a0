import struct
import tracemalloc

import pytest
from tests.unit.repos.ggufs import ARRAY, STRING, UINT32, gguf, key, llama, number, tensor, text, texts

from hubkeep.repos import read_gguf


def read(data: bytes, size: int | None = None):
    return read_gguf(lambda start, length: iter([data[start : start + length]]), size or len(data))


def test_an_honest_header_is_read():
    found = read(llama())
    assert found.version == 3
    assert found.text("general.architecture") == "llama"
    assert found.values["llama.context_length"] == 8192
    assert found.tokens == {"bos": "<s>", "eos": "</s>"}
    assert found.total == 64 * 40 + 64
    assert [(t.name, t.dtype, t.shape) for t in found.tensors] == [
        ("token_embd.weight", "Q4_K", [40, 64]),
        ("output_norm.weight", "F32", [64]),
    ]
    assert found.lengths["tokenizer.ggml.tokens"] == 40
    assert len(found.values["tokenizer.ggml.tokens"]) == 8


def test_a_long_vocabulary_is_stepped_over_and_its_last_token_found():
    found = read(llama(tokens=60_000))
    assert found.tokens["eos"] == "</s>"
    assert found.lengths["tokenizer.ggml.scores"] == 60_000


HUGE = (1 << 64) - 1
LIES = {
    "nothing": b"",
    "another magic": b"GGML" + llama()[4:],
    "a version to come": gguf([], [], version=9),
    "big-endian": b"GGUF" + struct.pack(">IQQ", 3, 0, 0) + bytes(64),
    "more tensors than bytes": gguf([], [], counts=(HUGE, 0)),
    "more keys than bytes": gguf([], [], counts=(0, HUGE)),
    "keys that are not there": gguf([], [], counts=(0, 20), tail=0),
    "a key without end": gguf([text("k", HUGE)], [], counts=(0, 1)),
    "a text without end": gguf([key("k", STRING, text("x", HUGE))], []),
    "a text longer than the file": gguf([key("k", STRING, text("x", 10_000_000))], []),
    "an array without end": gguf([key("k", ARRAY, struct.pack("<IQ", UINT32, HUGE))], []),
    "an array of texts without end": gguf([key("k", ARRAY, texts(["a"], HUGE))], []),
    "an array of texts that jumps out": gguf(
        [key("k", ARRAY, struct.pack("<IQ", STRING, 20) + text("a", HUGE) * 20)], []
    ),
    "arrays in arrays in arrays": gguf([key("k", ARRAY, struct.pack("<IQ", ARRAY, 1) * 40)], []),
    "arrays of many arrays": gguf([key("k", ARRAY, struct.pack("<IQ", ARRAY, HUGE))], []),
    "a type to come": gguf([key("k", 99, number(1))], []),
    "many dimensions": gguf([], [tensor("t", [1] * 20)]),
    "more numbers than any file": gguf([], [tensor("t", [1 << 40, 1 << 40])]),
    "a tensor behind the end": gguf([], [tensor("t", [4], offset=1 << 50)]),
    "a header without its end": llama()[:200],
}


@pytest.mark.timeout(60)  # whoever believes one of the huge numbers never ends
@pytest.mark.parametrize("name", LIES)
def test_a_header_that_lies_is_refused_without_memory_or_time(name):
    tracemalloc.start()
    assert (
        read(LIES[name], max(len(LIES[name]), 1 << 20) if name != "a header without its end" else None)
        is None
    )
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


def test_a_token_number_outside_the_vocabulary_names_no_token():
    keys = [
        key("tokenizer.ggml.tokens", ARRAY, texts(["a", "b"])),
        key("tokenizer.ggml.eos_token_id", UINT32, number(7)),
    ]
    assert read(gguf(keys, [])).tokens == {}


def test_every_cut_of_a_header_is_refused_or_read():
    whole = llama()
    for end in range(0, len(whole) - 256, 7):
        assert read(whole[:end]) is None
