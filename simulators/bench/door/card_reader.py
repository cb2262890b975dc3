"""Rooms of the control door at the card reader: people, cards, and the slot."""

from fastapi import APIRouter

from simulators.bench.door.card_reader_models import (
    CardPlace,
    Cards,
    Held,
    InsertCard,
    NewCard,
    People,
    PersonShown,
    PushCard,
    TakenCards,
)
from simulators.bench.door.models import REFUSALS
from simulators.bench.hands import CantBe, Hands, NotThere
from simulators.world.cards import VirtualCard, issue
from simulators.world.chip import VirtualChip


def routes(hands: Hands) -> APIRouter:
    """People, cards, slot, capture box."""
    router = APIRouter(tags=["card reader"], responses=REFUSALS)

    @router.get("/people", summary="Who can come, each with a card of the same name")
    async def people() -> People:
        return People(
            people=tuple(
                PersonShown(id=each.id, name=each.name, note=each.note, card=each.card, region=each.region)
                for each in hands.people.values()
            )
        )

    @router.get("/cards", summary="Where all cards are")
    async def cards() -> Cards:
        return Cards(cards=dict(hands.cards()))

    @router.post(
        "/cards", summary="Bring another card: a person's in another make, or one given as data", status_code=201
    )
    async def bring(body: NewCard) -> CardPlace:
        hands.add_card(body.card, _made(hands, body))
        return _place(hands, body.card)

    @router.post("/card_reader/insert", summary="Push a card into the slot")
    async def insert(body: InsertCard) -> CardPlace:
        hands.insert_card(body.card, wrong_way=body.wrong_way)
        return _place(hands, body.card)

    @router.post("/card_reader/take", summary="Take the card that stands at the gate")
    async def take() -> CardPlace:
        return _place(hands, hands.take_card())

    @router.post("/card_reader/pull", summary="Pull out a card while it moves in")
    async def pull() -> CardPlace:
        return _place(hands, hands.pull_card())

    @router.post("/card_reader/empty_capture_box", summary="Staff take the captured cards")
    async def empty() -> TakenCards:
        return TakenCards(cards=tuple(hands.empty_capture_box()))

    @router.post("/card_reader/push_second", summary="Force a card in while another one is inside")
    async def push_second(body: PushCard) -> CardPlace:
        hands.push_second_card(body.card)
        return _place(hands, body.card)

    @router.put("/card_reader/held", summary="Hold on to the card at the slot, or let it go")
    async def hold(body: Held) -> Held:
        hands.hold_card(held=body.held)
        return body

    @router.post("/card_reader/clear_path", summary="Staff open the reader and take out cards that are stuck")
    async def clear_path() -> TakenCards:
        return TakenCards(cards=tuple(hands.clear_cards()))

    return router


def _place(hands: Hands, card: str) -> CardPlace:
    return CardPlace(card=card, where=hands.whereabouts(card))


def _made(hands: Hands, body: NewCard) -> VirtualCard:
    """A card in the hand. Raises NotThere, CantBe."""
    if body.person is None:
        tracks = {number: track.get_secret_value() for number, track in body.tracks.items()}
        chip = None if body.atr is None else VirtualChip((), atr=bytes.fromhex(body.atr))
        if missing := set(body.bad_tracks) - set(tracks):
            raise CantBe(f"a track that can't be read has to be there: give track {min(missing)} too")
        return VirtualCard(body.card, tracks, chip, body.length_mm, frozenset(body.bad_tracks))
    if body.person not in hands.people:
        raise NotThere(f"no person {body.person!r}; there are {', '.join(hands.people)}")
    person = hands.people[body.person]
    sequence = f"{(int(person.pan_sequence) + len(hands.cards())) % 100:02d}"
    card = issue(person, plastic=body.plastic, sequence=sequence)
    card.label, card.length_mm, card.bad_tracks = body.card, body.length_mm, frozenset(body.bad_tracks)
    return card
