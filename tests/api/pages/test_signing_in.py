"""Signing in, forms, and signing out again, in a real browser, by a real identity provider."""

from typing import Any

import httpx
import pytest
from oidc_provider_mock import User

from api.middleware import SEEN
from graph.database import Database
from graph.writes.facts import create_by_hand
from tests.api.identity.provider import running, sign_in_settings
from tests.api.serving import served
from tests.bench.recommend_http import free_port

ANN = User(sub="ann", claims={"email": "ann@x.example", "email_verified": True})


@pytest.fixture
def people(database: Database) -> Database:
    fields = {"name": "Ann Berg", "email": "ann@x.example"}
    database.write(lambda tx: create_by_hand(tx, "person", "ann", fields, at="2026-01-01T00:00:00.000Z", order=()))
    return database


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_somebody_signs_in_changes_something_and_signs_out(chromium: Any, people: Database, scripts: bool) -> None:
    port = free_port()
    here = f"http://localhost:{port}"
    with running(ANN) as provider, served(people, port=port, **sign_in_settings(provider, public_url=here)) as client:
        context = chromium.new_context(base_url=here, java_script_enabled=scripts)
        page = context.new_page()
        page.goto("/me")
        page.wait_for_url(f"{provider.issuer}/oauth2/authorize*")
        page.locator("input[name=sub]").fill("ann")
        page.get_by_role("button", name="Authorize").click()
        page.wait_for_url(f"{here}/me")
        assert "Ann Berg" in page.locator("header").first.inner_text()

        page.get_by_label("What I do, in my own words").fill("I bake.")
        page.get_by_role("button", name="Save").click()
        page.wait_for_url(f"{here}/me?done=saved")
        assert page.get_by_label("What I do, in my own words").input_value() == "I bake."

        session = {one["name"]: one["value"] for one in context.cookies()}
        # What a page of another site could send: the cookie goes along, the token of the form does not.
        cookies = "; ".join(f"{name}={value}" for name, value in session.items())
        forged = client.post("/me/profile", data={"bio": "I steal.", "version": "*"}, headers={"Cookie": cookies})
        assert forged.status_code == 403
        page.reload()
        assert page.get_by_label("What I do, in my own words").input_value() == "I bake."

        page.locator("summary", has_text="Ann Berg").click()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{here}/signed-out")
        assert [one["name"] for one in context.cookies(here) if not one["name"].endswith(SEEN)] == []
        page.goto("/me")
        page.wait_for_url(f"{provider.issuer}/oauth2/authorize*")
        assert httpx.get(f"{here}/v1/me", headers={"Cookie": cookies}).status_code == 401, "the session is over"
        context.close()
