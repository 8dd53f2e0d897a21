"""How much of an order each of the wallets pays that somebody named: pure."""

from collections.abc import Mapping, Sequence

from jiedan.base.errors import Refusal
from jiedan.wallets import errors
from jiedan.wallets.rules.fold import Fold, Locked, Work, is_over
from jiedan.wallets.values import MovementKind, Paying, Piece, Source, WalletId, WalletKind

Refused = tuple[Refusal, ...]


def payable(payings: Sequence[Paying], fold: Fold) -> list[tuple[Piece, ...] | Refused]:
    """Return what the wallets of each order would pay, earlier orders first, or all that speaks against it.

    An order is paid as it asks, or not at all: one that is refused takes nothing from the others. Nothing is moved.
    """
    used: dict[WalletId, int] = {}
    outcomes: list[tuple[Piece, ...] | Refused] = []
    for paying in payings:
        pieces, refused = _pieces(paying, fold, used)
        if not refused:
            for piece in pieces:
                used[piece.wallet_id] = used.get(piece.wallet_id, 0) + piece.amount
        outcomes.append(tuple(refused) if refused else tuple(pieces))
    return outcomes


def pay(payings: Sequence[Paying], fold: Fold) -> list[tuple[Piece, ...] | Refused]:
    """Decide as `payable` does, and take what the orders are paid with out of the wallets."""
    outcomes = payable(payings, fold)
    for paying, outcome in zip(payings, outcomes, strict=True):
        for piece in outcome:
            if isinstance(piece, Piece):
                key = redemption_key(paying, piece)
                fold.take(
                    Work(piece.wallet_id, MovementKind.redemption, -piece.amount, key, subject_id=paying.subject_id)
                )
    return outcomes


def redemption_key(paying: Paying, piece: Piece) -> str:
    """Return the key under which an order is paid out of a wallet: once."""
    return f"order/{paying.subject_id}/{piece.wallet_id}"


def _pieces(paying: Paying, fold: Fold, used: dict[WalletId, int]) -> tuple[list[Piece], list[Refusal]]:
    pieces: list[Piece] = []
    refused: list[Refusal] = []
    due = paying.due
    seen: set[WalletId | None] = set()
    for place, source in enumerate(paying.sources):
        found = errors.WalletNamedTwice() if source.wallet_id in seen else _there(paying, source, due, fold, used)
        seen.add(source.wallet_id)
        if isinstance(found, Refusal):
            found.field = f"wallets[{place}].{found.field}" if found.field else f"wallets[{place}]"
            refused.append(found)
            continue
        wanted = due if source.amount is None else source.amount
        for wallet, there in found:
            amount = min(wanted, there)
            wanted -= amount
            due -= amount
            if amount:
                last_four = "" if wallet.card is None else wallet.card.last_four
                pieces.append(Piece(place, wallet.wallet_id, wallet.kind, last_four, amount, there - amount))
    return pieces, refused


def _there(
    paying: Paying, source: Source, due: int, fold: Fold, used: Mapping[WalletId, int]
) -> list[tuple[Locked, int]] | Refusal:
    """Return the wallets of a source with what can be spent of each, or why they cannot pay what is asked."""
    wallets = _wallets(paying, source, fold)
    if isinstance(wallets, Refusal):
        return wallets
    found = [(x, fold.spendable(x.wallet_id) - used.get(x.wallet_id, 0)) for x in wallets]
    return _refusal(paying, source, found, due, fold) or found


def _wallets(paying: Paying, source: Source, fold: Fold) -> list[Locked] | Refusal:
    """Return the wallets of a source: one card, or the store credit that the customer has under any of its ids."""
    if source.wallet_id is None:
        if paying.customer_id is None:
            return errors.CreditNeedsCustomer(field="kind")
        return [
            wallet
            for wallet in (fold.wallet(key) for key in fold.wallet_ids())
            if wallet is not None
            and wallet.kind == WalletKind.credit
            and wallet.unit == paying.unit
            and wallet.owner_id == paying.customer_id
        ]
    wallet = fold.wallet(source.wallet_id)
    if wallet is None or wallet.card is None:
        return errors.UnknownWallet(field="wallet_id") if source.is_own else errors.UnknownGiftCard(field="code")
    if source.is_own and (paying.customer_id is None or wallet.owner_id != paying.customer_id):
        return errors.UnknownWallet(field="wallet_id")
    return [wallet]


def _refusal(
    paying: Paying, source: Source, found: Sequence[tuple[Locked, int]], due: int, fold: Fold
) -> Refusal | None:
    """Return why a source cannot pay what is asked of it."""
    available = sum(there for _, there in found)
    card = found[0][0].card if found else None
    if card is not None:
        field = "wallet_id" if source.is_own else "code"
        if found[0][0].unit != paying.unit:
            return errors.GiftCardCurrency(card.last_four, found[0][0].unit, paying.unit, field=field)
        if card.is_blocked:
            return errors.GiftCardBlocked(card.last_four, field=field)
        if not available and is_over(card.expires_at, fold.at):
            return errors.GiftCardExpired(card.last_four, field=field)
        if not available:
            return errors.GiftCardEmpty(card.last_four, field=field)
    elif not available:
        return errors.NoCredit(paying.unit, field="kind")
    if source.amount is None:
        return None
    if source.amount > due:
        return errors.MoreThanDue(due, source.amount, paying.unit, field="amount_minor")
    if source.amount > available:
        return errors.BalanceTooLow(available, source.amount, paying.unit, field="amount_minor")
    return None
