"""The names of this service's deadlines."""

from __future__ import annotations

from typing import Final

SIGN_EXPIRES: Final = "contract.sign-expires"
EXTENSION_EXPIRES: Final = "contract.extension-expires"
STARTS: Final = "contract.starts"
ENDS: Final = "contract.ends"
