"""How much of an order each of the wallets pays that somebody named: pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from jiedan.base.errors import Refusal
from jiedan.wallets import errors
from jiedan.wallets.rules import points
from jiedan.wallets.rules.fold import Fold, Locked, Work, is_over
from jiedan.wallets.rules.points import Terms
from jiedan.wallets.values import POINTS, MovementKind, Paying, Piece, Source, WalletId, WalletKind, Worth

Refused = tuple[Refusal, ...]

NO_TERMS: Terms = MappingProxyType({})


def payable(payings: Sequence[Paying], fold: Fold, terms: Terms = NO_TERMS) -> list[tuple[Piece, ...] | Refused]:
    """Return what the wallets of each order would pay, earlier orders first, or all that speaks against it.

    `terms` say what points pay, where any are asked for.
    An order is paid as it asks, or not at all: one that is refused takes nothing from the others. Nothing is moved.
    """
    used: dict[WalletId, int] = {}
    outcomes: list[tuple[Piece, ...] | Refused] = []
    for paying in payings:
        pieces, refused = _Purse(paying, fold, terms, used).pieces()
        if not refused:
            for piece in pieces:
                used[piece.wallet_id] = used.get(piece.wallet_id, 0) + piece.taken
        outcomes.append(tuple(refused) if refused else tuple(pieces))
    return outcomes


def pay(payings: Sequence[Paying], fold: Fold, terms: Terms = NO_TERMS) -> list[tuple[Piece, ...] | Refused]:
    """Decide as `payable` does, and take what the orders are paid with out of the wallets."""
    outcomes = payable(payings, fold, terms)
    for paying, outcome in zip(payings, outcomes, strict=True):
        for piece in outcome:
            if isinstance(piece, Piece):
                key = redemption_key(paying, piece)
                work = Work(piece.wallet_id, MovementKind.redemption, -piece.taken, key, subject_id=paying.subject_id)
                is_points = piece.kind == WalletKind.points
                fold.take(work, worth=Worth(piece.amount, paying.unit) if is_points else None)
    return outcomes


def redemption_key(paying: Paying, piece: Piece) -> str:
    """Return the key under which an order is paid out of a wallet: once, and once each time again."""
    key = f"order/{paying.subject_id}/{piece.wallet_id}"
    return f"{key}/{paying.again}" if paying.again else key


class _Purse:
    """An order with the wallets that are to pay it; `used` is what earlier orders took of each."""

    def __init__(self, paying: Paying, fold: Fold, terms: Terms, used: Mapping[WalletId, int]) -> None:
        self._paying = paying
        self._fold = fold
        self._rule = terms.get(paying.unit)
        self._used = used

    def pieces(self) -> tuple[list[Piece], list[Refusal]]:
        """Return what each wallet pays, one source after the other, and all that speaks against it."""
        pieces: list[Piece] = []
        refused: list[Refusal] = []
        due = self._paying.due
        seen: set[tuple[WalletKind, WalletId | None]] = set()
        for place, source in enumerate(self._paying.sources):
            named = (source.kind, source.wallet_id)
            found = errors.WalletNamedTwice() if named in seen else self._of(place, source, due)
            seen.add(named)
            if isinstance(found, Refusal):
                found.field = f"wallets[{place}].{found.field}" if found.field else f"wallets[{place}]"
                refused.append(found)
            else:
                due -= sum(piece.amount for piece in found)
                pieces += found
        return pieces, refused

    def _of(self, place: int, source: Source, due: int) -> list[Piece] | Refusal:
        """Return what the wallets of a source pay, or why they cannot pay what is asked."""
        wallets = self._wallets(source)
        if isinstance(wallets, Refusal):
            return wallets
        found = [(x, self._fold.spendable(x.wallet_id) - self._used.get(x.wallet_id, 0)) for x in wallets]
        if source.kind == WalletKind.points:
            return self._by_points(place, source, found, due)
        refusal = self._refusal(source, found, due)
        if refusal is not None:
            return refusal
        wanted = due if source.amount is None else source.amount
        pieces = []
        for wallet, there in found:
            amount = min(wanted, there)
            wanted -= amount
            if amount:
                last_four = "" if wallet.card is None else wallet.card.last_four
                left = there - amount
                pieces.append(Piece(place, wallet.wallet_id, wallet.kind, last_four, amount, amount, left))
        return pieces

    def _by_points(
        self, place: int, source: Source, found: Sequence[tuple[Locked, int]], due: int
    ) -> list[Piece] | Refusal:
        """Return what points pay; where duplicates had some as well, each wallet gives whole steps."""
        step = 1 if self._rule is None else max(self._rule.pays_points, 1)
        there = sum(has for _, has in found) if len(found) == 1 else sum(has // step * step for _, has in found)
        wanted = points.payable_by(self._paying, source, there, due, self._rule)
        if isinstance(wanted, Refusal) or self._rule is None:
            return wanted if isinstance(wanted, Refusal) else []
        pieces = []
        for wallet, has in found:
            amount = min(wanted, points.worth_of(has, self._rule))
            wanted -= amount
            if amount:
                taken = points.cost_of(amount, self._rule)
                pieces.append(Piece(place, wallet.wallet_id, wallet.kind, "", amount, taken, has - taken))
        return pieces

    def _wallets(self, source: Source) -> list[Locked] | Refusal:
        """Return the wallets of a source: one card, or what the customer has of a kind under any of its ids."""
        paying = self._paying
        if source.wallet_id is None:
            is_points = source.kind == WalletKind.points
            if paying.customer_id is None:
                return (
                    errors.PointsNeedCustomer(field="kind") if is_points else errors.CreditNeedsCustomer(field="kind")
                )
            unit = POINTS if is_points else paying.unit
            return [
                wallet
                for wallet in (self._fold.wallet(key) for key in self._fold.wallet_ids())
                if wallet is not None
                and wallet.kind == source.kind
                and wallet.unit == unit
                and wallet.owner_id == paying.customer_id
            ]
        wallet = self._fold.wallet(source.wallet_id)
        if wallet is None or wallet.card is None:
            return errors.UnknownWallet(field="wallet_id") if source.is_own else errors.UnknownGiftCard(field="code")
        if source.is_own and (paying.customer_id is None or wallet.owner_id != paying.customer_id):
            return errors.UnknownWallet(field="wallet_id")
        return [wallet]

    def _refusal(self, source: Source, found: Sequence[tuple[Locked, int]], due: int) -> Refusal | None:
        """Return why a card or store credit cannot pay what is asked of it."""
        unit = self._paying.unit
        available = sum(there for _, there in found)
        card = found[0][0].card if found else None
        if card is not None:
            field = "wallet_id" if source.is_own else "code"
            if found[0][0].unit != unit:
                return errors.GiftCardCurrency(card.last_four, found[0][0].unit, unit, field=field)
            if card.is_blocked:
                return errors.GiftCardBlocked(card.last_four, field=field)
            if not available and is_over(card.expires_at, self._fold.at):
                return errors.GiftCardExpired(card.last_four, field=field)
            if not available:
                return errors.GiftCardEmpty(card.last_four, field=field)
        elif not available:
            return errors.NoCredit(unit, field="kind")
        if source.amount is None:
            return None
        if source.amount > due:
            return errors.MoreThanDue(due, source.amount, unit, field="amount_minor")
        if source.amount > available:
            return errors.BalanceTooLow(available, source.amount, unit, field="amount_minor")
        return None
