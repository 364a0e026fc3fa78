"""What the environment decides. A process with a wrong setting does not start; it names the variable and why."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.headerregistry import Address
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import limits
from pydantic import AfterValidator, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from common.production import why_unsafe


class SettingsError(Exception):
    """The settings are wrong."""

    def __init__(self, problems: dict[str, str]) -> None:
        """Take a reason per environment variable."""
        self.problems = problems
        lines = [f"  {name}: {reason}" for name, reason in problems.items()]
        super().__init__("\n".join(["These settings must be put right first:", *lines]))


def check_address(url: str, *schemes: str) -> str:
    """Return an address that has one of the schemes, and hosts and ports that can be.

    Raises:
        ValueError: it has not; nothing of it is repeated, since a password may stand in it.
    """
    scheme, _, rest = url.partition("://")
    if scheme not in schemes:
        message = f"must start with {' or '.join(f'{s}://' for s in schemes)}"
        raise ValueError(message)
    if scheme == "folder" or (scheme == "postgresql" and rest.startswith("/")):
        return url  # a file, and a socket that is one: there is no host
    try:
        urlsplit(url)  # it knows more that cannot be in a host's name
        hosts = [_HOST.fullmatch(host) for host in re.split("[/?#]", rest)[0].rpartition("@")[2].split(",")]
    except ValueError:
        hosts = [None]
    if not all(host and _can_be(host["port"]) for host in hosts):
        message = f"must be {scheme}://host:port, with a port from 1 to 65535"
        raise ValueError(message)
    return url


_HOST: Final = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[^\s:\[\]]+)(?::(?P<port>[0-9]{1,5}))?")


def _can_be(port: str | None) -> bool:
    return port is None or 0 < int(port) <= _LAST_PORT


_LAST_PORT: Final = 65535


def _url(*schemes: str) -> AfterValidator:
    return AfterValidator(lambda url: check_address(url, *schemes))


def _limit(text: str) -> str:
    try:
        limits.parse(text)
    except ValueError:
        raise ValueError("must be a limit such as 600/minute") from None
    return text


def _host_and_port(text: str) -> str:
    found = _HOST.fullmatch(text)
    if not found or found["port"] is None or not _can_be(found["port"]):
        raise ValueError("must be host:port, separated by commas")
    return text


def _mail_address(text: str) -> str:
    try:
        address = Address(addr_spec=text)
    except (ValueError, IndexError, HeaderParseError):  # whichever its parser trips over
        address = Address()
    if not (address.username and address.domain):
        raise ValueError("must be an address for mail")
    return text


DatabaseUrl = Annotated[str, _url("postgresql")]
LogUrl = Annotated[str, _url("postgresql", "kafka")]
MailUrl = Annotated[str, _url("smtp", "smtps", "smtp+opportunistic", "folder")]
WebUrl = Annotated[str, _url("http", "https")]


class Settings(BaseSettings):
    """Every variable starts with ``HTO_``: ``HTO_LOG_URL`` is ``log_url``."""

    model_config = SettingsConfigDict(env_prefix="HTO_", extra="ignore", frozen=True)

    environment: Literal["development", "production"] = "production"
    """Production unless told otherwise: what is unsafe there is refused (``common.production``)."""
    database_url: DatabaseUrl
    """``postgresql://user:password@host:5432/hto_{service}``: ``{service}`` becomes each service's name."""
    log_url: LogUrl
    """``kafka://host:9092[,host:9092]`` or ``postgresql://…/hto_log``."""
    issuers: Annotated[tuple[WebUrl, ...], NoDecode] = Field(default=(), validate_default=True)
    """Allow-list of token issuers (comma-separated): their discovery documents tell where the keys are."""
    audience: str = "hto"
    mail_url: MailUrl = "folder://mail"
    mail_sender: Annotated[str, AfterValidator(_mail_address)] = "noreply@hto.example"
    oin: str = Field(default="00000003123456780000", pattern=r"^\d{20}$")
    """The programme's organisation number, in every event's ``source``."""
    data_dir: Path = Path(".hto")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    """A worker serves its health and metrics here; without it, nowhere."""
    public_url: WebUrl = "http://localhost:8000"
    pool_size: int = Field(default=10, ge=2, le=200)
    test_clock: bool = False
    """Lets ``hto clock`` move business time. Refused in production."""
    webhook_allow: Annotated[tuple[Annotated[str, AfterValidator(_host_and_port)], ...], NoDecode] = ()
    """Hosts to which webhooks may go although they are not public (comma-separated ``host:port``)."""
    cors_allow: Annotated[tuple[str, ...], NoDecode] = ()
    rate_limit: Annotated[str, AfterValidator(_limit)] = "600/minute"
    otlp_url: WebUrl | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("issuers", "webhook_allow", "cors_allow", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    # Beside the other fields' checks, not after them: all that is wrong is told at once.
    @field_validator(
        "database_url", "log_url", "issuers", "mail_url", "public_url", "test_clock", "webhook_allow", "cors_allow"
    )
    @classmethod
    def _is_safe_in_production(cls, value: Any, info: ValidationInfo) -> Any:
        unsafe = info.data.get("environment") == "production" and why_unsafe(str(info.field_name), value)
        if unsafe:
            raise ValueError(unsafe)
        return value

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
        problems: dict[str, str] = {}
        for fault in error.errors(include_input=False):
            # Of a list that is wrong in several places, one place is told.
            problems.setdefault(f"HTO_{fault['loc'][0]}".upper(), fault["msg"].removeprefix("Value error, "))
        raise SettingsError(problems) from None
