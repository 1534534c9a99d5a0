"""One real hub for the whole tier. Needs no network beyond 127.0.0.1."""

from tests.clients.harness.fixtures import ada as ada
from tests.clients.harness.fixtures import bob as bob
from tests.clients.harness.fixtures import client as client
from tests.clients.harness.fixtures import clients as clients
from tests.clients.harness.fixtures import eve as eve
from tests.clients.harness.fixtures import fresh as fresh
from tests.clients.harness.fixtures import git as git
from tests.clients.harness.fixtures import hub as hub
from tests.clients.harness.fixtures import nobody as nobody
from tests.clients.harness.fixtures import node as node
from tests.clients.harness.fixtures import pytest_runtest_makereport as pytest_runtest_makereport
from tests.clients.harness.fixtures import remember_log_position as remember_log_position
from tests.clients.harness.fixtures import repo as repo
from tests.clients.harness.fixtures import tokens as tokens
