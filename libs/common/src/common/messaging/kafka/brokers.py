"""Where the brokers are and how a client proves who it is: what every aiokafka client is made with."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from common.runtime.log_login import LogLogin

MECHANISM: Final = "SCRAM-SHA-512"


@dataclass(frozen=True, slots=True)
class Brokers:
    """One cluster, as one login sees it."""

    login: LogLogin
    tls: ssl.SSLContext | None

    @classmethod
    def of(cls, login: LogLogin) -> Brokers:
        """Read the certificates.

        Raises:
            OSError: a file cannot be read.
            ssl.SSLError: a file holds no certificate, or no key that belongs to it.
        """
        if login.scheme != "kafka+ssl":
            return cls(login, None)
        context = ssl.create_default_context(cafile=login.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if login.certificate_file is not None:
            context.load_cert_chain(login.certificate_file)
        return cls(login, context)

    @property
    def client(self) -> dict[str, Any]:
        """The settings of an aiokafka client; with a password it says who it is by SASL/SCRAM."""
        settings: dict[str, Any] = {"bootstrap_servers": self.login.hosts}
        if self.tls is None:
            return settings
        settings |= {"ssl_context": self.tls, "security_protocol": "SSL"}
        if self.login.password is not None:
            settings |= {
                "security_protocol": "SASL_SSL",
                "sasl_mechanism": MECHANISM,
                "sasl_plain_username": self.login.user,
                "sasl_plain_password": self.login.password,
            }
        return settings
