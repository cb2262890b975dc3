"""The security module inside the simulated PIN pad: key slots, authentication, and what keys are used for.

Keys go in and never come out: callers get ciphertext, MACs and check values, and no representation shows a key.
"""

from collections.abc import Callable, Mapping
from functools import reduce

from protocol.keys import (
    Cipher,
    check_value,
    decrypt,
    decrypt_cbc,
    encrypt,
    encrypt_cbc,
    has_odd_parity,
    unwrap_key,
    xor,
)
from protocol.mac import cbc_mac
from protocol.szzt_zt598_tables import (
    CLEAR_MASTER_SLOTS,
    CRYPT_LIMIT,
    IMK_SLOT,
    KEK_SLOTS,
    KEY_LENGTHS,
    MAC_LIMIT,
    WORKING_SLOTS,
    AuthenticationStep,
    CryptMode,
    MacType,
    ProofForm,
    Rtn,
    Tag,
)
from simulators.devices.szzt_zt598_pin_blocks import clear_block
from simulators.devices.szzt_zt598_refusal import PadRefuses, StoredKey
from simulators.devices.szzt_zt598_sm4 import Sm4Keys

PADDED_CLEAR_KEY = 48  # bytes: a host that always sends three double-length components fills up with zeros
MASTER_TAGS = (Tag.IMK, Tag.TMK, Tag.TDSK)
PASSWORD_STEPS = (
    AuthenticationStep.SET_PASSWORD_1,
    AuthenticationStep.SET_PASSWORD_2,
    AuthenticationStep.SET_PASSWORD_3,
)
CRYPT: Mapping[int, tuple[Callable[[Cipher, bytes, bytes], bytes], tuple[Tag, ...]]] = {
    CryptMode.ECB_ENCRYPT: (encrypt, (Tag.DATA, Tag.DATA_ENCRYPT)),
    CryptMode.CBC_ENCRYPT: (encrypt_cbc, (Tag.DATA, Tag.DATA_ENCRYPT)),
    CryptMode.ECB_DECRYPT: (decrypt, (Tag.DATA, Tag.DATA_DECRYPT)),
    CryptMode.CBC_DECRYPT: (decrypt_cbc, (Tag.DATA, Tag.DATA_DECRYPT)),
}


