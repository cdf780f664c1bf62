"""Where the database is, and how patient guildmap is with it."""

from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from graph.sentences import tell


class TomlSettings(BaseSettings):
    """Settings from, in falling order: arguments, environment, `.env`, a TOML file (`guildmap.toml`)."""

    model_config = SettingsConfigDict(
        env_prefix="GUILDMAP_", env_file=".env", toml_file="guildmap.toml", extra="ignore"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, dotenv_settings, TomlConfigSettingsSource(settings_cls)


class DatabaseSettings(TomlSettings):
    """Times are in seconds.

    The driver's own defaults wait 45 to 124 s on a dead network; the ones here fail within a few seconds.
    """

    data_dir: Path = Field(
        default_factory=lambda: user_data_path("guildmap", appauthor=False),
        description=tell("holds the embedded database, caches and rejected rows"),
    )
    neo4j_uri: str | None = Field(None, description=tell("a Neo4j to use in place of the embedded one"))
    neo4j_user: str = Field("neo4j", description=tell("user at GUILDMAP_NEO4J_URI"))
    neo4j_password: SecretStr = Field(SecretStr(""), description=tell("password at GUILDMAP_NEO4J_URI"))
    neo4j_database: str = Field("neo4j", description=tell("database name; one organisation a database"))
    suppression_secret: SecretStr | None = Field(
        None,
        description=tell("secret by which who was erased is known again; unset: `suppression.key` in the data folder"),
    )
    connection_timeout: float = Field(1.0, gt=0, description=tell("seconds to open one connection"))
    acquisition_timeout: float = Field(5.0, gt=0, description=tell("seconds to get a connection from the pool"))
    retry_time: float = Field(8.0, ge=0, description=tell("seconds in which a transient failure is tried again"))
    query_timeout: float = Field(30.0, gt=0, description=tell("seconds after which the server gives a read up"))
    write_timeout: float = Field(120.0, gt=0, description=tell("seconds after which the server gives a write up"))
    deadline: float = Field(60.0, gt=0, description=tell("seconds for one request as a whole, retries included"))
    pool_size: int = Field(50, gt=0, description=tell("most connections a process holds"))
    liveness_check: float = Field(30.0, ge=0, description=tell("idle seconds after which a connection is tested"))
    embedded_heap: str = Field("768m", pattern=r"^\d+[kmg]$", description=tell("heap of the embedded database"))
    embedded_page_cache: str = Field(
        "256m", pattern=r"^\d+[kmg]$", description=tell("page cache of the embedded database")
    )
    embedded_idle_minutes: float = Field(
        5.0, gt=0, description=tell("minutes without a client after which the embedded database stops itself")
    )
    embedded_start_timeout: float = Field(
        120.0, gt=0, description=tell("seconds to wait for the embedded database to come up")
    )
    transaction_log_days: int = Field(
        2,
        ge=0,
        le=365,
        description=tell("days for which the embedded database keeps its transaction logs; 0: as few as it can"),
    )
    keep_left_days: int = Field(
        0,
        ge=0,
        le=36_500,
        description=tell("days after which people who left are erased; 0: only when somebody does it"),
    )
    keep_event_days: int = Field(
        730, ge=0, le=36_500, description=tell("days after which the change log tells no more who did what; 0: never")
    )
    keep_pulse_days: int = Field(
        1_095, ge=0, le=36_500, description=tell("days after which answers to the pulse go; 0: never")
    )
    keep_rejects_days: int = Field(
        30, ge=0, le=36_500, description=tell("days after which files of rejected rows go; 0: never")
    )
    keep_log_days: int = Field(
        30, ge=0, le=36_500, description=tell("days after which logs of the embedded database go; 0: never")
    )
    keep_backup_days: int = Field(
        90, ge=0, le=36_500, description=tell("days after which backups in GUILDMAP_BACKUP_FOLDER go; 0: never")
    )
    backup_folder: Path | None = Field(
        None, description=tell("where backups are kept that are to expire; unset: guildmap deletes none")
    )

    @property
    def rejects_folder(self) -> Path:
        return self.data_dir / "rejects"
