"""Pictures, films and sounds that people put into their comments."""

from hubkeep.community.attachments.carry import CarriedFile as CarriedFile
from hubkeep.community.attachments.carry import carry_in as carry_in
from hubkeep.community.attachments.carry import carry_out as carry_out
from hubkeep.community.attachments.carry import is_kept as is_kept
from hubkeep.community.attachments.carry import keep_carried as keep_carried
from hubkeep.community.attachments.carry import named_in as named_in
from hubkeep.community.attachments.errors import AttachmentNotFound as AttachmentNotFound
from hubkeep.community.attachments.errors import TooManyAttachments as TooManyAttachments
from hubkeep.community.attachments.errors import WrongMedia as WrongMedia
from hubkeep.community.attachments.keep import blob_key as blob_key
from hubkeep.community.attachments.keep import find as find
from hubkeep.community.attachments.keep import keep as keep
from hubkeep.community.attachments.keep import media_of as media_of
from hubkeep.community.attachments.keep import require_uploader as require_uploader
from hubkeep.community.attachments.types import Attachment as Attachment
from hubkeep.community.attachments.types import Media as Media
