"""The OpenAPI document of a service."""

from common.http.openapi.document import document, operation_id, scopes_of

__all__ = ["document", "operation_id", "scopes_of"]
