"""The embedded token issuer, for development and Compose: discovery, keys and client credentials."""

from hto.issuer.app import Issuer, create_issuer
from hto.issuer.assertion import Refusal, fetch_token, sign_client_assertion
from hto.issuer.clients import DEVELOPMENT_CLIENTS, Client, Clients, Credentials, read_credentials

__all__ = [
    "DEVELOPMENT_CLIENTS",
    "Client",
    "Clients",
    "Credentials",
    "Issuer",
    "Refusal",
    "create_issuer",
    "fetch_token",
    "read_credentials",
    "sign_client_assertion",
]
