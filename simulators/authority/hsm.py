"""A software stand-in for the host's security module: keys and clear PINs exist in here and nowhere else.

Everything that leaves is a wrapped key, a one-way reference, a sealed text, a MAC, or yes and no. A production host
uses a hardware module; this one shows where its door is.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from protocol.cryptogram import is_authentic, issuer_authentication_data
from protocol.keys import Cipher, KeyFault, check_value, decrypt, with_odd_parity, wrap_key
from protocol.mac import cbc_mac, retail_mac, unionpay_ecb
from protocol.money_line import WorkingKeys
from protocol.pin_block import PinBlockFault, PinBlockFormat, decode, pan12
from protocol.wire import RemoteProtocolError

Entropy = Callable[[int], bytes]

CHECK_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Characters of check codes: none looks like another (no 0 O, no 1 I)."""

_NONCE = 12
_KCV = 4
_PIN_DIGITS = 6
_MAC = 8
_BLOCK_FORMATS = {Cipher.TDES: PinBlockFormat.ISO_0, Cipher.SM4: PinBlockFormat.SM4}


class HsmError(Exception):
    """The module refuses; its message holds no key, PIN or number."""


class PinFormatError(HsmError):
    """The block holds no PIN for this card: wrong key, wrong card, or a damaged pad."""


class WeakPinError(HsmError):
    """A new PIN that anybody would try first."""


class KeyUse(StrEnum):
    """What a wrapped key may do; the module refuses any other use, and a key of one cipher under the other."""

    TERMINAL_MASTER = "TMK"
    PIN = "PIK"
    MAC = "MAK"
    ISSUER = "IMK"

    def of(self, cipher: Cipher) -> str:
        """The use of a terminal's key of a cipher."""
        return self if cipher is Cipher.TDES else f"{cipher} {self}"


class MacMethod(StrEnum):
    """How field 64 is made, in the words of `medteller run`; X9.19 stands for the CBC-MAC where keys are SM4."""

    X9_19 = "x9.19"
    UNIONPAY_ECB = "unionpay-ecb"


@dataclass(frozen=True, slots=True)
class NewKeys:
    """Working keys just generated: wrapped for the authority's store, and `download` for the terminal."""

    pik: bytes = field(repr=False)
    mak: bytes = field(repr=False)
    download: WorkingKeys = field(repr=False)


