from hubkeep.web.api_page import Call, calls_of


def test_the_calls_of_an_api_are_listed_with_what_they_do():
    schema = {
        "paths": {
            "/api/{kind}/{ns}/{name}/tree/{rev}": {
                "get": {"description": "List the root folder.\n\nSource: a contract."}
            },
            "/api/repos/create": {
                "post": {"description": "Create it. Source: a contract."},
                "parameters": [],
            },
            "/api/{kind}": {"get": {}},
        }
    }
    assert calls_of(schema) == [
        Call("POST", "/api/repos/create", "Create it."),
        Call("GET", "/api/{kind}", ""),
        Call("GET", "/api/{kind}/{ns}/{name}/tree/{rev}", "List the root folder."),
    ]


def test_the_page_of_the_api_needs_nothing_from_other_hosts(site):
    html = site.browser().page("/docs")
    assert "/openapi.json" in html
    assert 'src="http' not in html
