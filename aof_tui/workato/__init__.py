"""The client of Workato's Developer API: what its answers mean, and how often it may be asked."""

from __future__ import annotations

import sys

# httpx loads its own command line, with Rich and its dependencies, wherever it finds them: 6 MB that nobody asked for.
# A name that is None in this table cannot be imported, which httpx is prepared for.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # Python documents None, its stubs don't know it
