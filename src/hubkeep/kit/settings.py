"""Every setting: name, unit, bound, default, meaning. Environment `HUBKEEP_*`, or a TOML file named by HUBKEEP_CONFIG."""

import ipaddress
import os
import tomllib
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from hubkeep.kit.errors import BadInput

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30


class StorageSettings(BaseModel, frozen=True):
    """Where blobs live."""

    backend: Literal["local", "s3"] = Field("local", description="`local` folder or `s3` bucket.")
    bucket: str = Field("", description="Name of the bucket, for `s3`.")
    endpoint: str = Field("", description="URL of an S3-compatible store; empty means AWS.")
    public_endpoint: str = Field(
        "", description="URL of that store as clients reach it, for download links; empty means `endpoint`."
    )
    region: str = Field("us-east-1", description="Region of the bucket.")
    access_key: str = Field("", description="Access key id; empty means the machine's own credentials.")
    secret_key: str = Field("", description="Secret access key.", repr=False)
    part_bytes: int = Field(
        64 * MIB, ge=5 * MIB, description="One multipart part, in bytes. S3 refuses less than 5 MiB."
    )
    direct_links: bool = Field(
        True, description="Send clients to the bucket for large files; off when they cannot reach it."
    )
    direct_uploads: bool = Field(
        True,
        description="Let clients send the parts of large files straight to the bucket; browsers need its CORS rule. "
        "Nobody does without `direct_links`.",
    )
    link_seconds: int = Field(
        3600, ge=1, le=7 * 24 * 3600, description="Life of a direct download link, in seconds."
    )

    @model_validator(mode="after")
    def _a_bucket_has_a_name(self) -> Self:
        if self.backend == "s3" and not self.bucket:
            raise ValueError("backend s3 needs the name of a bucket")
        return self


class LfsSettings(BaseModel, frozen=True):
    """Large files by the git-lfs protocol."""

    multipart_bytes: int = Field(
        5 * GIB, ge=1, description="Files of more bytes are offered multipart upload."
    )
    part_bytes: int = Field(512 * MIB, ge=1, description="One part of a multipart upload, in bytes.")
    resend_bytes: int = Field(
        32 * MIB,
        ge=1,
        description="One part of an upload by a browser, in bytes: what is sent again after a broken line.",
    )
    max_bytes: int = Field(500 * GIB, ge=1, description="Largest file accepted, in bytes.")
    link_seconds: int = Field(
        6 * 3600, ge=60, description="Life of a signed upload or download link, in seconds."
    )


class XetSettings(BaseModel, frozen=True):
    """Large files by the Xet protocol."""

    token_seconds: int = Field(
        900, ge=90, description="Life of a CAS token, in seconds; clients drop it 60 s before its end."
    )
    fetch_seconds: int = Field(3600, ge=1, description="Life of a signed xorb fetch link, in seconds.")
    dedup_days: int = Field(21, ge=1, description="How long clients may keep a dedup answer, in days.")


class GitSettings(BaseModel, frozen=True):
    """Git content."""

    max_plain_bytes: int = Field(
        10 * MIB, ge=1, description="Largest file allowed in git without LFS or Xet, in bytes."
    )
    max_push_bytes: int = Field(8 * GIB, ge=1, description="Largest pack accepted by one push, in bytes.")
    repack_at: int = Field(
        50, ge=2, description="Number of packs in a repository that triggers a merge of packs."
    )
    cache_bytes: int = Field(
        20 * GIB,
        ge=0,
        description="What `git-cache/` may take on a node beyond links into `blobs/`: the packs of repositories that nobody "
        "read for long go first, and come back when needed. 0 means any number.",
    )


class JobSettings(BaseModel, frozen=True):
    """Work done in the background."""

    threads: int = Field(2, ge=1, le=64, description="Jobs run at once by one process.")
    lease_seconds: int = Field(
        60,
        ge=5,
        description="After so many seconds of silence a job's worker is taken for dead, and another one starts it again.",
    )
    max_attempts: int = Field(8, ge=1, description="Attempts before a failing job is given up.")


class GcSettings(BaseModel, frozen=True):
    """Garbage: bytes that nothing names."""

    every_hours: float = Field(
        24, ge=0, description="Hours between two collections by the hub itself; 0 leaves it to `hubkeep gc`."
    )
    grace_hours: float = Field(
        24,
        ge=1,
        description="Bytes younger than this are never collected: their names may still be on the way.",
    )


