"""Markdown cards: parsed, coloured, sanitised; user content that cannot act on the hub's origin."""

from hubkeep.web.markdown.links import Place as Place
from hubkeep.web.markdown.render import MAX_CHARS as MAX_CHARS
from hubkeep.web.markdown.render import Heading as Heading
from hubkeep.web.markdown.render import Rendered as Rendered
from hubkeep.web.markdown.render import render as render
