"""Every frozen string of the wire, with its source."""

# Headers the official client reads. Source: hub-core contract 2.5 and 10.1.
ERROR_CODE = "X-Error-Code"
ERROR_MESSAGE = "X-Error-Message"
REPO_COMMIT = "X-Repo-Commit"
LINKED_ETAG = "X-Linked-Etag"
LINKED_SIZE = "X-Linked-Size"
REQUEST_ID = "X-Request-Id"

# Makes git, git-lfs and browsers ask for a user name and a password: the token.
BASIC = 'Basic realm="hubkeep"'
ASK = {"WWW-Authenticate": BASIC}

# Xet. Source: hub-core contract section 11, xet contract 5.4.
XET_HASH = "X-Xet-Hash"
XET_REFRESH_ROUTE = "X-Xet-Refresh-Route"
XET_CAS_URL = "X-Xet-Cas-Url"
XET_ACCESS_TOKEN = "X-Xet-Access-Token"  # noqa: S105  the name of a header, not a secret
XET_TOKEN_EXPIRATION = "X-Xet-Token-Expiration"  # noqa: S105  likewise

LFS_JSON = "application/vnd.git-lfs+json"

# What browsers may read across origins. Source: hub-core contract 2.9.
EXPOSED_HEADERS = (
    "X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,"
    "X-Linked-Size,X-Linked-ETag,X-Xet-Access-Token,X-Xet-Token-Expiration,X-Xet-Refresh-Route,X-Xet-Cas-Url,X-Xet-Hash"
)