class MailSettings(BaseModel, frozen=True):
    """Mail that the hub sends."""

    host: str = Field("", description="Mail server (SMTP); empty means that no mail is sent.")
    port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="`starttls`, `tls` from the first byte (port 465), or `none` (this machine only).",
    )
    user: str = Field("", description="Name to sign in with; empty means that nobody signs in.")
    password: str = Field("", description="Password to sign in with.", repr=False)
    sender: str = Field(
        "", description="Address that mail comes from; empty means `noreply@` and the host of the public URL."
    )
    delay_seconds: int = Field(
        60, ge=0, description="Wait before a mail, in seconds: who reads it on the web meanwhile gets none."
    )
    timeout_seconds: int = Field(30, ge=1, description="Patience with the mail server, in seconds.")


class WebhookSettings(BaseModel, frozen=True):
    """Calls to other programs when something happens."""

    private_addresses: bool = Field(
        False, description="Let webhooks reach private addresses and this machine: your whole network."
    )
    timeout_seconds: int = Field(10, ge=1, le=60, description="Patience with a receiver, in seconds.")
    attempts: int = Field(5, ge=1, le=20, description="Attempts to deliver one event.")
    retry_seconds: float = Field(
        10,
        gt=0,
        le=3600,
        description="Wait before the second attempt, in seconds; each later one waits three times as long.",
    )
    suspend_after: int = Field(
        50, ge=1, description="Failed deliveries in a row after which a webhook is suspended."
    )
    per_day: int = Field(1000, ge=1, description="Deliveries of one webhook within 24 hours.")
    log_days: int = Field(30, ge=1, description="How long deliveries stay in the log, in days.")


class OidcSettings(BaseModel, frozen=True):
    """Sign in with an account of an identity provider (OpenID Connect); its callback is `/login/callback` of the public URL."""

    issuer: str = Field("", description="Address of the identity provider; empty means off.")
    client_id: str = Field("", description="What the hub is called there.")
    client_secret: str = Field("", description="Its secret there; empty for a public client.", repr=False)
    label: str = Field("single sign-on", description="What the button on the sign-in page calls it.")
    scopes: str = Field("openid profile email", description="What to ask the provider for.")
    username_claim: str = Field(
        "preferred_username", description="Claim that a new user's name is made from."
    )
    groups_claim: str = Field("groups", description="Claim that lists a person's groups.")
    admin_groups: list[str] = Field(
        [], description="Groups whose members are operators here, and nobody else; empty leaves that alone."
    )
    org_roles: dict[str, str] = Field(
        {},
        description='Roles by group: `{"ml-team": "acme:write"}`. Given and taken at every sign-in; others stay.',
    )
    create_users: bool = Field(True, description="Add people who come for the first time.")
    link_by_email: bool = Field(
        False,
        description="Take somebody for the user with the same address, if both the provider and this hub have verified it.",
    )
    only: bool = Field(False, description="Offer no other way to sign in on the page.")

    @field_validator("org_roles")
    @classmethod
    def _are_roles(cls, roles: dict[str, str]) -> dict[str, str]:
        for target in roles.values():
            if target.partition(":")[2] not in ("no_access", "read", "contributor", "write", "admin"):
                raise ValueError(f"{target!r} must be ORGANIZATION:ROLE")
        return roles


class PublisherSettings(BaseModel, frozen=True):
    """CI jobs that publish without a stored token (trusted publishers)."""

    issuers: list[str] = Field(
        ["https://token.actions.githubusercontent.com", "https://gitlab.com"],
        description="Issuers of ID tokens that repositories may trust.",
    )
    token_seconds: int = Field(3600, ge=60, le=86_400, description="Life of the token that a job gets.")


SSH_PORT = 22  # the one that needs no mention


class SshSettings(BaseModel, frozen=True):
    """Git over SSH."""

    port: int = Field(0, ge=0, le=65535, description="Port to listen on for git over SSH; 0 means off.")
    public_port: int = Field(
        0, ge=0, le=65535, description="Port that clients use, when something forwards it; 0 means the same."
    )
    public_host: str = Field("", description="Host that clients use; empty means that of the public URL.")
    sessions: int = Field(
        50, ge=1, description="Conversations at once of one process; more are asked to try again."
    )
    login_seconds: int = Field(30, ge=5, description="Time to prove who one is, in seconds.")


