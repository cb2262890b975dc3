"""The SM4 keys of the simulated PIN pad, numbered apart from its DES keys. Keys go in and never come out."""

from collections.abc import Callable, Mapping

from protocol.keys import Cipher, check_value, decrypt, decrypt_cbc, encrypt, encrypt_cbc, unwrap_key
from protocol.pin_block import PinBlockFormat
from protocol.szzt_zt598_tables import SM4_BLOCK, SM4_KEK_SLOTS, SM4_WORKING_SLOTS, Rtn, Tag
from simulators.devices.szzt_zt598_pin_blocks import iso_block
from simulators.devices.szzt_zt598_refusal import PadRefuses, StoredKey


class Sm4Keys:
    """SM4 key slots of one pad. Every method may raise PadRefuses."""

    def __init__(self, keys: Mapping[int, bytes], entropy: Callable[[int], bytes]) -> None:
        self._keys = {slot: StoredKey(value, None) for slot, value in keys.items()}
        self._entropy = entropy
        self.may_be_equal = False

    @property
    def slots(self) -> list[int]:
        """Which slots hold a key."""
        return sorted(self._keys)

    def load_clear(self, slot: int, key: bytes) -> bytes:
        """A master key in clear; returns its check value."""
        if slot not in SM4_KEK_SLOTS:
            raise PadRefuses(Rtn.NO_SUCH_SLOT)
        return self._store(slot, key)

    def load_encrypted(self, master: int, slot: int, cryptogram: bytes) -> bytes:
        """A key under the master key in slot `master`; returns its check value."""
        if master not in SM4_KEK_SLOTS or (slot not in SM4_WORKING_SLOTS and slot not in SM4_KEK_SLOTS):
            raise PadRefuses(Rtn.NO_SUCH_SLOT)
        if master not in self._keys:
            raise PadRefuses(Rtn.NO_TMK)
        if len(cryptogram) != SM4_BLOCK:
            raise PadRefuses(Rtn.KEY_LENGTH)
        return self._store(slot, unwrap_key(Cipher.SM4, self._keys[master].value, cryptogram))

    def delete(self, slot: int | None) -> None:
        """Erase one key, or (None) all."""
        if slot is None:
            self._keys.clear()
        else:
            self._keys.pop(slot, None)

    def crypt(self, slot: int, *, encrypting: bool, chained: bool, iv: bytes, data: bytes) -> bytes:
        """Encrypt or decrypt whole blocks."""
        key = self._key(slot, Tag.DATA, data and not len(data) % SM4_BLOCK and len(iv) == SM4_BLOCK)
        if chained:
            return (encrypt_cbc if encrypting else decrypt_cbc)(Cipher.SM4, key, data, iv)
        return (encrypt if encrypting else decrypt)(Cipher.SM4, key, data)

    def mac(self, slot: int, iv: bytes, message: bytes) -> bytes:
        """CBC-MAC from `iv`, filled with zeros."""
        key = self._key(slot, Tag.MAC, message and len(iv) == SM4_BLOCK)
        padded = message + bytes(-len(message) % SM4_BLOCK)
        return encrypt_cbc(Cipher.SM4, key, padded, iv)[-SM4_BLOCK:]

    def pin_block(self, slot: int, pin: str, account: str) -> bytes:
        """The PIN, sealed with an SM4 key."""
        block = iso_block(pin, account, PinBlockFormat.SM4, self._entropy)
        return encrypt(Cipher.SM4, self._key(slot, Tag.PIN, True), block)

    def _store(self, slot: int, key: bytes) -> bytes:
        if len(key) != SM4_BLOCK:
            raise PadRefuses(Rtn.KEY_LENGTH)
        if not self.may_be_equal and any(other.value == key for at, other in self._keys.items() if at != slot):
            raise PadRefuses(Rtn.SM4_KEY_VALUE)
        self._keys[slot] = StoredKey(key, None)
        return check_value(Cipher.SM4, key)

    def _key(self, slot: int, use: Tag, well_formed: object) -> bytes:
        """The key in `slot`, from now on for this use only; a command that is refused commits it to nothing."""
        if slot not in SM4_WORKING_SLOTS:
            raise PadRefuses(Rtn.NO_SUCH_SLOT)
        key = self._keys.get(slot)
        if key is None or key.tag not in (None, use):
            raise PadRefuses(Rtn.TAG_OR_NO_KEY)
        if not well_formed:
            raise PadRefuses(Rtn.COMMAND_LENGTH)
        self._keys[slot] = StoredKey(key.value, use)
        return key.value
