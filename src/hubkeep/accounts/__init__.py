"""Who is asking: people, organizations, tokens, sign-in, and the one answer to *may they?*"""

from hubkeep.accounts.access import Action as Action
from hubkeep.accounts.access import may as may
from hubkeep.accounts.access import may_create as may_create
from hubkeep.accounts.errors import BadCredentials as BadCredentials
from hubkeep.accounts.errors import NameTaken as NameTaken
from hubkeep.accounts.errors import NotAllowed as NotAllowed
from hubkeep.accounts.errors import NotSignedIn as NotSignedIn
from hubkeep.accounts.errors import OwnerNotFound as OwnerNotFound
from hubkeep.accounts.types import ANONYMOUS as ANONYMOUS
from hubkeep.accounts.types import STRANGER as STRANGER
from hubkeep.accounts.types import Actor as Actor
from hubkeep.accounts.types import Credentials as Credentials
from hubkeep.accounts.types import Membership as Membership
from hubkeep.accounts.types import Owner as Owner
from hubkeep.accounts.types import OwnerKind as OwnerKind
from hubkeep.accounts.types import Role as Role
from hubkeep.accounts.types import Token as Token
from hubkeep.accounts.types import TokenRole as TokenRole
from hubkeep.accounts.types import User as User
