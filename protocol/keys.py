"""Block ciphers under terminal keys: encryption, parity, check values, and keys carried under other keys.

Keys are plain bytes, so this module is for the two ends that may hold them: a security module and a simulated PIN pad.
"""

from enum import StrEnum

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher as _Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
from cryptography.hazmat.primitives.cmac import CMAC


class KeyFault(ValueError):
    """A key or a message that the cipher can't take; the message never holds either."""


class Cipher(StrEnum):
    """A block cipher of payment terminals. TDES takes 8-byte keys too: then it is single DES."""

    TDES = "TDES"
    AES = "AES"
    SM4 = "SM4"

    @property
    def block_size(self) -> int:
        """Bytes in a block."""
        return 8 if self is Cipher.TDES else 16


KEY_LENGTHS = {Cipher.TDES: (8, 16, 24), Cipher.AES: (16, 24, 32), Cipher.SM4: (16,)}


def encrypt(cipher: Cipher, key: bytes, data: bytes) -> bytes:
    """ECB over whole blocks. Raises KeyFault."""
    encryptor = _Cipher(_algorithm(cipher, key), ECB()).encryptor()  # noqa: S305  # the dialects of the field are ECB
    return encryptor.update(_blocks(cipher, data)) + encryptor.finalize()


def decrypt(cipher: Cipher, key: bytes, data: bytes) -> bytes:
    """The inverse of `encrypt`. Raises KeyFault."""
    decryptor = _Cipher(_algorithm(cipher, key), ECB()).decryptor()  # noqa: S305
    return decryptor.update(_blocks(cipher, data)) + decryptor.finalize()


def encrypt_cbc(cipher: Cipher, key: bytes, data: bytes, iv: bytes | None = None) -> bytes:
    """CBC over whole blocks, from an IV of zeros unless one is given. Raises KeyFault."""
    encryptor = _Cipher(_algorithm(cipher, key), CBC(iv or bytes(cipher.block_size))).encryptor()
    return encryptor.update(_blocks(cipher, data)) + encryptor.finalize()


def decrypt_cbc(cipher: Cipher, key: bytes, data: bytes, iv: bytes | None = None) -> bytes:
    """The inverse of `encrypt_cbc`. Raises KeyFault."""
    decryptor = _Cipher(_algorithm(cipher, key), CBC(iv or bytes(cipher.block_size))).decryptor()
    return decryptor.update(_blocks(cipher, data)) + decryptor.finalize()


def wrap_key(cipher: Cipher, under: bytes, key: bytes) -> bytes:
    """`key` encrypted under the key `under` (ECB), as working keys travel in a sign-on reply. Raises KeyFault."""
    _check_length(cipher, key)
    return encrypt(cipher, under, key)


def unwrap_key(cipher: Cipher, under: bytes, cryptogram: bytes) -> bytes:
    """The key that `wrap_key` carried. Raises KeyFault."""
    _check_length(cipher, cryptogram)
    return decrypt(cipher, under, cryptogram)


def check_value(cipher: Cipher, key: bytes, length: int | None = None) -> bytes:
    """KCV: the encryption of one block of zeros, its leftmost `length` bytes. Raises KeyFault."""
    return encrypt(cipher, key, bytes(cipher.block_size))[:length]


def cmac_check_value(key: bytes, length: int = 5) -> bytes:
    """KCV of an AES key by X9.143: the CMAC over sixteen zero bytes, its leftmost `length` bytes. Raises KeyFault."""
    _check_length(Cipher.AES, key)
    cmac = CMAC(AES(key))
    cmac.update(bytes(16))
    return cmac.finalize()[:length]


def has_odd_parity(key: bytes) -> bool:
    """Has every byte an odd number of one-bits, as DES keys should?"""
    return all(byte.bit_count() % 2 for byte in key)


def with_odd_parity(key: bytes) -> bytes:
    """`key` with the lowest bit of each byte set so that its parity is odd; DES ignores that bit."""
    return bytes(byte ^ (byte.bit_count() % 2 ^ 1) for byte in key)


def xor(left: bytes, right: bytes) -> bytes:
    """Bytewise exclusive or of two strings of one length."""
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def _algorithm(cipher: Cipher, key: bytes) -> BlockCipherAlgorithm:
    _check_length(cipher, key)
    if cipher is Cipher.AES:
        return AES(key)
    if cipher is Cipher.SM4:
        return SM4(key)
    # The library takes three-part keys only; K|K|K is single DES and K1|K2|K1 is TDES with a double-length key.
    return TripleDES((key * 3)[:24])


def _check_length(cipher: Cipher, key: bytes) -> None:
    if len(key) not in KEY_LENGTHS[cipher]:
        raise KeyFault(f"a {cipher} key has {KEY_LENGTHS[cipher]} bytes, not {len(key)}")


def _blocks(cipher: Cipher, data: bytes) -> bytes:
    if len(data) % cipher.block_size:
        raise KeyFault(f"{len(data)} bytes are not whole {cipher} blocks of {cipher.block_size} bytes")
    return data
