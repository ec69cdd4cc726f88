"""What the environment says: contract.md §8. Every wrong setting is told at once, in one line, with what to do."""

import os
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SecretsSettingsSource, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from streams.errors import UnusableError

_HERE = Path(__file__).resolve().parent


def _shipped_config() -> Path:
    """The configuration that ships: beside the packages in a checkout."""
    return _HERE.parent / "configs"


def _secret_file() -> Path:
    """Where the secret is kept if nobody says otherwise: the user's own configuration folder."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "safety-net-monitor" / "secret"


def credential_folders() -> list[Path]:
    """Folders in which a service manager puts settings that hold passwords, one file each: `monitor_database`.

    systemd names its own; Compose's and Kubernetes's is the fixed one. The environment goes before both.
    """
    folders = (os.environ.get("CREDENTIALS_DIRECTORY"), "/run/secrets")
    return [Path(folder) for folder in folders if folder and Path(folder).is_dir()]


class Settings(BaseSettings):
    """The `MONITOR_*` settings, with what holds where one is absent or empty."""

    model_config = SettingsConfigDict(env_prefix="MONITOR_", env_ignore_empty=True, extra="ignore", frozen=True)

    kafka: str = "127.0.0.1:9092"
    redis: str = "redis://127.0.0.1:6379/0"
    database: str = "sqlite:///monitor.db"
    config: Path = Field(default_factory=_shipped_config)
    metrics_port: int = Field(default=9464, ge=1, le=65535)
    console_port: int = Field(default=8080, ge=1, le=65535)
    secret_file: Path = Field(default_factory=_secret_file)
    host: str = "127.0.0.1"
    log: Literal["json", "text"] = "text"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment, then files of credentials."""
        return env_settings, SecretsSettingsSource(settings_cls, secrets_dir=credential_folders())

    @field_validator("kafka")
    @classmethod
    def _bootstrap_servers(cls, value: str) -> str:
        for server in value.split(","):
            host, _, port = server.strip().rpartition(":")
            if not host or not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
                raise ValueError("give bootstrap servers as HOST:PORT, several with commas between them")
        return ",".join(server.strip() for server in value.split(","))

    @field_validator("redis")
    @classmethod
    def _redis_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"redis", "rediss", "unix"} or not (parts.netloc or parts.path):
            raise ValueError("give a URL such as redis://HOST:6379/0")
        return value

    @field_validator("database")
    @classmethod
    def _database_url(cls, value: str) -> str:
        try:
            make_url(value)
        except ArgumentError as error:
            raise ValueError("give a SQLAlchemy URL such as postgresql+psycopg://USER@HOST/NAME") from error
        return value


def load() -> Settings:
    """The settings of this process's environment. Raises UnusableError that names every wrong one.

    The values themselves stay out of the message: a URL may hold a password.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = [f"MONITOR_{str(fault['loc'][0]).upper()}: {_said(fault['msg'])}" for fault in error.errors()]
        raise UnusableError("; ".join(faults)) from error


def _said(message: str) -> str:
    return message.removeprefix("Value error, ").replace("Input should", "should")
