"""Virtual cards: plastic with a stripe and a chip, and what an issuer makes for a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from protocol import social_card
from simulators.world.bank_application import BankAccount, BankApplication, PaymentDirectory
from simulators.world.chip import ATR_T0, Application, LeRule, VirtualChip
from simulators.world.people import Person, Plastic
from simulators.world.social_application import SocialApplication

ISSUER_MASTER_KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
"""The simulated issuer's key for application cryptograms; a test key that every EMV toolkit prints."""


@dataclass(eq=False, slots=True)
class MemoryChip:
    """An I2C memory under the contacts of a card."""

    content: bytearray = field(default_factory=lambda: bytearray(256), repr=False)
    page: int = 16


@dataclass(eq=False, slots=True)
class VirtualCard:
    """One piece of plastic. `tracks` by number, without sentinels; a track in `bad_tracks` can't be read or written.

    A stripe of `high_coercivity` keeps what stands on it when it is written with the weaker current.
    """

    label: str
    tracks: Mapping[int, str] = field(default_factory=dict, repr=False)
    chip: VirtualChip | None = None
    length_mm: float = 85.6
    bad_tracks: frozenset[int] = frozenset()
    high_coercivity: bool = False
    memory: MemoryChip | None = None

    def write_track(self, number: int, text: str) -> None:
        """What stood on the track is gone."""
        self.tracks = {**self.tracks, number: text}

    @property
    def has_stripe(self) -> bool:
        """Does a magnetic pre-head see anything on it?"""
        return bool(self.tracks)


def issue(
    person: Person,
    *,
    plastic: Plastic | None = None,
    sequence: str | None = None,
    issuer_key: bytes = ISSUER_MASTER_KEY,
    atr: bytes = ATR_T0,
    le_rule: LeRule = LeRule.LENIENT,
    format_2: bool = False,
    blocked: bool = False,
) -> VirtualCard:
    """The card a person carries; `plastic` and `sequence` override what people.toml says.

    A chip counts from its first transaction on. One more card of a person needs a `sequence` of its own (two digits):
    the authority takes what counts anew under the same one for a copy.
    """
    kind = person.card if plastic is None else plastic
    account = BankAccount(
        pan=person.pan,
        pan_sequence=person.pan_sequence if sequence is None else sequence,
        expiry=person.expiry,
        holder=f"TEST/{person.id.upper()}",
        issuer_key=issuer_key,
        pin=person.pin,
        service_code="120" if kind is Plastic.TRACK_ONLY else "220",
    )
    if kind is Plastic.TRACK_ONLY:
        return VirtualCard(person.id, {2: account.track2})
    applications: list[Application] = []
    if kind is not Plastic.BANK_ONLY:
        applications.append(SocialApplication(_social_values(person), silent=kind is Plastic.SILENT))
    if kind is not Plastic.SOCIAL_ONLY:
        applications += [PaymentDirectory(), BankApplication(account, format_2=format_2)]
    chip = VirtualChip(applications, atr=None if kind is Plastic.MUTE_CHIP else atr, le_rule=le_rule, blocked=blocked)
    tracks = {} if kind is Plastic.SOCIAL_ONLY else {2: account.track2}
    return VirtualCard(person.id, tracks, chip)


def _social_values(person: Person) -> dict[social_card.Field, str]:
    century = "20" + person.expiry[:2]
    own_part = person.card_number.encode().hex()[:16].upper()
    return {
        social_card.CARD_IDENTIFIER: f"{person.region}{social_card.RID}{own_part}",
        social_card.CARD_CLASS: "3",
        social_card.VERSION: "3.00",
        social_card.INITIALIZING_BODY: f"{person.region}0000",
        social_card.ISSUE_DATE: f"{int(century) - 10}{person.expiry[2:]}01",
        social_card.EXPIRY_DATE: f"{century}{person.expiry[2:]}01",
        social_card.CARD_NUMBER: person.card_number,
        social_card.ID_NUMBER: person.id_number,
        social_card.NAME: person.name,
        social_card.SEX: "1" if int(person.id_number[16]) % 2 else "2",
        social_card.ETHNIC_GROUP: "01",
        social_card.BIRTHPLACE: person.id_number[:6],
        social_card.BIRTH_DATE: person.id_number[6:14],
    }
