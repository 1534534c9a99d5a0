"""What people hear of: notifications on the web and by mail, and what they watch."""

from hubkeep.community.notifications import gate_mail, gate_notices
from hubkeep.community.notifications.carry import CarriedWatch as CarriedWatch
from hubkeep.community.notifications.carry import carry_in as carry_in
from hubkeep.community.notifications.carry import carry_out as carry_out
from hubkeep.community.notifications.errors import NothingToWatch as NothingToWatch
from hubkeep.community.notifications.follow import TELL as TELL
from hubkeep.community.notifications.follow import subscribe as subscribe
from hubkeep.community.notifications.gate_notices import GateNotice as GateNotice
from hubkeep.community.notifications.gate_notices import gate_notices_of as gate_notices_of
from hubkeep.community.notifications.gate_notices import mark_gate_notice as mark_gate_notice
from hubkeep.community.notifications.lists import MANY as MANY
from hubkeep.community.notifications.lists import PAGE as PAGE
from hubkeep.community.notifications.lists import clear as clear
from hubkeep.community.notifications.lists import is_unread as is_unread
from hubkeep.community.notifications.lists import list_notifications as list_notifications
from hubkeep.community.notifications.lists import mark as mark
from hubkeep.community.notifications.lists import seen as seen
from hubkeep.community.notifications.lists import unread as unread
from hubkeep.community.notifications.mail import mail as mail
from hubkeep.community.notifications.mentions import Reference as Reference
from hubkeep.community.notifications.mentions import mentioned as mentioned
from hubkeep.community.notifications.mentions import references as references
from hubkeep.community.notifications.mentions import split as split
from hubkeep.community.notifications.spoken import Spoken as Spoken
from hubkeep.community.notifications.spoken import spoken_of as spoken_of
from hubkeep.community.notifications.switches import set_switches as set_switches
from hubkeep.community.notifications.switches import switches as switches
from hubkeep.community.notifications.tell import MAIL as MAIL
from hubkeep.community.notifications.tell import PRUNE as PRUNE
from hubkeep.community.notifications.tell import prune as prune
from hubkeep.community.notifications.tell import tell as tell
from hubkeep.community.notifications.types import SWITCHES as SWITCHES
from hubkeep.community.notifications.types import Filter as Filter
from hubkeep.community.notifications.types import Notification as Notification
from hubkeep.community.notifications.types import Page as Page
from hubkeep.community.notifications.types import Reason as Reason
from hubkeep.community.notifications.types import Target as Target
from hubkeep.community.notifications.types import Watched as Watched
from hubkeep.community.notifications.types import WatchState as WatchState
from hubkeep.community.notifications.watch import forget as forget
from hubkeep.community.notifications.watch import listens as listens
from hubkeep.community.notifications.watch import watch as watch
from hubkeep.community.notifications.watch import watched as watched

HANDLERS = {TELL: tell, MAIL: mail, PRUNE: prune, **gate_mail.HANDLERS, **gate_notices.HANDLERS}