class RateSettings(BaseModel, frozen=True):
    """How many requests one user, or one address that brings no user, may make in a window; 0 means any number."""

    window_seconds: int = Field(300, ge=1, le=86400, description="Length of a window, in seconds.")
    api: int = Field(0, ge=0, description="Calls of the API, and git, in a window; 0 means any number.")
    pages: int = Field(0, ge=0, description="Pages in a window; 0 means any number.")
    resolvers: int = Field(
        0, ge=0, description="Files by `/resolve/` in a window (HEAD counts too); 0 means any number."
    )
    anonymous_percent: int = Field(
        100, ge=1, le=100, description="Share of these numbers for addresses that bring no user, in percent."
    )


class QuotaSettings(BaseModel, frozen=True):
    """How much each user and each organization may keep, unless an operator gave them a number of their own; 0: any."""

    user_bytes: int = Field(0, ge=0, description="Bytes that a user may store; 0 means any number.")
    user_repos: int = Field(0, ge=0, description="Repositories that a user may have; 0 means any number.")
    org_bytes: int = Field(0, ge=0, description="Bytes that an organization may store; 0 means any number.")
    org_repos: int = Field(
        0, ge=0, description="Repositories that an organization may have; 0 means any number."
    )


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks_of(text: str) -> tuple[Network, ...]:
    """Read addresses and networks, separated by commas. Raises ValueError."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


class Settings(BaseSettings):
    """The whole tree, frozen."""

    model_config = SettingsConfigDict(
        env_prefix="HUBKEEP_", env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    data: Path = Field(Path("data"), description="Folder of the database, blobs and caches.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    workers: int = Field(1, ge=1, description="Server processes.")
    public_url: str = Field(
        "", description="URL under which clients reach the hub; empty means http://HOST:PORT."
    )
    database_url: str = Field("", description="SQLAlchemy URL; empty means SQLite in the data folder.")
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks (`10.0.0.0/8`) of your own proxies, separated by commas: whom they name in "
        "`X-Forwarded-For` is taken for the client, in the log, the audit log and rate limits.",
    )
    accel_redirect: str = Field(
        "", description="nginx internal location that maps to the data folder; empty means off."
    )
    commit_max_bytes: int = Field(1 * GIB, ge=1, description="Largest body of one commit request, in bytes.")
    json_max_bytes: int = Field(
        32 * MIB, ge=1, description="Largest body of any other JSON request, in bytes."
    )
    join: bool = Field(False, description="Let anybody who reaches the hub join it by themselves.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severity logged."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="One line per event, for people or for machines."
    )
    storage: StorageSettings = StorageSettings()
    lfs: LfsSettings = LfsSettings()
    xet: XetSettings = XetSettings()
    git: GitSettings = GitSettings()
    jobs: JobSettings = JobSettings()
    gc: GcSettings = GcSettings()
    mail: MailSettings = MailSettings()
    ssh: SshSettings = SshSettings()
    oidc: OidcSettings = OidcSettings()
    publishers: PublisherSettings = PublisherSettings()
    webhooks: WebhookSettings = WebhookSettings()
    rates: RateSettings = RateSettings()
    quotas: QuotaSettings = QuotaSettings()

    @field_validator("database_url")
    @classmethod
    def _we_speak_it(cls, url: str) -> str:
        if url and not url.startswith(
            ("sqlite:///", "postgresql://", "postgres://", "postgresql+psycopg://")
        ):
            raise ValueError("must start with postgresql:// or sqlite:///")
        return url

    @field_validator("trusted_proxies")
    @classmethod
    def _they_are_networks(cls, text: str) -> str:
        networks_of(text)
        return text

    @field_validator("public_url")
    @classmethod
    def _clients_can_open_it(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return url

    @property
    def url(self) -> str:
        """The public base URL, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def ssh_url(self) -> str:
        """What stands before `/OWNER/NAME` in an address for git over SSH; "" when that is off."""
        if not self.ssh.port:
            return ""
        host = self.ssh.public_host or urlsplit(self.url).hostname or self.host
        port = self.ssh.public_port or self.ssh.port
        return f"ssh://git@{host}" + ("" if port == SSH_PORT else f":{port}")

    @property
    def sql_url(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.data.absolute() / 'hubkeep.sqlite3'}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, the environment over the file."""
        del dotenv_settings, file_secret_settings
        file = os.environ.get("HUBKEEP_CONFIG")
        if not file:
            return (init_settings, env_settings)
        try:
            with Path(file).open("rb") as body:
                tomllib.load(body)
        except (OSError, ValueError) as error:  # the source below would take a missing file for an empty one
            raise BadInput(field="HUBKEEP_CONFIG", reason=f"{file}: {error}") from None
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, Path(file)))
