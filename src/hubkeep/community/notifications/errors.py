"""Refusals of notifications."""

from hubkeep.kit import HubError


class NothingToWatch(HubError):
    """No repository, user or organization of that id, or none that the actor may see."""

    status, text = 404, "There is no {kind} with the id {id}."
