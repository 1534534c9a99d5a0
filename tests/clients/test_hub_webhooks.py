"""The newest client: webhooks; and the answers that once broke it. Source: hub-platform contract 6 and 20."""

import pytest


@pytest.fixture
def shared(ada, repo):
    """A public model of Ada's."""
    ada.run(lambda api: api.create_repo(repo) and None)
    return repo


def test_a_webhook_from_beginning_to_end(ada, eve, shared):
    def story(hf, api):
        watched = [{"type": "user", "name": "ada"}, hf.WebhookWatchedItem(type="model", name=shared)]
        made = api.create_webhook(
            url="https://example.org/hook", watched=watched, domains=["repo", "discussion"], secret="psst"
        )
        assert (made.url, made.secret, made.disabled, made.job) == (
            "https://example.org/hook",
            "psst",
            False,
            None,
        )
        assert sorted((item.type, item.name) for item in made.watched) == [("model", shared), ("user", "ada")]
        assert made.id in [hook.id for hook in api.list_webhooks()]
        assert api.get_webhook(made.id).secret is None
        # The client always sends `watched`, empty when the caller said nothing: it must not wipe the list.
        changed = api.update_webhook(made.id, domains=["discussion"])
        assert changed.domains == ["discussion"]
        assert len(changed.watched) == 2
        moved = api.update_webhook(
            made.id, url="https://example.org/new", watched=[{"type": "org", "name": "lab"}]
        )
        assert [(item.type, item.name) for item in moved.watched] == [("org", "lab")]
        assert moved.url == "https://example.org/new"
        assert api.disable_webhook(made.id).disabled is True
        assert api.enable_webhook(made.id).disabled is False
        return made.id

    def others(hf, api, hook):
        assert hook not in [one.id for one in api.list_webhooks()]
        for call in (api.get_webhook, api.disable_webhook, api.enable_webhook, api.delete_webhook):
            with pytest.raises(hf.errors.HfHubHTTPError) as refused:
                call(hook)
            assert refused.value.response.status_code == 404

    def end(hf, api, hook):
        assert api.delete_webhook(hook) is None
        with pytest.raises(hf.errors.HfHubHTTPError) as refused:
            api.get_webhook(hook)
        assert refused.value.response.status_code == 404

    hook = ada.run(story)
    eve.run(others, hook=hook)
    ada.run(end, hook=hook)


def test_a_webhook_that_makes_no_sense_is_refused_with_a_sentence(ada, nobody, shared):
    def story(hf, api):
        good = {"url": "https://example.org/", "watched": [{"type": "user", "name": "ada"}]}
        for over, status in (
            ({"watched": [{"type": "model", "name": "ada/there-is-none"}]}, 404),
            ({"watched": [{"type": "user", "name": "nobody-of-that-name"}]}, 404),
            ({"url": "ftp://example.org/"}, 400),
            ({"secret": "ü"}, 400),
        ):
            with pytest.raises(hf.errors.HfHubHTTPError) as refused:
                api.create_webhook(**(good | over))
            assert refused.value.response.status_code == status, over
            assert refused.value.server_message, over

    def stranger(hf, api):
        session = hf.utils.get_session()
        assert session.get(f"{api.endpoint}/api/settings/webhooks").status_code == 401

    ada.run(story)
    nobody.run(stranger)
