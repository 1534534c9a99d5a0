"""What goes over the wire. Source: hub-platform contract section 3 and its gotchas; hub-core contract U3, U9, U10."""

import base64
import json
import re

import pytest
import sqlalchemy as sa
from tests.unit.web.policy import breaches

from hubkeep.community import discussions
from hubkeep.wire.shapes import speech

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def api(repo):
    return f"/api/{repo.kind.plural}/{repo.full_name}"


def payload(**files):
    lines = [{"key": "header", "value": {"summary": "Add files", "description": "About them"}}]
    for path, text in files.items():
        content = base64.b64encode(text.encode()).decode()
        lines.append({"key": "file", "value": {"path": path, "content": content, "encoding": "base64"}})
    return "".join(json.dumps(line) + "\n" for line in lines)


def propose(doors, repo, who="eve", rev="main?create_pr=1", **files):
    return doors("POST", f"{api(repo)}/commit/{rev}", who, content=payload(**(files or {"a": "1"})))


def test_opening_answers_with_number_and_address(doors):
    repo = doors.house.make_repo()
    made = doors("POST", f"{api(repo)}/discussions", "eve", json={"title": "Hello", "description": "Hi"})
    assert made.json() == {
        "num": 1,
        "url": f"http://hub.test/{repo.full_name}/discussions/1",
        "pullRequest": False,
    }
    body = {"title": "Hello", "description": "Hi", "pullRequest": True}
    made = doors("POST", f"{api(repo)}/discussions", "eve", json=body)
    assert (made.json()["num"], made.json()["references"]) == (2, {"base": "refs/heads/main"})


def test_details_have_what_clients_read(doors):
    repo = doors.house.make_repo()
    propose(doors, repo)
    shown = doors("GET", f"{api(repo)}/discussions/1?diff=1", None).json()
    assert {
        "title": "Add files",
        "num": 1,
        "status": "open",
        "isPullRequest": True,
        "repo": {"name": repo.full_name, "type": "model"},
        "filesWithConflicts": [],
        "pinned": False,
        "locked": False,
    }.items() <= shown.items()
    assert shown["changes"]["base"] == "refs/heads/main"
    assert "mergeCommitId" not in shown["changes"]
    assert shown["author"]["name"] == "eve"
    assert DATE.fullmatch(shown["createdAt"])
    comment, commit = shown["events"]
    assert (comment["type"], commit["type"]) == ("comment", "commit")
    assert (comment["data"]["edited"], comment["data"]["hidden"]) == (False, False)
    assert comment["data"]["latest"]["raw"] == "About them"
    assert comment["data"]["latest"]["html"] == "<p>About them</p>\n"
    assert DATE.fullmatch(comment["data"]["latest"]["updatedAt"])
    assert commit["data"] == {"subject": "Add files", "oid": shown["changes"]["headCommitId"]}
    assert shown["diff"].startswith("diff --git a/a b/a")
    assert "diff" not in doors("GET", f"{api(repo)}/discussions/1", None).json()


def test_somebody_who_is_gone_has_no_author_key_at_all(doors):
    """`null` would crash the client."""
    repo = doors.house.make_repo()
    doors("POST", f"{api(repo)}/discussions", "eve", json={"title": "Hello"})
    with doors.house.stores.db.write() as tx:
        tx.sql.execute(sa.text("DELETE FROM owners WHERE name = 'eve'"))
    shown = doors("GET", f"{api(repo)}/discussions/1").json()
    assert "author" not in shown
    assert "author" not in shown["events"][0]
    assert "author" not in shown["events"][0]["data"]["latest"]
    listed = doors("GET", f"{api(repo)}/discussions").json()["discussions"][0]
    assert "author" not in listed


