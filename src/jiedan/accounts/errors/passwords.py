"""Refusals about signing in and passwords."""

import dataclasses
from typing import ClassVar

from jiedan.base import errors
from jiedan.base.i18n import N_
from jiedan.base.web.errors import TooManyRequests, Unauthenticated


@dataclasses.dataclass(eq=False)
class SignInRefused(Unauthenticated):
    """E-mail and password do not go together; the answer is the same whether the account exists or not."""

    code: ClassVar[str] = "sign_in_refused"
    message: ClassVar[str] = N_("The e-mail address or the password is wrong.")
    remedy: ClassVar[str] = N_("Check both, or ask for a reset link.")


@dataclasses.dataclass(eq=False)
class SignInThrottled(TooManyRequests):
    """Too many attempts for this account or from this network."""

    code: ClassVar[str] = "sign_in_throttled"
    message: ClassVar[str] = N_("There were too many attempts to sign in.")
    remedy: ClassVar[str] = N_("Wait a few minutes and try again.")


@dataclasses.dataclass(eq=False)
class ResetsThrottled(TooManyRequests):
    """Too many reset links were asked for, for this account or from this network."""

    code: ClassVar[str] = "resets_throttled"
    message: ClassVar[str] = N_("There were too many requests for a reset link.")
    remedy: ClassVar[str] = N_("Wait a few minutes and try again; look into your mail meanwhile.")


@dataclasses.dataclass(eq=False)
class PasswordsBusy(errors.Unavailable):
    """More passwords are waiting to be checked than this process takes on."""

    code: ClassVar[str] = "passwords_busy"
    message: ClassVar[str] = N_("Too many people are signing in at this moment.")


@dataclasses.dataclass(eq=False)
class PasswordTooShort(errors.Invalid):
    """The password has too few characters."""

    code: ClassVar[str] = "password_too_short"
    message: ClassVar[str] = N_("The password has fewer than {characters_min} characters.")
    remedy: ClassVar[str] = N_("Use a longer one; several words are easy to remember.")

    characters_min: int


@dataclasses.dataclass(eq=False)
class PasswordTooLong(errors.Invalid):
    """The password has more characters than are checked."""

    code: ClassVar[str] = "password_too_long"
    message: ClassVar[str] = N_("The password has more than {characters_max} characters.")
    remedy: ClassVar[str] = N_("Use a shorter one.")

    characters_max: int


@dataclasses.dataclass(eq=False)
class PasswordTooCommon(errors.Invalid):
    """The password is among the first that anybody would try."""

    code: ClassVar[str] = "password_too_common"
    message: ClassVar[str] = N_("This password is among the first that anybody would try.")
    remedy: ClassVar[str] = N_("Use several words that do not belong together.")


@dataclasses.dataclass(eq=False)
class PasswordTooPersonal(errors.Invalid):
    """The password is made of the person's or the merchant's own name."""

    code: ClassVar[str] = "password_too_personal"
    message: ClassVar[str] = N_("This password repeats your name, your e-mail address or the merchant's name.")
    remedy: ClassVar[str] = N_("Use something that others cannot know.")


@dataclasses.dataclass(eq=False)
class PasswordWrong(errors.Invalid):
    """A person who changes the password did not give the present one."""

    code: ClassVar[str] = "password_wrong"
    message: ClassVar[str] = N_("This is not your present password.")
    remedy: ClassVar[str] = N_("Write the password you signed in with, or sign out and ask for a reset link.")


@dataclasses.dataclass(eq=False)
class PasswordsDiffer(errors.Invalid):
    """The password was not repeated as it was first written."""

    code: ClassVar[str] = "passwords_differ"
    message: ClassVar[str] = N_("The two passwords differ.")
    remedy: ClassVar[str] = N_("Write the same one twice.")
