"""What the demo's files say."""

MODEL_CARD = """---
license: apache-2.0
language: en
library_name: transformers
pipeline_tag: text-generation
tags:
  - demo
  - tiny
datasets:
  - demo/tide-tables
---

# Tiny Llama

A language model with **{parameters:,} parameters** and no training at all. It writes nonsense, quickly. Its purpose is to
show what a model looks like on this hub: a card, a configuration, weights kept beside git, and a history.

## Use it

```python
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("demo/tiny-llama")
```

## Shape

| | |
| --- | --- |
| layers | {layers} |
| hidden size | {hidden} |
| heads | {heads} |
| vocabulary | {vocab} |

> [!NOTE]
> The weights are drawn from a normal distribution with seed 7, so that two hubs have the same bytes.

- [x] fits on a floppy disk
- [ ] says something sensible
"""

DATASET_CARD = """---
license: cc0-1.0
language: en
pretty_name: Tide tables
task_categories:
  - time-series-forecasting
size_categories:
  - n<1K
tags:
  - demo
---

# Tide tables

High and low water at a harbour that does not exist, one row for each tide of a year, computed from two sine waves.

```python
from datasets import load_dataset

tides = load_dataset("demo/tide-tables", split="train")
```

| column | meaning |
| --- | --- |
| `time` | hours since the first of January |
| `height` | metres above chart datum |
| `kind` | `high` or `low` |
"""
