"""The queue of background work, for operators."""

from collections.abc import Callable, Sequence
from functools import partial

from starlette.routing import Route

from hubkeep import accounts, repos
from hubkeep.accounts import Actor
from hubkeep.kit import BadInput, ReadTx
from hubkeep.kit.job_admin import JobState, QueuedJob
from hubkeep.web import urls
from hubkeep.web.admin_desk import PAGE, operating, operators
from hubkeep.web.answer import Answer, Page, Redirect
from hubkeep.web.asked import Asked
from hubkeep.web.endpoint import form
from hubkeep.web.ids import chosen_number, place

HERE = "/-/jobs"


def show(tx: ReadTx, actor: Actor, asked: Asked) -> Answer:
    """List jobs; those that were given up first of all."""
    wanted = asked.query.get("state", "")
    state = JobState(wanted) if wanted in set(JobState) else None
    after = place(asked.query.get("after", ""), "after") or 0
    found, counts = accounts.queued_jobs(tx, actor, state, after=after, limit=PAGE + 1)
    shown = found[:PAGE]
    more = urls.with_query(HERE, state=wanted, after=str(shown[-1].id)) if len(found) > PAGE else ""
    facts = {
        "jobs": shown,
        "title": accounts.job_title,
        "about": _about(tx, shown),
        "counts": counts,
        "state": state,
        "states": {
            None: "All",
            JobState.FAILED: "Given up",
            JobState.TRIED: "Tried",
            JobState.WAITING: "Waiting",
        },
        "first": urls.with_query(HERE, state=wanted) if after else "",
        "next": more,
        "did": asked.query.get("done", ""),
    }
    return Page("pages/admin_jobs.html", facts)


def _about(tx: ReadTx, jobs: Sequence[QueuedJob]) -> dict[int, str]:
    """Return the name of the repository or the person that a job is about, of the jobs that name one."""
    named: dict[str, Callable[[list[int]], dict[int, str]]] = {
        "repo_id": partial(repos.names_of, tx),
        "user_id": lambda ids: {each.id: each.name for each in accounts.owners_known(tx, ids).values()},
    }
    found: dict[int, str] = {}
    for field, names in named.items():
        numbers = {job.id: job.args[field] for job in jobs if isinstance(job.args.get(field), int)}
        known = names(sorted(set(numbers.values()))) if numbers else {}
        found |= {job: known[number] for job, number in numbers.items() if number in known}
    return found


async def act(asked: Asked) -> Redirect:
    """Try a job again, or drop it."""
    verbs = {"retry": accounts.retry_job, "drop": accounts.drop_job}
    do = asked.value("do")
    if do not in verbs:
        raise BadInput(field="do", reason="must be retry or drop")
    await asked.hub.write(verbs[do], asked.caller, chosen_number(asked.value("job"), "job"))
    return Redirect(urls.with_query(HERE, state=asked.value("state"), done=do))


routes = [Route(HERE, form(operators(show), operating(act)), methods=["GET", "POST"])]
