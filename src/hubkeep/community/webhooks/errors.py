"""Refusals of webhooks."""

from hubkeep.kit import HubError


class WebhookNotFound(HubError):
    """No such webhook of this person."""

    status, text = 404, "There is no such webhook."


class DeliveryNotFound(HubError):
    """No such delivery of this webhook."""

    status, text = 404, "There is no such delivery."


class NothingToWatch(HubError):
    """Nothing of that name, or nothing that this person may see."""

    status, text = 404, "There is no {kind} called {name}."


class AddressRefused(HubError):
    """A receiver inside the operator's network, or none at all."""

    status, text = 400, "url: {reason}"
