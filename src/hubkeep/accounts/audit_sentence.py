"""An entry of the audit log as a sentence."""

from hubkeep.accounts.audit_entries import AuditEntry

_SUBJECTS = ("repo", "org", "name", "user", "target", "collection", "kind", "token", "webhook", "key")


def audit_sentence(entry: AuditEntry) -> str:
    """Say who did what to what: `ada: repo move ada/old (ada/old → ada/new)`."""
    what = entry.type.replace(".", " ").replace("_", " ")
    named = [name for name in _SUBJECTS if name in entry.data]
    subject = str(entry.data[named[0]]) if named else ""
    whom = f" for {entry.data['user']}" if "user" in named[1:] else ""
    return f"{entry.actor_name or 'the hub'}: {what} {subject}{whom}{_change(entry)}".strip()


def _change(entry: AuditEntry) -> str:
    before, after = _said(entry.data.get("before")), _said(entry.data.get("after"))
    return f" ({before or 'nothing'} → {after or 'nothing'})" if before or after else ""


def _said(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_said(one) or 'none'}" for name, one in value.items())[
            :200
        ]
    if isinstance(value, list):
        return " ".join(_said(one) for one in value)[:200]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)[:200]
