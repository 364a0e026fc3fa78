"""What the environment decides. A process with a wrong setting does not start; it names the variable and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class SettingsError(Exception):
    """The settings are wrong."""

    def __init__(self, problems: dict[str, str]) -> None:
        """Take a reason per environment variable."""
        self.problems = problems
        lines = [f"  {name}: {reason}" for name, reason in problems.items()]
        super().__init__("\n".join(["These settings must be put right first:", *lines]))


def _url(*schemes: str) -> AfterValidator:
    def check(url: str) -> str:
        try:
            scheme = urlsplit(url).scheme
        except ValueError:
            scheme = ""  # its message repeats the address, with the password in it
        if scheme not in schemes:
            message = f"must start with {' or '.join(f'{s}://' for s in schemes)}"
            raise ValueError(message)
        return url

    return AfterValidator(check)


DatabaseUrl = Annotated[str, _url("postgresql")]
LogUrl = Annotated[str, _url("postgresql", "kafka")]
MailUrl = Annotated[str, _url("smtp", "smtps", "folder")]


class Settings(BaseSettings):
    """Every variable starts with ``HTO_``: ``HTO_LOG_URL`` is ``log_url``."""

    model_config = SettingsConfigDict(env_prefix="HTO_", extra="ignore", frozen=True)

    environment: Literal["development", "production"] = "development"
    database_url: DatabaseUrl
    """``postgresql://user:password@host:5432/hto_{service}``: ``{service}`` becomes each service's name."""
    log_url: LogUrl
    """``kafka://host:9092[,host:9092]`` or ``postgresql://…/hto_log``."""
    issuers: Annotated[tuple[str, ...], NoDecode] = ()
    """Allow-list of token issuers (comma-separated): their discovery documents tell where the keys are."""
    audience: str = "hto"
    mail_url: MailUrl = "folder://mail"
    mail_sender: str = "noreply@hto.example"
    oin: str = Field(default="00000003123456780000", pattern=r"^\d{20}$")
    """The programme's organisation number, in every event's ``source``."""
    data_dir: Path = Path(".hto")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    """A worker serves its health and metrics here; without it, nowhere."""
    public_url: str = "http://localhost:8000"
    pool_size: int = Field(default=10, ge=2, le=200)
    test_clock: bool = False
    """Lets ``hto clock`` move business time. Refused in production."""
    webhook_allow: Annotated[tuple[str, ...], NoDecode] = ()
    """Hosts to which webhooks may go although they are not public (comma-separated ``host:port``)."""
    cors_allow: Annotated[tuple[str, ...], NoDecode] = ()
    rate_limit: str = "600/minute"
    otlp_url: str | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("issuers", "webhook_allow", "cors_allow", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:  # noqa: N804 - pydantic hands the instance
        if self.environment == "production" and self.test_clock:
            raise ValueError("HTO_TEST_CLOCK moves time for tests and demonstrations and is refused in production")
        if self.environment == "production" and not self.issuers:
            raise ValueError("HTO_ISSUERS must name at least one token issuer in production")
        return self

    def database_of(self, service: str) -> str:
        """Return the plain ``postgresql://`` address of one service's database."""
        return self.database_url.replace("{service}", service)


def load(**overrides: object) -> Settings:
    """Read the environment; ``overrides`` win.

    Raises:
        SettingsError: every wrong or missing variable with its reason.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = {
            _variable(fault["loc"], fault["msg"]): fault["msg"].removeprefix("Value error, ")
            for fault in error.errors()
        }
        raise SettingsError(problems) from None


def _variable(where: tuple[int | str, ...], message: str) -> str:
    """Name the variable at fault; what concerns two of them names the one in its message."""
    if where:
        return f"HTO_{where[0]}".upper()
    return next((word for word in message.split() if word.startswith("HTO_")), "HTO_ENVIRONMENT")
