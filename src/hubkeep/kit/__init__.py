"""Plumbing with no opinion about hubs: database, jobs, events, errors, settings, log."""

from hubkeep.kit.bus import Bus as Bus
from hubkeep.kit.bus import Event as Event
from hubkeep.kit.clock import now as now
from hubkeep.kit.clock import wire_date as wire_date
from hubkeep.kit.db import Database as Database
from hubkeep.kit.db import ReadTx as ReadTx
from hubkeep.kit.db import WriteTx as WriteTx
from hubkeep.kit.db import metadata as metadata
from hubkeep.kit.errors import BadInput as BadInput
from hubkeep.kit.errors import HubError as HubError
from hubkeep.kit.errors import NotBuiltYet as NotBuiltYet
from hubkeep.kit.errors import TooLarge as TooLarge
from hubkeep.kit.jobs import Job as Job
from hubkeep.kit.kept import MISSING as MISSING
from hubkeep.kit.settings import Settings as Settings
from hubkeep.kit.signing import BadSignature as BadSignature
from hubkeep.kit.signing import Signer as Signer
