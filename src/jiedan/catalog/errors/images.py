"""Pictures that are not there, or cannot be read."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_


@dataclasses.dataclass(eq=False)
class ImageNotFound(errors.NotFound):
    """No picture has that id."""

    code: ClassVar[str] = "image_not_found"
    message: ClassVar[str] = N_("There is no such image.")


@dataclasses.dataclass(eq=False)
class ImageUnreadable(errors.Invalid):
    """The upload is no image that we read."""

    code: ClassVar[str] = "image_unreadable"
    message: ClassVar[str] = N_("This is no image that can be read.")
    remedy: ClassVar[str] = N_("Send a JPEG, PNG, WebP or GIF file.")


@dataclasses.dataclass(eq=False)
class ImageTooLarge(errors.Invalid):
    """The upload has too many bytes or pixels."""

    code: ClassVar[str] = "image_too_large"
    message: ClassVar[str] = N_("The image is too large: at most {bytes_max} bytes and {pixels_max} pixels are read.")
    remedy: ClassVar[str] = N_("Send a smaller one.")

    bytes_max: int
    pixels_max: int
