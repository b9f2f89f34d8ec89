"""Changes of state: permission, lock, check, save, audit. The only writes of scores, sheets and years.

`entering` writes values, `steps` moves sheets and years, `checklist` says what is still missing, `publication` stores
the standings. `publish` here is the bare writer, for content that is loaded; a person publishes through `steps`.
"""

from .context import WorkflowError, context_of
from .publication import publish

__all__ = ["WorkflowError", "context_of", "publish"]
