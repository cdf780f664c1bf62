"""Settings of the whole, and where each one in force comes from."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import SettingsError, TomlConfigSettingsSource

from graph.errors import InvalidInput
from graph.sentences import tell
from graph.settings import DatabaseSettings

PREFIX = "GUILDMAP_"

# Those of `matcher.backends`, which is not imported for a command that needs no model.
Backend = Literal["auto", "torch", "torch-bfloat16", "onnx", "openvino", "openvino-bfloat16", "openvino-int8"]


class Settings(DatabaseSettings):
    model: str | None = Field(
        None,
        description=tell("a sentence-transformers model, by name or folder; unset: the packaged all-MiniLM-L6-v2"),
    )
    backend: Backend = Field(
        "auto",
        description=tell(
            "how the model is run: `auto` (the fastest installed that gives its vectors), torch, or exported "
            "to ONNX Runtime or OpenVINO (extras `onnx`, `openvino`); int8 gives vectors of its own"
        ),
    )
    source_order: list[str] = Field(
        default_factory=list, description=tell("sources whose word counts, strongest first (a JSON list)")
    )

    auth: Literal["local", "keys", "oidc"] = Field(
        "local",
        description=tell(
            "who may use the service: `local` (this machine only, everybody is admin), `keys` (API keys), or "
            "`oidc` (API keys, and people by their identity provider)"
        ),
    )
    public_url: str | None = Field(
        None, description=tell("address at which people reach the service, as `https://guildmap.example.org`")
    )
    oidc_issuer: str | None = Field(
        None, description=tell("the identity provider (OpenID Connect), by its issuer address")
    )
    oidc_client_id: str | None = Field(None, description=tell("as which the service is registered there"))
    oidc_client_secret: SecretStr | None = Field(None, description=tell("its secret there; unset: a public client"))
    oidc_scope: str = Field("openid profile email", description=tell("what is asked for at sign-in"))
    oidc_audience: str | None = Field(
        None, description=tell("audience of bearer tokens (JWT) for the API; unset: none are taken")
    )
    oidc_algorithms: list[Literal["RS256", "PS256", "ES256", "ES384", "EdDSA"]] = Field(
        default=["RS256", "ES256"], min_length=1, description=tell("signatures that are taken, as a JSON list")
    )
    oidc_person_claim: str = Field("email", description=tell("claim that tells which person it is"))
    oidc_person_is: Literal["id", "email"] = Field(
        "email", description=tell("what that claim holds: a person's id or e-mail")
    )
    oidc_email_trusted: bool = Field(
        False, description=tell("whether an e-mail address counts that the provider does not call verified")
    )
    oidc_role_claim: str | None = Field(
        None, description=tell("claim that holds roles, as `roles` or `realm_access.roles`; unset: they are given here")
    )
    oidc_manager_value: str = Field(
        "knowledge_manager", description=tell("what makes a knowledge manager in that claim")
    )
    oidc_admin_value: str = Field("admin", description=tell("what makes an admin in that claim"))
    session_hours: float = Field(12, gt=0, le=24 * 30, description=tell("hours after which one signs in again"))
    trusted_proxies: str = Field(
        "127.0.0.1", description=tell("addresses of proxies whose X-Forwarded-For is believed, separated by commas")
    )
    person_rate: int = Field(600, ge=0, description=tell("requests a minute by one person or key; 0: no limit"))
    address_rate: int = Field(6_000, ge=0, description=tell("requests a minute from one address; 0: no limit"))
    scim_groups: Literal["units", "communities"] = Field(
        "units", description=tell("what groups are that an identity provider pushes: units of people, or communities")
    )
    host: str = Field("127.0.0.1", description=tell("address that the service listens at"))
    port: int = Field(8410, ge=0, le=65535, description=tell("port that the service listens at; 0: any free one"))
    workers: int = Field(
        1,
        ge=1,
        le=64,
        description=tell("processes that answer; several share the memory of what they answer from"),
    )
    request_deadline: float = Field(10.0, gt=0, description=tell("seconds after which a request is given up"))
    body_limit: int = Field(1_000_000, gt=0, description=tell("bytes that the body of a request may have"))
    request_limit: int = Field(100, gt=0, description=tell("requests that are worked on at one time"))
    follow_seconds: float = Field(
        1.0, gt=0, description=tell("seconds between two looks for changes by other processes")
    )
    audit_period: int = Field(
        365,
        ge=1,
        le=10_000,
        description=tell("days without meeting, question, advice or joining after which one is dormant"),
    )
    self_erasure: bool = Field(
        False, description=tell("whether people may erase themselves; otherwise they ask, and an admin does it")
    )
    engagement_observed: bool = Field(
        False, description=tell("whether people are shown, each alone, how deep they took part by what they did")
    )
    pulse_every: int = Field(
        1,
        ge=0,
        le=40,
        description=tell("quarters from one anonymous question to a person to the next; 0: none is asked"),
    )
    power_reports: bool = Field(
        False,
        description=tell("whether leads and knowledge managers see talk and advice by grade and reporting line"),
    )
    core_group: int = Field(
        3, ge=1, le=100, description=tell("people who are to be committed to lead before a community is formed")
    )
    smtp_host: str | None = Field(None, description=tell("mail server that digests are sent by; unset: none are sent"))
    smtp_port: int = Field(587, ge=1, le=65535, description=tell("port of the mail server"))
    smtp_user: str | None = Field(None, description=tell("name to log in with at the mail server; unset: no login"))
    smtp_password: SecretStr | None = Field(None, description=tell("password to log in with at the mail server"))
    smtp_from: str | None = Field(None, description=tell("address that digests come from, as `guildmap@example.org`"))
    smtp_tls: Literal["starttls", "implicit", "none"] = Field(
        "starttls",
        description=tell("how the connection to the mail server is encrypted (implicit: from its first byte)"),
    )
    log_format: Literal["auto", "json", "pretty"] = Field(
        "auto", description=tell("log lines of the service; auto: pretty on a terminal, else JSON")
    )

    @property
    def embedding_cache(self) -> Path:
        return self.data_dir / "cache" / "embeddings.sqlite"


@dataclass(frozen=True)
class SettingInForce:
    name: str  # of the environment variable
    value: str  # secrets masked
    origin: str
    description: str


def load() -> Settings:
    """Raises InvalidInput naming the variable, where a setting cannot be used."""
    try:
        return Settings.model_validate({})
    except ValidationError as error:
        problems = "; ".join(
            f"{PREFIX}{'_'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
            for problem in error.errors(include_url=False, include_input=False)
        )
        raise InvalidInput(f"A setting cannot be used: {problems}. See `guildmap config`.") from None
    except (SettingsError, RecursionError) as error:
        # A list that is no JSON, or one within one without end.
        raise InvalidInput(f'A setting cannot be used: {error}. Lists are JSON, as `["a", "b"]`.') from None


def in_force(settings: Settings) -> list[SettingInForce]:
    """Every setting with its value and origin: environment, .env, guildmap.toml or default."""
    dotenv = {name.upper() for name in dotenv_values(".env")}
    toml = set(TomlConfigSettingsSource(Settings)())
    found: list[SettingInForce] = []
    for name, info in Settings.model_fields.items():
        variable = PREFIX + name.upper()
        if variable in os.environ or variable.lower() in os.environ:
            origin = "environment"
        elif variable in dotenv:
            origin = ".env"
        elif name in toml:
            origin = "guildmap.toml"
        else:
            origin = "default"
        value = getattr(settings, name)
        shown = ("(set)" if value.get_secret_value() else "") if isinstance(value, SecretStr) else str(value)
        found.append(SettingInForce(variable, "" if value is None else shown, origin, info.description or ""))
    return found
