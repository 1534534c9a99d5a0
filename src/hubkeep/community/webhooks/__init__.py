"""Which programs are called when something happens: webhooks, their deliveries, and their limits."""

from hubkeep.community.webhooks.call import is_public as is_public
from hubkeep.community.webhooks.carry import CarriedHook as CarriedHook
from hubkeep.community.webhooks.carry import CarriedWatched as CarriedWatched
from hubkeep.community.webhooks.carry import carry_in as carry_in
from hubkeep.community.webhooks.carry import carry_out as carry_out
from hubkeep.community.webhooks.change import DELIVER as DELIVER
from hubkeep.community.webhooks.change import LOG_PAGE as LOG_PAGE
from hubkeep.community.webhooks.change import Wish as Wish
from hubkeep.community.webhooks.change import create as create
from hubkeep.community.webhooks.change import delete as delete
from hubkeep.community.webhooks.change import deliveries as deliveries
from hubkeep.community.webhooks.change import find as find
from hubkeep.community.webhooks.change import list_webhooks as list_webhooks
from hubkeep.community.webhooks.change import replay as replay
from hubkeep.community.webhooks.change import switch as switch
from hubkeep.community.webhooks.change import update as update
from hubkeep.community.webhooks.deliver import PRUNE as PRUNE
from hubkeep.community.webhooks.deliver import deliver as deliver
from hubkeep.community.webhooks.deliver import prune as prune
from hubkeep.community.webhooks.deliver import trigger as trigger
from hubkeep.community.webhooks.errors import AddressRefused as AddressRefused
from hubkeep.community.webhooks.errors import DeliveryNotFound as DeliveryNotFound
from hubkeep.community.webhooks.errors import NothingToWatch as NothingToWatch
from hubkeep.community.webhooks.errors import WebhookNotFound as WebhookNotFound
from hubkeep.community.webhooks.follow import TRIGGER as TRIGGER
from hubkeep.community.webhooks.follow import subscribe as subscribe
from hubkeep.community.webhooks.types import Delivery as Delivery
from hubkeep.community.webhooks.types import Domain as Domain
from hubkeep.community.webhooks.types import Fate as Fate
from hubkeep.community.webhooks.types import State as State
from hubkeep.community.webhooks.types import Target as Target
from hubkeep.community.webhooks.types import Webhook as Webhook

HANDLERS = {TRIGGER: trigger, DELIVER: deliver, PRUNE: prune}
