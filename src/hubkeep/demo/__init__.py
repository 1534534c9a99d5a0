"""A small demo, so that a new hub has something to look at: a person, a model with weights and history, a dataset, a Space."""

from hubkeep.demo.seed import seed as seed
