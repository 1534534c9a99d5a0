"""Refusals of collections."""

from hubkeep.kit import HubError


class CollectionNotFound(HubError):
    """No collection of that id, or a private one: the two look the same."""

    status, text = 404, "There is no such collection."


class CollectionExists(HubError):
    """The owner has one of that title; clients read its `slug`. Source: hub-platform contract section 4."""

    status, text = 409, "{owner} has a collection called {title!r} already."


class ItemExists(HubError):
    """It is in the collection."""

    status, text = 409, "This {kind} is in the collection already."


class ItemNotFound(HubError):
    """No such item in the collection, or nothing of that name to add."""

    status, text = 404, "There is no {item} to be found here."


class CollectionFull(HubError):
    """As many as one may have."""

    status, text = 409, "There are {limit:,} {what} already, which is the limit."
