"""The queue of jobs, for operators: look, try again what was given up, drop."""

from hubkeep.accounts.audit import audit
from hubkeep.accounts.audit_entries import require_operator
from hubkeep.accounts.types import Actor
from hubkeep.kit import Job, ReadTx, WriteTx, job_admin
from hubkeep.kit.job_admin import JobState, QueuedJob


def queued_jobs(
    tx: ReadTx, actor: Actor, state: JobState | None = None, *, after: int = 0, limit: int = 50
) -> tuple[list[QueuedJob], dict[JobState, int]]:
    """Return jobs with a number above `after`, and how many there are in each state. Raises NotSignedIn, NotAllowed."""
    require_operator(actor)
    return job_admin.list_jobs(tx, state, after=after, limit=limit), job_admin.count_jobs(tx)


def retry_job(tx: WriteTx, actor: Actor, job_id: int) -> QueuedJob:
    """Try again what was given up. Raises NotSignedIn, NotAllowed, JobNotFound, JobNotFailed."""
    require_operator(actor)
    return _audited(tx, actor, "retry", job_admin.retry_job(tx, job_id))


def drop_job(tx: WriteTx, actor: Actor, job_id: int) -> QueuedJob:
    """Take a job out of the queue. Raises NotSignedIn, NotAllowed, JobNotFound."""
    require_operator(actor)
    return _audited(tx, actor, "drop", job_admin.drop_job(tx, job_id))


def run_job(tx: WriteTx, actor: Actor, kind: str) -> None:
    """Have a kind of upkeep done now that the hub does by itself from time to time. Raises NotSignedIn, NotAllowed."""
    require_operator(actor)
    tx.enqueue(Job(kind))
    audit(tx, actor, "job.run", data={"kind": kind})


def _audited(tx: WriteTx, actor: Actor, act: str, job: QueuedJob) -> QueuedJob:
    audit(tx, actor, f"job.{act}", data={"job": job.id, "kind": job.kind, "error": job.error})
    return job
