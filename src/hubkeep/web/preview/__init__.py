"""What a file looks like: a picture, a table, highlighted source, or a sentence that says why not."""

from hubkeep.web.preview.look import Look as Look
from hubkeep.web.preview.look import look_at as look_at