class Vault:
    """Key slots and authentication of one pad. Every method may raise PadRefuses."""

    def __init__(
        self,
        *,
        keys: Mapping[int, tuple[bytes, Tag]],
        sm4_keys: Mapping[int, bytes],
        uid: bytes | None,
        entropy: Callable[[int], bytes],
        proof: ProofForm,
        failures_allowed: int,
        checks_parity: bool,
    ) -> None:
        self._commissioned = keys, sm4_keys, uid
        self._passwords_set: list[int] = []
        self._entropy = entropy
        self._proof = proof
        self._failures_allowed = failures_allowed
        self._checks_parity = checks_parity
        self.commission()

    def commission(self) -> None:
        """The keys that this pad was given when it was put into service, and none besides."""
        keys, sm4_keys, self._uid = self._commissioned
        self._keys = {slot: StoredKey(value, tag) for slot, (value, tag) in keys.items()}
        self.sm4 = Sm4Keys(sm4_keys, self._entropy)
        self._passwords_set.clear()
        self.forget_session()

    def forget_session(self) -> None:
        """What a reset or a power cut ends: the authentication and its lock."""
        self.authenticated = False
        self._random = b""
        self._challenge = b""
        self._failures = 0

    def erase(self) -> None:
        """All keys are gone, the UID too: the pad is as from the factory."""
        self.lose_keys()
        self.sm4.may_be_equal = False
        self._uid = None
        self._passwords_set.clear()
        self.forget_session()

    def lose_keys(self, *slots: int) -> None:
        """The keys in these slots are gone, or (none given) all keys; the UID stays."""
        for slot in slots or (*self._keys, *self.sm4.slots):
            self._keys.pop(slot, None)
            self.sm4.delete(slot)

    @property
    def blank(self) -> bool:
        """No key is loaded."""
        return not self._keys and not self.sm4.slots

    @property
    def locked(self) -> bool:
        """Too many wrong proofs."""
        return self._failures >= self._failures_allowed

    @property
    def contents(self) -> str:
        """Which slots hold what, for the workbench; no key, no check value."""
        des = [f"{slot:02X} {key.tag.name if key.tag else ''}" for slot, key in sorted(self._keys.items())]
        return ", ".join(des + [f"{slot:02X} SM4" for slot in self.sm4.slots])

    # --- authentication

    def require_authentication(self) -> None:
        """Before keys are loaded or used; a pad without a UID is in its factory state and asks for none."""
        if self._uid is not None and not self.authenticated:
            raise PadRefuses(Rtn.AUTHENTICATION_LOCKED if self.locked else Rtn.AUTHENTICATION)

    def authenticate(self, step: int, material: bytes) -> bytes:
        """One step: returns what the pad answers."""
        if self.locked:
            raise PadRefuses(Rtn.AUTHENTICATION_LOCKED)
        match step:
            case AuthenticationStep.RANDOM:
                self._random, self._challenge = self._entropy(16), b""
                return self._random
            case AuthenticationStep.SET_UID:
                self.require_authentication()
                self._set_uid(material)
                return b""
            case (
                AuthenticationStep.SET_PASSWORD_1
                | AuthenticationStep.SET_PASSWORD_2
                | AuthenticationStep.SET_PASSWORD_3
            ):
                # Some hosts set the passwords of a new pad after its UID and before the first authentication.
                if step in self._passwords_set:
                    self.require_authentication()
                self._passwords_set.append(step)
                return b""
            case AuthenticationStep.PROVE:
                return self._prove(self._challenge, material, self._proof)
            case AuthenticationStep.PROVE_FOR_LOADING:
                return self._prove(self._random, material, ProofForm.ENCRYPTED)
            case _:
                return self._encrypt_random(step, material)

    def _set_uid(self, uid: bytes) -> None:
        if len(uid) not in (8, 16, 24):
            raise PadRefuses(Rtn.KEY_LENGTH)
        self._uid = uid

    def _encrypt_random(self, slot: int, material: bytes) -> bytes:
        if slot not in self._keys:
            raise PadRefuses(Rtn.NO_SUCH_SLOT)  # tells a host that loads a clear key to try slot 00 instead
        key = self._key(slot)
        # Only the pad's own random number, or this step would encrypt anything under any key.
        if not self._random or material != self._random:
            raise PadRefuses(Rtn.AUTHENTICATION)
        self._challenge = encrypt(Cipher.TDES, key.value, self._random)
        return self._challenge

    def _prove(self, challenge: bytes, proof: bytes, form: ProofForm) -> bytes:
        if self._uid is None:
            raise PadRefuses(Rtn.UID_MISSING)
        if not challenge or proof != encrypt(Cipher.TDES, self._uid, challenge):
            self.authenticated = False
            self._failures += 1
            raise PadRefuses(Rtn.AUTHENTICATION_LOCKED if self.locked else Rtn.AUTHENTICATION)
        self._random = self._challenge = b""
        self._failures = 0
        self.authenticated = True
        work = encrypt if form is ProofForm.ENCRYPTED else decrypt
        return work(Cipher.TDES, self._uid, proof)

    # --- DES keys

    def load_clear(self, slot: int, length: int, components: bytes) -> bytes:
        """A master key in clear, in one piece or as three components to be xored; returns its check value."""
        if slot not in CLEAR_MASTER_SLOTS and slot != IMK_SLOT:
            raise PadRefuses(Rtn.NO_SUCH_SLOT)
        size = KEY_LENGTHS.get(length, 0)
        if not size or len(components) not in (size, 3 * size, PADDED_CLEAR_KEY):
            raise PadRefuses(Rtn.KEY_LENGTH)
        key = reduce(xor, (components[at : at + size] for at in range(0, len(components), size)))
        if slot == IMK_SLOT:
            self._set_uid(key)
        return self._store(slot, key, Tag.TMK)

    def load_encrypted(self, master: int, slot: int, tag: int, length: int, cryptogram: bytes) -> bytes:
        """A key under the master key in slot `master`; returns its check value."""
        known = _tag(tag)
        if known in MASTER_TAGS:
            good = slot in KEK_SLOTS or slot in CLEAR_MASTER_SLOTS or slot == IMK_SLOT
        else:
            good = slot in WORKING_SLOTS
        if not good:
            raise PadRefuses(Rtn.NO_SUCH_SLOT)
        if len(cryptogram) != KEY_LENGTHS.get(length):
            raise PadRefuses(Rtn.KEY_LENGTH)
        return self._store(slot, unwrap_key(Cipher.TDES, self._master(master), cryptogram), known)

    def delete(self, slot: int) -> None:
        """Erase one key."""
        self._keys.pop(slot, None)

    def mac(self, slot: int, kind: int, message: bytes) -> bytes:
        """CBC-MAC over whole blocks."""
        key = self._key(slot, Tag.MAC).value
        if not message or len(message) % 8 or len(message) > MAC_LIMIT:
            raise PadRefuses(Rtn.COMMAND_LENGTH)
        if kind not in (MacType.DES_CBC, MacType.TDES_CBC):
            raise PadRefuses(Rtn.PARAMETER)
        return cbc_mac(Cipher.TDES, key[:8] if kind == MacType.DES_CBC else key, message)

    def crypt(self, slot: int, mode: int, data: bytes) -> bytes:
        """Encrypt or decrypt with a data key; the check value of a master key may be asked for the same way."""
        if mode not in CRYPT:
            raise PadRefuses(Rtn.PARAMETER)
        if not data or len(data) % 8 or len(data) > CRYPT_LIMIT:
            raise PadRefuses(Rtn.COMMAND_LENGTH)
        work, tags = CRYPT[mode]
        if mode == CryptMode.ECB_ENCRYPT and data == bytes(8):
            tags += MASTER_TAGS
        return work(Cipher.TDES, self._key(slot, *tags).value, data)

    def pin_block(self, slot: int, fmt: int, pin: str, account: str, fill: int) -> bytes:
        """The PIN, sealed with a PIN key."""
        key = self._key(slot, Tag.PIN).value
        return encrypt(Cipher.TDES, key, clear_block(pin, account, fmt, fill, self._entropy))

    def random(self) -> bytes:
        """Eight bytes that nobody foresees."""
        return self._entropy(8)

    def _store(self, slot: int, key: bytes, tag: Tag) -> bytes:
        # Some hosts begin with a key of zeros, which nobody can mean to be secret.
        if self._checks_parity and any(key) and not has_odd_parity(key):
            raise PadRefuses(Rtn.PARITY)
        self._keys[slot] = StoredKey(key, tag)
        return check_value(Cipher.TDES, key)

    def _master(self, slot: int) -> bytes:
        key = self._keys.get(slot)
        if key is None:
            raise PadRefuses(Rtn.NO_IMK if slot == IMK_SLOT else Rtn.NO_TMK)
        if key.tag not in MASTER_TAGS:
            raise PadRefuses(Rtn.TAG_OR_NO_KEY)
        return key.value

    def _key(self, slot: int, *tags: Tag) -> StoredKey:
        """The key in `slot` if it may be used for one of `tags` (none given: for any)."""
        if slot not in CLEAR_MASTER_SLOTS and slot not in KEK_SLOTS and slot not in WORKING_SLOTS and slot != IMK_SLOT:
            raise PadRefuses(Rtn.NO_SUCH_SLOT)
        key = self._keys.get(slot)
        if key is None or (tags and key.tag not in tags):
            raise PadRefuses(Rtn.TAG_OR_NO_KEY)
        return key


def _tag(value: int) -> Tag:
    try:
        return Tag(value)
    except ValueError:
        raise PadRefuses(Rtn.TAG_OR_NO_KEY) from None
