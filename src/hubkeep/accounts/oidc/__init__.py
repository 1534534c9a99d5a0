"""Sign in with an account of another identity provider, and statements that others sign."""

from hubkeep.accounts.oidc.errors import BadIdToken as BadIdToken
from hubkeep.accounts.oidc.errors import ExternalSignInOff as ExternalSignInOff
from hubkeep.accounts.oidc.errors import ProviderUnreachable as ProviderUnreachable
from hubkeep.accounts.oidc.errors import SignInRefused as SignInRefused
from hubkeep.accounts.oidc.provider import provider_of as provider_of
from hubkeep.accounts.oidc.sign_in import Leaving as Leaving
from hubkeep.accounts.oidc.sign_in import come_back as come_back
from hubkeep.accounts.oidc.sign_in import leave as leave
