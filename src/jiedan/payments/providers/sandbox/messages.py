"""What Jiedan and the sandbox's processor say to each other: JSON objects."""

from datetime import datetime
from typing import Literal

import msgspec

from jiedan.payments.values import OperationKind

State = Literal["pending", "action_needed", "succeeded", "failed"]

MESSAGE_BYTES_MAX = 65_536


class Ask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An operation to be done. `charge` is the charge it is about, unless it begins one.

    A charge begins with a `token`, or without one on the payment page, from which the customer returns to `return_url`.
    """

    kind: OperationKind
    amount_minor: int
    currency: str
    token: str = ""
    charge: str = ""
    return_url: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An operation as the processor has it; `ref` is the charge's for what begins one, else its own."""

    key: str
    ref: str
    kind: OperationKind
    state: State
    amount_minor: int
    currency: str
    failure: str = ""
    pay_url: str = ""
    occurred_at: datetime


class SignUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new account: whoever opens it chooses its key and the secret its messages are signed with."""

    account: str
    api_key: str
    webhook_secret: str
    webhook_url: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What the processor sends to `webhook_url`, signed."""

    id: str
    operation: Answer
