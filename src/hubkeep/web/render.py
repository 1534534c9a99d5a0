"""From facts to HTML: one Jinja environment, compiled once, escaping everything that is not already HTML."""

from datetime import datetime
from functools import cache, lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from hubkeep import __version__, search
from hubkeep.accounts import Actor
from hubkeep.repos import Kind
from hubkeep.web import commands, urls, words
from hubkeep.web.answer import Page
from hubkeep.web.around import NOTHING, Around
from hubkeep.web.asked import Asked
from hubkeep.web.collection_url import collection_url
from hubkeep.web.forms import FIELD, form_token
from hubkeep.web.portraits import Pictures, avatar, nobody_has_one, shield, with_pictures
from hubkeep.web.share import share_of
from hubkeep.web.static import scripts, static_url

NAMES = {Kind.MODEL: "Model", Kind.DATASET: "Dataset", Kind.SPACE: "Space", Kind.KERNEL: "Kernel"}


def render(
    page: Page,
    asked: Asked,
    actor: Actor | None,
    around: Around = NOTHING,
    pictures: Pictures = nobody_has_one,
) -> str:
    """Return the page as HTML. `actor` is None where nobody could be asked who is there, nor for their `pictures`."""
    template = environment().get_template(page.template)
    facts = {"share": share_of(page, asked), **page.facts}
    html = template.render(**facts, asked=asked, viewer=actor, settings=asked.hub.settings, around=around)
    return with_pictures(html, pictures)


@cache
def environment() -> Environment:
    """Build the environment."""
    made = Environment(
        loader=PackageLoader("hubkeep.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals |= {
        "Kind": Kind,
        "avatar": avatar,
        "collection_url": collection_url,
        "commands": commands,
        "csrf": csrf,
        "icon": icon,
        "kinds": list(Kind),
        "label_of": search.label_of,
        "moment": moment,
        "names": NAMES,
        "program": f"hubkeep {__version__}",
        "scripts": scripts(),
        "shield": shield,
        "static_url": static_url,
        "urls": urls,
    }
    made.filters |= {"count": words.count, "size": words.size, "plural": words.plural, "ago": words.ago}
    return made


@lru_cache(maxsize=512)
def icon(name: str, size: int = 16) -> Markup:
    """Draw an icon of the sprite; it says nothing to a screen reader, the text beside it does."""
    return Markup(
        '<svg class="icon" width="{0}" height="{0}" aria-hidden="true"><use href="{1}#{2}"/></svg>'
    ).format(size, static_url("icons.svg"), name)


def moment(when: datetime) -> Markup:
    """Write a moment as people say it; the exact one is in the attributes."""
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        words.machine_date(when), words.date(when), words.ago(when)
    )


def csrf(asked: Asked) -> Markup:
    """Write the hidden field that every form needs."""
    token = form_token(asked.hub.stores.signer, asked.session or asked.visit)
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, escape(token))
