"""Templates that tell Django's test client what they were rendered with, as those of Django's own language do."""

from __future__ import annotations

from typing import Any

import jinja2
from django.test.signals import template_rendered


class ToldTemplate(jinja2.Template):
    def render(self, *args: Any, **kwargs: Any) -> str:
        template_rendered.send(sender=self, template=self, context=dict(*args, **kwargs))
        return super().render(*args, **kwargs)
