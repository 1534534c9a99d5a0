"""Ways in for machines: robots, the map, descriptions, feeds, Markdown twins, pictures of links and of people."""

from starlette.routing import BaseRoute

from hubkeep.web.machines import avatars, feeds, llms, openapi, posters, robots, sitemap, twin

_MODULES = (robots, sitemap, openapi, llms, avatars, posters, feeds, twin)
routes: list[BaseRoute] = [route for module in _MODULES for route in module.routes]
