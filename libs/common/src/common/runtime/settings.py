"""Settings from the environment. A process with a wrong one does not start; it names the variable and the reason."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.headerregistry import Address
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import limits
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from common.runtime.log_login import LogLogin, has_password, user_of, with_password
from common.runtime.production import why_unsafe


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


def _network(text: str) -> str:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise ValueError("must be addresses or networks such as 10.0.0.0/8, separated by commas") from None
    if network.prefixlen < _least_bits(network):
        raise ValueError("must not be so many addresses: whoever calls could say where from")
    return text


def _least_bits(network: IPv4Network | IPv6Network) -> int:
    """Return of how few bits a network may be that somebody has for themselves: 10.0.0.0/8 and fc00::/7 are largest."""
    if isinstance(network, IPv4Network):
        return 8
    if network.overlaps(_MAPPED):
        return 96 + 8
    return 7 if network.overlaps(_UNIQUE_LOCAL) else 16


_MAPPED: Final = IPv6Network("::ffff:0:0/96")
"""IPv4 addresses as they are on a socket of both kinds."""
_UNIQUE_LOCAL: Final = IPv6Network("fc00::/7")


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
LogUrl = Annotated[str, _url("postgresql", "kafka", "kafka+ssl")]
MailUrl = Annotated[str, _url("smtp", "smtps", "smtp+opportunistic", "folder")]
FileName = Annotated[str | None, BeforeValidator(lambda name: name or None)]
"""An empty one is none."""
WebUrl = Annotated[str, _url("http", "https")]


class Settings(BaseSettings):
    """Every variable starts with ``HTO_``: ``HTO_LOG_URL`` is ``log_url``."""

    model_config = SettingsConfigDict(env_prefix="HTO_", extra="ignore", frozen=True)

    environment: Literal["development", "production"] = "production"
    """Production by default: unsafe settings are refused there (``common.runtime.production``)."""
    database_url: DatabaseUrl
    """``postgresql://user:password@host:5432/hto_{service}``: ``{service}`` becomes each service's name."""
    database_password_file: FileName = None
    """Instead of a password in ``database_url``. In the name of each file ``{service}`` becomes the service's name."""
    log_url: LogUrl
    """``kafka+ssl://hto_{service}@host:9092[,…]``, ``kafka://host:9092[,…]`` or ``postgresql://…/hto_log``."""
    log_password: SecretStr | None = None
    log_password_file: FileName = Field(default=None, validate_default=True)
    log_ca_file: FileName = None
    """The authority that signed the brokers' certificates; without it, those that this machine trusts."""
    log_certificate_file: FileName = Field(default=None, validate_default=True)
    """A client's certificate and its key, in one PEM file: beside a user, or instead of one."""
    log_admin_url: LogUrl | None = None
    """As whom ``migrate`` makes topics and gives rights; without it, as in ``log_url``."""
    log_admin_password: SecretStr | None = None
    log_admin_password_file: FileName = Field(default=None, validate_default=True)
    log_admin_certificate_file: FileName = None
    issuers: Annotated[tuple[WebUrl, ...], NoDecode] = Field(default=(), validate_default=True)
    """Allow-list of token issuers (comma-separated): their discovery documents tell where the keys are."""
    audience: str = "hto"
    mail_url: MailUrl = "folder://mail"
    mail_sender: Annotated[str, AfterValidator(_mail_address)] = "noreply@hto.example"
    mail_help: Annotated[str, AfterValidator(_mail_address)] = "help@hto.example"
    """Where people turn to who read in a letter that something was changed which they did not ask for."""
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
    webhooks_per_organisation: int = Field(default=20, ge=1, le=10_000)
    """Endpoints of one organisation: a portal and each of its systems has room, a flood of deliveries has not."""
    webhooks_per_address: int = Field(default=5, ge=1, le=10_000)
    """Of these at one host: each event goes to each of them, and a stranger's machine must not be flooded."""
    webhooks_per_host: int = Field(default=1000, ge=1, le=100_000)
    """Of all organisations together at one host: a supplier may serve very many schools."""
    cors_allow: Annotated[tuple[str, ...], NoDecode] = ()
    rate_limit: Annotated[str, AfterValidator(_limit)] = "600/minute"
    """Of each user of a client, and of each address that sends no token or one that is refused."""
    rate_limit_per_client: Annotated[str, AfterValidator(_limit)] | None = None
    """Of all users of one client together; by default ten times ``rate_limit``."""
    trusted_proxies: Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], NoDecode] = ()
    """Addresses or networks (comma-separated) whose ``X-Forwarded-For`` and ``-Proto`` are believed; nobody's else."""
    watchdog_seconds: float = Field(default=15, ge=0, le=600)
    """A process whose event loop takes no turn for so long is ended and started again; 0: never.

    More than any work of ours holds it, by far; less than what is left of a lease that could not be renewed (20 s).
    """
    otlp_url: WebUrl | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("issuers", "webhook_allow", "cors_allow", "trusted_proxies", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    # Beside the other fields' checks, not after them: one error names all that is wrong.
    @field_validator(
        "database_url",
        "log_url",
        "log_admin_url",
        "issuers",
        "mail_url",
        "public_url",
        "test_clock",
        "webhook_allow",
        "cors_allow",
    )
    @classmethod
    def _is_safe_in_production(cls, value: Any, info: ValidationInfo) -> Any:
        unsafe = info.data.get("environment") == "production" and why_unsafe(str(info.field_name), value)
        if unsafe:
            raise ValueError(unsafe)
        return value

    @field_validator("database_password_file")
    @classmethod
    def _one_database_password(cls, path: str | None, info: ValidationInfo) -> str | None:
        url = info.data.get("database_url", "")
        if path and has_password(url):
            raise ValueError("must not be given where HTO_DATABASE_URL has a password in it")
        if path and url and not user_of(url):
            raise ValueError("needs a user in HTO_DATABASE_URL: postgresql://hto_{service}@…")
        return path

    @field_validator("log_url", "log_admin_url")
    @classmethod
    def _kafka_is_entered_by_name_only_under_tls(cls, url: str | None, info: ValidationInfo) -> str | None:
        login = LogLogin(url=url or "")
        if login.scheme.startswith("kafka") and has_password(login.url):
            raise ValueError(f"must not have a password in it: give it in {_variable(info)}_PASSWORD_FILE")
        if login.scheme == "kafka" and login.user:
            raise ValueError("must be kafka+ssl:// where it names a user: without TLS anybody could listen")
        return url

    @field_validator("log_password_file", "log_admin_password_file")
    @classmethod
    def _one_log_password(cls, path: str | None, info: ValidationInfo) -> str | None:
        prefix = (info.field_name or "").removesuffix("_password_file")
        url, other = info.data.get(f"{prefix}_url"), info.data.get(f"{prefix}_password")
        name = f"HTO_{prefix}".upper()
        given = bool(path or other)
        if path and other:
            raise ValueError(f"must not be given beside {name}_PASSWORD: one of the two")
        if not url:
            if given and f"{prefix}_url" in info.data:
                raise ValueError(f"needs {name}_URL: it says whose password this is")
            return path
        if given and not user_of(url):
            raise ValueError(f"needs a user in {name}_URL, such as hto_{{service}}@ before the host")
        if given and has_password(url):
            raise ValueError(f"must not be given where {name}_URL has a password in it")
        if not given and url.startswith("kafka") and user_of(url):
            raise ValueError(f"must name the file with the password of the user in {name}_URL")
        return path

    @field_validator("log_ca_file", "log_certificate_file", "log_admin_certificate_file")
    @classmethod
    def _certificates_are_for_tls(cls, path: str | None, info: ValidationInfo) -> str | None:
        url = info.data.get("log_url", "")
        admin = info.data.get("log_admin_url") or url
        used = (admin,) if info.field_name == "log_admin_certificate_file" else (url, admin)
        if path and url and not any(one.startswith("kafka+ssl://") for one in used):
            raise ValueError(
                "is for kafka+ssl:// only; for PostgreSQL, say ?sslmode=verify-full&sslrootcert=… in its address"
            )
        is_anybody = info.field_name == "log_certificate_file" and url.startswith("kafka+ssl://") and not user_of(url)
        if not path and is_anybody and info.data.get("environment") == "production":
            raise ValueError("or a user in HTO_LOG_URL must be given in production: else anybody may write events")
        return path

    def database_of(self, service: str) -> str:
        """Return the plain ``postgresql://`` address of one service's database, with its password.

        Raises:
            SettingsError: the file with the password cannot be read.
        """
        url = self.database_url.replace("{service}", service)
        if self.database_password_file is None:
            return url
        return with_password(url, _secret("HTO_DATABASE_PASSWORD_FILE", self.database_password_file, service))

    def log_of(self, service: str) -> LogLogin:
        """Return as whom one service comes into the event log.

        Raises:
            SettingsError: a file with a secret cannot be read.
        """
        return LogLogin(
            url=self.log_url.replace("{service}", service),
            password=_password("HTO_LOG", self.log_password, self.log_password_file, service),
            ca_file=_file("HTO_LOG_CA_FILE", self.log_ca_file, service),
            certificate_file=_file("HTO_LOG_CERTIFICATE_FILE", self.log_certificate_file, service),
        )

    def log_admin(self) -> LogLogin:
        """Return as whom ``migrate`` comes into the event log.

        Raises:
            SettingsError: a file with a secret cannot be read, or the log is entered as each service only.
        """
        if self.log_admin_url is None:
            if "{service}" in self.log_url:
                why = "must say as whom topics are made and rights are given: HTO_LOG_URL is each service's own login"
                raise SettingsError({"HTO_LOG_ADMIN_URL": why})
            return self.log_of("")
        return LogLogin(
            url=self.log_admin_url,
            password=_password("HTO_LOG_ADMIN", self.log_admin_password, self.log_admin_password_file, "admin"),
            ca_file=_file("HTO_LOG_CA_FILE", self.log_ca_file, "admin"),
            certificate_file=_file("HTO_LOG_ADMIN_CERTIFICATE_FILE", self.log_admin_certificate_file, "admin"),
        )


def _variable(info: ValidationInfo) -> str:
    return f"HTO_{(info.field_name or '').removesuffix('_url')}".upper()


def _file(variable: str, name: str | None, service: str) -> Path | None:
    if name is None:
        return None
    path = Path(name.replace("{service}", service))
    try:
        path.open("rb").close()
    except OSError as error:
        raise SettingsError({variable: f"names {path}, which cannot be read: {error.strerror}"}) from None
    return path


def _secret(variable: str, name: str, service: str) -> str:
    path = _file(variable, name, service)
    assert path is not None  # noqa: S101 - a name was given
    try:
        secret = path.read_text().rstrip("\r\n")
    except ValueError:
        secret = ""
    if not secret:
        raise SettingsError({variable: f"names {path}, in which there is no password"})
    return secret


def _password(prefix: str, given: SecretStr | None, name: str | None, service: str) -> str | None:
    if name is not None:
        return _secret(f"{prefix}_PASSWORD_FILE", name, service)
    return given.get_secret_value() if given else None


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
            # Of a list that is wrong in several places, one place is named.
            problems.setdefault(f"HTO_{fault['loc'][0]}".upper(), fault["msg"].removeprefix("Value error, "))
        raise SettingsError(problems) from None