def test_comment_ids_work_in_any_case(doors):
    repo = doors.house.make_repo()
    doors("POST", f"{api(repo)}/discussions", "eve", json={"title": "Hello"})
    made = doors("POST", f"{api(repo)}/discussions/1/comment", "eve", json={"comment": "one"})
    assert made.status_code == 201
    event = made.json()["newMessage"]
    for spelled in (event["id"].lower(), event["id"].upper()):
        url = f"{api(repo)}/discussions/1/comment/{spelled}/edit"
        edited = doors("POST", url, "eve", json={"content": f"now {spelled}"}).json()["updatedComment"]
        assert edited["data"]["edited"] is True
        assert edited["data"]["numEdits"] == len(edited["data"]["history"])
    hidden = doors("POST", f"{api(repo)}/discussions/1/comment/{event['id']}/hide", "eve").json()[
        "updatedComment"
    ]
    assert (hidden["data"]["hidden"], hidden["data"]["latest"]["raw"], hidden["data"]["history"]) == (
        True,
        "",
        [],
    )
    for wrong in ("0" * 24, "zz", "f" * 24, "1"):
        url = f"{api(repo)}/discussions/1/comment/{wrong}/edit"
        assert doors("POST", url, "eve", json={"content": "x"}).status_code == 404


def test_every_change_answers_with_the_event_that_clients_parse(doors):
    repo = doors.house.make_repo()
    base = f"{api(repo)}/discussions"
    doors("POST", base, "eve", json={"title": "Hello"})
    title = doors("POST", f"{base}/1/title", "eve", json={"title": "Bye"}).json()["newTitle"]
    assert title["data"] == {"from": "Hello", "to": "Bye"}
    status = doors("POST", f"{base}/1/status", "eve", json={"status": "closed", "comment": "done"}).json()[
        "newStatus"
    ]
    assert status["data"] == {"status": "closed"}
    assert doors("POST", f"{base}/1/pin", json={"pinned": True}).json() == {"pinned": True}
    assert doors("POST", f"{base}/1/lock", json={"locked": True}).json() == {"locked": True}
    assert doors("POST", f"{base}/1/mute", "eve", json={"muted": True}).json() == {"muted": True}
    kinds = [event["type"] for event in doors("GET", f"{base}/1").json()["events"]]
    assert kinds == [
        "comment",
        "title-change",
        "comment",
        "status-change",
        "pinning-change",
        "locking-change",
    ]


def test_reactions_over_the_wire(doors):
    repo = doors.house.make_repo()
    base = f"{api(repo)}/discussions"
    doors("POST", base, "eve", json={"title": "Hello"})
    event = doors("GET", f"{base}/1").json()["events"][0]["id"]
    url = f"{base}/1/comment/{event}/reaction"
    shown = doors("POST", url, json={"reaction": "heart"}).json()["updatedComment"]
    assert shown["data"]["reactions"] == [{"reaction": "heart", "users": ["ada"], "count": 1}]
    assert doors("GET", base).json()["discussions"][0]["topReactions"] == [{"reaction": "heart", "count": 1}]
    shown = doors("POST", url, json={"reaction": "heart", "on": False}).json()["updatedComment"]
    assert shown["data"]["reactions"] == []
    assert doors("POST", url, json={"reaction": "nope"}).status_code == 400


def test_the_list_pages_as_clients_count(doors):
    repo = doors.house.make_repo()
    for number in range(53):
        doors.house.discuss(repo, title=f"Topic {number}")
    base = f"{api(repo)}/discussions"
    first, second = doors("GET", base, None).json(), doors("GET", f"{base}?p=1", None).json()
    assert (first["count"], first["start"], len(first["discussions"])) == (53, 0, 50)
    assert (second["count"], second["start"], len(second["discussions"])) == (53, 50, 3)
    assert first["discussions"][0]["title"] == "Topic 52"
    assert first["numClosedDiscussions"] == 0
    for query in (
        "type=all&status=all",
        "type=discussion&status=open&author=ada",
        "search=topic&sort=trending",
    ):
        assert doors("GET", f"{base}?{query}", None).json()["count"] == 53
    assert doors("GET", f"{base}?type=pull_request", None).json() | {"numClosedDiscussions": 0} == {
        "discussions": [],
        "count": 0,
        "start": 0,
        "numClosedDiscussions": 0,
    }


