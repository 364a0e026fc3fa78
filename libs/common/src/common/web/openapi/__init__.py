"""The OpenAPI document of a service."""

from common.web.openapi.document import document, operation_id, scopes_of

__all__ = ["document", "operation_id", "scopes_of"]
