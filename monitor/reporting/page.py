"""How a page is made from its template."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def render(template: str, **values: Any) -> str:
    """The page as text; a name that the template uses and nobody gives is an error."""
    environment = Environment(
        loader=PackageLoader("monitor.reporting"), autoescape=select_autoescape(), undefined=StrictUndefined
    )
    return environment.get_template(template).render(**values)