@pytest.mark.parametrize("query", ["p=-1", "p=x", "p=9999999999", "type=x", "status=merged", "sort=x", "p=٣"])
def test_wrong_queries_name_their_field(doors, query):
    repo = doors.house.make_repo()
    answer = doors("GET", f"{api(repo)}/discussions?{query}", None)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(query.partition("=")[0])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("discussions", {"title": "ok then", "unknown": 1}),
        ("discussions", {"description": "no title"}),
        ("discussions", {"title": 3}),
        ("discussions", {"title": "ok then", "base": "main"}),
        ("discussions/1/status", {"status": "merged"}),
        ("discussions/1/comment", {}),
        ("discussions/1/comment", []),
        ("discussions/1/pin", {"pinned": "maybe"}),
    ],
)
def test_wrong_bodies_are_refused_with_a_json_object(doors, path, body):
    repo = doors.house.make_repo()
    doors.house.discuss(repo)
    answer = doors("POST", f"{api(repo)}/{path}", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_private_looks_missing_and_strangers_are_asked_to_sign_in(doors):
    hidden = doors.house.make_repo(private=True)
    doors.house.discuss(hidden)
    for method, path in (
        ("GET", ""),
        ("POST", ""),
        ("GET", "/1"),
        ("POST", "/1/comment"),
        ("POST", "/1/merge"),
    ):
        body = {"title": "hello", "comment": "hello"} if method == "POST" else None
        body = {"comment": "hello"} if path.endswith(("comment", "merge")) else body and {"title": "hello"}
        for who, status in ((None, 401), ("eve", 404)):
            answer = doors(method, f"{api(hidden)}/discussions{path}", who, json=body)
            assert (answer.status_code, answer.headers["X-Error-Code"]) == (status, "RepoNotFound")
    repo = doors.house.make_repo()
    answer = doors("POST", f"{api(repo)}/discussions", None, json={"title": "hello"})
    assert answer.status_code == 401
    assert "X-Error-Code" not in answer.headers
    answer = doors("POST", f"{api(repo)}/discussions", "reader", json={"title": "hello"})
    assert answer.status_code == 403


def test_a_commit_with_create_pr_answers_with_an_address_that_ends_in_the_number(doors):
    repo = doors.house.make_repo()
    made = propose(doors, repo).json()
    assert re.fullmatch(r".*/discussions/1", made["pullRequestUrl"])
    assert made["commitUrl"] == f"http://hub.test/{repo.full_name}/commit/{made['commitOid']}"
    shown = doors("GET", f"{api(repo)}/refs?include_prs=1", None).json()
    assert shown["pullRequests"] == [{"name": "1", "ref": "refs/pr/1", "targetCommit": made["commitOid"]}]
    assert "pullRequests" not in doors("GET", f"{api(repo)}/refs", None).json()


def test_preupload_and_commits_to_a_pull_request_are_open_to_its_author_only(doors):
    repo = doors.house.make_repo()
    files = {"files": [{"path": "a", "size": 1, "sample": "YQ=="}]}
    assert doors("POST", f"{api(repo)}/preupload/main", "eve", json=files).status_code == 403
    assert doors("POST", f"{api(repo)}/preupload/main?create_pr=1", "eve", json=files).status_code == 200
    assert doors("POST", f"{api(repo)}/preupload/main?create_pr=1", None, json=files).status_code == 401
    assert doors("POST", f"{api(repo)}/preupload/main?create_pr=1", "reader", json=files).status_code == 403
    propose(doors, repo)
    for rev in ("refs%2Fpr%2F1", "refs/pr/1"):
        assert doors("POST", f"{api(repo)}/preupload/{rev}", "eve", json=files).status_code == 200
        assert doors("POST", f"{api(repo)}/preupload/{rev}", "rob", json=files).status_code == 403
        assert propose(doors, repo, "eve", rev, **{rev[5:6] + "x": "1"}).status_code == 200
        assert propose(doors, repo, "rob", rev).status_code == 403
        assert propose(doors, repo, None, rev).status_code == 401
    assert propose(doors, repo, "eve", "refs%2Fpr%2F7").headers["X-Error-Code"] == "RevisionNotFound"


def test_a_proposal_is_refused_before_its_body_is_read(doors):
    repo = doors.house.make_repo()
    assert propose(doors, repo, None).status_code == 401
    assert propose(doors, repo, "reader").status_code == 403
    doors("PUT", f"{api(repo)}/settings", json={"discussionsDisabled": True})
    answer = propose(doors, repo)
    assert (answer.status_code, answer.json()["error"]) == (
        403,
        f"Discussions are disabled in {repo.full_name}.",
    )


def test_merging_with_and_without_a_body(doors):
    repo = doors.house.make_repo()
    for number, body in ((1, None), (2, {"comment": "Thanks"})):
        propose(doors, repo, **{f"f{number}": "x"})
        url = f"{api(repo)}/discussions/{number}"
        merged = doors("POST", f"{url}/merge", json=body) if body else doors("POST", f"{url}/merge")
        assert merged.status_code == 200
        shown = doors("GET", url).json()
        assert (shown["status"], shown["changes"]["mergeCommitId"]) == (
            "merged",
            merged.json()["mergeCommitId"],
        )
    assert doors("POST", f"{api(repo)}/discussions/1/merge").status_code == 409


def test_conflicts_are_a_list_of_paths(doors):
    repo = doors.house.make_repo()
    propose(doors, repo, same="theirs\n")
    propose(doors, repo, "ada", "main", same="ours\n")
    assert doors("GET", f"{api(repo)}/discussions/1").json()["filesWithConflicts"] == ["same"]
    refused = doors("POST", f"{api(repo)}/discussions/1/merge")
    assert (refused.status_code, "same" in refused.json()["error"]) == (409, True)


def test_settings_switch_discussions_off_and_on(doors):
    repo = doors.house.make_repo()
    shown = doors(
        "PUT", f"{api(repo)}/settings", json={"discussionsDisabled": True, "discussionsSorting": "trending"}
    )
    assert {"discussionsDisabled": True, "discussionsSorting": "trending"}.items() <= shown.json().items()
    assert doors("GET", f"{api(repo)}/discussions", None).status_code == 403
    doors("PUT", f"{api(repo)}/settings", json={"discussionsDisabled": False})
    assert doors("GET", f"{api(repo)}/discussions", None).status_code == 200
    assert doors("PUT", f"{api(repo)}/settings", "eve", json={"discussionsDisabled": True}).status_code == 403


def test_storage_ref_and_whole_diff_of_a_pull_request(doors):
    repo = doors.house.make_repo()
    propose(doors, repo, a="12345")
    url = f"{api(repo)}/discussions/1"
    assert doors("GET", f"{url}/storage").json() == {"estimatedStorage": 5, "refDeleted": False}
    diff = doors("GET", doors("GET", url).json()["diffUrl"].removeprefix("http://hub.test"))
    assert diff.headers["Content-Type"].startswith("text/plain")
    assert "+12345" in diff.text
    assert doors("DELETE", f"{url}/ref").status_code == 409
    doors("POST", f"{url}/status", json={"status": "closed"})
    assert doors("DELETE", f"{url}/ref", "eve").status_code == 200
    assert doors("GET", url).json()["changes"]["refDeleted"] is True
    assert doors("GET", f"{url}/diff").text == ""
    assert doors("DELETE", url, "eve").status_code == 403
    assert doors("DELETE", url).status_code == 200
    assert doors("GET", url).status_code == 404


def test_many_events_come_in_pages_that_link_to_the_next(doors):
    repo = doors.house.make_repo()
    doors.house.discuss(repo)
    for number in range(5):
        doors("POST", f"{api(repo)}/discussions/1/comment", json={"comment": f"n{number}"})
    seen, url = [], f"{api(repo)}/discussions/1?limit=4"
    while url:
        answer = doors("GET", url, None)
        seen += [event["data"]["latest"]["raw"] for event in answer.json()["events"]]
        link = answer.headers.get("Link")
        url = link and link.partition(">")[0].removeprefix("<http://hub.test")
    assert seen == ["Why?", "n0", "n1", "n2", "n3", "n4"]


def html_of(doors, repo, text):
    doors.house.discuss(repo, text=text)
    latest = doors("GET", f"{api(repo)}/discussions/1").json()["events"][0]["data"]["latest"]
    assert latest["raw"] == text
    return latest["html"]


def test_html_of_a_comment_is_markdown_that_can_do_nothing(doors):
    text = "<script>alert(1)</script>\n\n**next** & [last](javascript:alert(1))<img src=x onerror=alert(1)>"
    html = html_of(doors, doors.house.make_repo(), text)
    assert breaches(html) == []
    assert "<strong>next</strong> &amp; [last]" in html


def test_html_of_a_comment_leads_to_whole_addresses(doors):
    repo = doors.house.make_repo()
    html = html_of(doors, repo, "@eve: #1 is in [the card](README.md), ![](a.png), [hers](/eve), `@eve`")
    here = f"http://hub.test/{repo.full_name}"
    assert '<a class="spoken" href="http://hub.test/eve">@eve</a>' in html
    assert f'href="{here}/discussions/1">#1</a>' in html
    assert f'href="{here}/blob/main/README.md"' in html
    assert f'src="{here}/resolve/main/a.png"' in html
    assert re.search(r'<a href="http://hub.test/eve"[^>]*>hers</a>', html)
    assert "<code>@eve</code>" in html


def test_html_does_not_tell_of_discussions_that_the_reader_may_not_see(doors):
    secret, repo = doors.house.make_repo(private=True), doors.house.make_repo()
    doors.house.discuss(secret)
    doors.house.discuss(repo, text=f"see {secret.full_name}#1")
    for who, told in (("ada", True), ("eve", False), (None, False)):
        event = doors("GET", f"{api(repo)}/discussions/1", who).json()["events"][0]
        assert ("href=" in event["data"]["latest"]["html"]) is told


def test_answers_to_a_comment_and_its_older_texts_are_html_too(doors):
    repo = doors.house.make_repo()
    doors.house.discuss(repo)
    made = doors("POST", f"{api(repo)}/discussions/1/comment", json={"comment": "*one* @eve"}).json()[
        "newMessage"
    ]
    assert made["data"]["latest"]["html"].startswith("<p><em>one</em> <a ")
    there = f"{api(repo)}/discussions/1/comment/{made['id']}"
    changed = doors("POST", f"{there}/edit", json={"content": "*two*"}).json()["updatedComment"]
    assert changed["data"]["latest"]["html"] == "<p><em>two</em></p>\n"
    shown = doors("GET", f"{api(repo)}/discussions/1").json()["events"][1]["data"]
    assert "<em>one</em>" in shown["history"][0]["html"]
    hidden = doors("POST", f"{there}/hide").json()["updatedComment"]
    assert hidden["data"]["latest"]["html"] == ""


def test_a_discussion_with_more_text_than_can_be_read_as_markdown_ends_letter_by_letter(doors, monkeypatch):
    monkeypatch.setattr(speech, "MOST", 3 * (speech.EACH + 7))
    repo = doors.house.make_repo()
    doors.house.discuss(repo, text="**a** 0")
    for number in range(1, 5):
        doors.house.on(discussions.comment, doors.house.eve, repo, 1, f"**a** {number}")
    events = doors("GET", f"{api(repo)}/discussions/1").json()["events"]
    told = [event["data"]["latest"]["html"].strip() for event in events]
    assert told == [
        *(f"<p><strong>a</strong> {number}</p>" for number in range(3)),
        *(f"<p>**a** {number}</p>" for number in range(3, 5)),
    ]
