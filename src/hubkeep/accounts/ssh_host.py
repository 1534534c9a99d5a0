"""The installation's own SSH key: by it people know that they talk to this hub."""

from hubkeep.kit import Database
from hubkeep.kit.keepsakes import keep


def ssh_host_key(db: Database) -> str:
    """Return the private key as OpenSSH text, the same on every node, made the first time it is asked for."""
    import asyncssh  # noqa: PLC0415  slow to load, and seldom needed

    fresh = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    return keep(db, "ssh-host-key", fresh)


def ssh_host_fingerprint(db: Database) -> str:
    """Return what `ssh` shows when it meets the hub for the first time: `SHA256:` and base64."""
    import asyncssh  # noqa: PLC0415  as above

    return asyncssh.import_private_key(ssh_host_key(db)).get_fingerprint()