class SoftHsm:
    """`master_key` is 32 bytes; `entropy` gives n random bytes (os.urandom, or seeded bytes in a simulation)."""

    def __init__(self, master_key: bytes, entropy: Entropy, mac_method: MacMethod = MacMethod.X9_19) -> None:
        if len(master_key) != 32:
            raise HsmError("the master key has 32 bytes")
        self._entropy = entropy
        self._wrap = AESGCM(_derived(master_key, b"wrap"))
        self._index_key = _derived(master_key, b"index")
        self._pin_key = _derived(master_key, b"pin reference")
        self._check_key = _derived(master_key, b"check code")
        self._mac_method = mac_method

    def import_terminal_master_key(self, clear: bytes, cipher: Cipher = Cipher.TDES) -> bytes:
        """Take in a TMK of 16 bytes (key ceremony); the wrapped key."""
        if len(clear) != 16:
            raise HsmError("a terminal master key has 16 bytes")
        return self._wrapped(KeyUse.TERMINAL_MASTER.of(cipher), clear)

    def generate_working_keys(self, tmk: bytes, cipher: Cipher = Cipher.TDES) -> NewKeys:
        """A fresh PIN key and MAC key for a terminal, under its (wrapped) TMK."""
        under = self._unwrapped(KeyUse.TERMINAL_MASTER.of(cipher), tmk)
        pik, mak = (self._entropy(16) for _ in range(2))
        if cipher is Cipher.TDES:
            pik, mak = with_odd_parity(pik), with_odd_parity(mak)
        download = WorkingKeys(
            wrap_key(cipher, under, pik),
            check_value(cipher, pik, _KCV),
            wrap_key(cipher, under, mak),
            check_value(cipher, mak, _KCV),
        )
        return NewKeys(self._wrapped(KeyUse.PIN.of(cipher), pik), self._wrapped(KeyUse.MAC.of(cipher), mak), download)

    def mac(self, mak: bytes, data: bytes, cipher: Cipher = Cipher.TDES) -> bytes:
        """Field 64 over `data`."""
        key = self._unwrapped(KeyUse.MAC.of(cipher), mak)
        if self._mac_method is MacMethod.UNIONPAY_ECB:
            return unionpay_ecb(key, data, cipher)
        return retail_mac(key, data) if cipher is Cipher.TDES else cbc_mac(cipher, key, data)[:_MAC]

    def mac_is_right(self, mak: bytes, data: bytes, given: bytes, cipher: Cipher = Cipher.TDES) -> bool:
        """Does `given` stand for `data`?"""
        return hmac.compare_digest(self.mac(mak, data, cipher), given)

    def pin_reference(self, pan: str, pin: str) -> bytes:
        """The one-way value by which a card's PIN is checked later; made when a card is issued."""
        return hmac.digest(self._pin_key, f"{pan}/{pin}".encode(), hashlib.sha256)

    def pin_is_right(self, pik: bytes, block: bytes, pan: str, reference: bytes, cipher: Cipher = Cipher.TDES) -> bool:
        """Open an ISO-0 block (under SM4 that of 16 bytes) and compare; `pik` is wrapped. Raises PinFormatError."""
        return hmac.compare_digest(self.pin_reference(pan, self._pin(pik, block, pan, cipher)), reference)

    def new_pin_reference(self, pik: bytes, block: bytes, pan: str, cipher: Cipher = Cipher.TDES) -> bytes:
        """The reference of a new PIN that comes in such a block. Raises PinFormatError and WeakPinError."""
        pin = self._pin(pik, block, pan, cipher)
        steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
        if len(pin) != _PIN_DIGITS or (len(steps) == 1 and steps <= {0, 1, 9}):
            raise WeakPinError("a PIN has six digits, not all the same and not in a row")
        return self.pin_reference(pan, pin)

    def random_digits(self, count: int) -> str:
        """Digits for a one-time code; each is as likely as the others."""
        digits = ""
        while len(digits) < count:
            digits += "".join(str(byte % 10) for byte in self._entropy(count) if byte < 250)
        return digits[:count]

    def _pin(self, pik: bytes, block: bytes, pan: str, cipher: Cipher) -> str:
        key = self._unwrapped(KeyUse.PIN.of(cipher), pik)
        try:
            return decode(decrypt(cipher, key, block), pan12(pan), _BLOCK_FORMATS[cipher])
        except (PinBlockFault, KeyFault):
            raise PinFormatError("the block holds no PIN for this card") from None

    def import_issuer_key(self, clear: bytes) -> bytes:
        """Take in an issuer's master key for cryptograms, 16 bytes (key ceremony); the wrapped key."""
        if len(clear) != 16:
            raise HsmError("an issuer's master key has 16 bytes")
        return self._wrapped(KeyUse.ISSUER, clear)

    def cryptogram_is_right(self, issuer_key: bytes, pan: str, pan_sequence: str, chip_data: bytes) -> bool:
        """Does the ARQC in field 55 come from this card and cover this data? False for data that is no field 55."""
        try:
            return is_authentic(self._unwrapped(KeyUse.ISSUER, issuer_key), pan, pan_sequence, chip_data)
        except RemoteProtocolError:
            return False

    def answer_to_card(
        self, issuer_key: bytes, pan: str, pan_sequence: str, chip_data: bytes, code: str
    ) -> bytes | None:
        """The issuer's answer to a right ARQC, tag 91: ARPC and `code` (two characters); None where it is not right."""
        if not self.cryptogram_is_right(issuer_key, pan, pan_sequence, chip_data):
            return None
        key = self._unwrapped(KeyUse.ISSUER, issuer_key)
        return issuer_authentication_data(key, pan, pan_sequence, chip_data, code.encode())

    def index(self, text: str) -> str:
        """A keyed one-way value by which a number is found again without being stored."""
        return hmac.digest(self._index_key, text.encode(), hashlib.sha256).hex()

    def random(self, size: int) -> bytes:
        """So many bytes that nobody can guess."""
        return self._entropy(size)

    def check_code(self, text: str) -> str:
        """Eight characters that only this module can make for `text`: the check code of a receipt."""
        made = hmac.digest(self._check_key, text.encode(), hashlib.sha256)
        return "".join(CHECK_ALPHABET[byte % len(CHECK_ALPHABET)] for byte in made[:8])

    def seal(self, text: str) -> bytes:
        """Encrypt a text for the store."""
        nonce = self._entropy(_NONCE)
        return nonce + self._wrap.encrypt(nonce, text.encode(), b"text")

    def unseal(self, sealed: bytes) -> str:
        """The text again. Raises HsmError when it was sealed by another module or changed."""
        return self._opened(sealed, b"text").decode()

    def seal_document(self, content: bytes) -> bytes:
        """Encrypt a document for the store (AES-256-GCM)."""
        nonce = self._entropy(_NONCE)
        return nonce + self._wrap.encrypt(nonce, content, b"document")

    def unseal_document(self, sealed: bytes) -> bytes:
        """The document again. Raises HsmError when it was sealed by another module or changed."""
        return self._opened(sealed, b"document")

    def _wrapped(self, use: str, key: bytes) -> bytes:
        nonce = self._entropy(_NONCE)
        return nonce + self._wrap.encrypt(nonce, key, use.encode())

    def _unwrapped(self, use: str, wrapped: bytes) -> bytes:
        return self._opened(wrapped, use.encode())

    def _opened(self, sealed: bytes, purpose: bytes) -> bytes:
        try:
            return self._wrap.decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose)
        except InvalidTag:
            raise HsmError("not sealed by this module for this use") from None


def _derived(master_key: bytes, purpose: bytes) -> bytes:
    return hmac.digest(master_key, purpose, hashlib.sha256)
