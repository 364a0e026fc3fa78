"""One request and its answer: what the parts of the plumbing know of it, from the outermost layer to the innermost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.requests import HTTPConnection
from starlette.types import Scope

from common.caller import Caller
from common.persistence.database import Database
from common.persistence.transaction import Tx
from common.runtime.settings import Settings
from common.web.auth import Verifier
from common.web.limits import RateLimit

KEY: Final = "hto.exchange"
HEAD: Final = "hto.head"
"""Set in the scope of a HEAD request, which goes in as GET and loses its body on the way out."""

Check = Callable[[], Awaitable[None]]
"""Returns when that part is ready, and raises otherwise."""


@dataclass(slots=True)
class Probe:
    """The checks of readiness that run now or ran last."""

    began: float = 0.0
    running: asyncio.Task[dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiContext:
    """The dependencies of one service's API."""

    database: Database
    settings: Settings
    verifier: Verifier
    checks: Mapping[str, Check] = field(default_factory=dict)
    """What must hold before requests are sent here, by name; the database's own answer is always among them."""
    probe: Probe = field(default_factory=Probe, compare=False, repr=False)


@dataclass(slots=True)
class RequestContext:
    """One request: who calls, its transaction, and what must be on the answer whatever becomes of it."""

    context: ApiContext
    limit: RateLimit
    headers: dict[str, str] = field(default_factory=dict)
    caller: Caller | None = None
    committing: bool = False
    """Whether the transaction may have committed although its answer is an error."""
    tx: Tx | None = None
    answered: Any = None
    """What the route's function returned, before it became JSON."""
    _open: AsyncExitStack | None = None

    @classmethod
    def of(cls, connection: HTTPConnection) -> RequestContext:
        """Return the exchange of a request."""
        found: RequestContext = connection.scope[KEY]
        return found

    @classmethod
    def begin(cls, scope: Scope, context: ApiContext, limit: RateLimit) -> RequestContext:
        """Start one."""
        exchange = cls(context, limit)
        scope[KEY] = exchange
        return exchange

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Commit at the end of the block what was written in it, if anything asked for a transaction."""
        self.tx, self.answered, self.committing = None, None, False
        token = ANSWERING.set(self)
        try:
            async with AsyncExitStack() as self._open:
                yield
                self.committing = True
        finally:
            ANSWERING.reset(token)

    async def begun(self) -> Tx:
        """Return the request's transaction, begun at the first call: who is refused earlier costs no connection."""
        if self.tx is None:
            if self._open is None:
                raise RuntimeError("there is a transaction only while a route answers")
            actor = self.caller.actor if self.caller else "anonymous"
            self.tx = await self._open.enter_async_context(self.context.database.begin(actor=actor))
        return self.tx


ANSWERING: Final[ContextVar[RequestContext]] = ContextVar("answering")
"""The exchange whose route is being run."""
