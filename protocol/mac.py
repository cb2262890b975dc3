"""MACs of payment messages: ISO 9797-1 algorithms 1 (X9.9) and 3 (X9.19), and the UnionPay ECB way."""

from enum import StrEnum

from protocol.keys import Cipher, decrypt, encrypt, encrypt_cbc, xor


class Padding(StrEnum):
    """How a message is filled up to whole blocks (ISO 9797-1 padding methods 1 and 2)."""

    ZEROS = "zeros"
    ONE_AND_ZEROS = "one and zeros"


def pad(data: bytes, block_size: int, padding: Padding = Padding.ZEROS) -> bytes:
    """`data` in whole blocks, at least one. Zeros are not added to whole blocks; one-and-zeros always is."""
    if padding is Padding.ONE_AND_ZEROS:
        data += b"\x80"
    size = max(-(-len(data) // block_size), 1) * block_size
    return data.ljust(size, b"\0")


def cbc_mac(cipher: Cipher, key: bytes, data: bytes, padding: Padding = Padding.ZEROS) -> bytes:
    """ISO 9797-1 algorithm 1: the last CBC block, whole. Raises KeyFault."""
    return encrypt_cbc(cipher, key, pad(data, cipher.block_size, padding))[-cipher.block_size :]


def x9_9(key: bytes, data: bytes) -> bytes:
    """ANSI X9.9: algorithm 1 with single DES and zero padding. Raises KeyFault."""
    return cbc_mac(Cipher.TDES, key[:8], data)


def retail_mac(key: bytes, data: bytes, padding: Padding = Padding.ZEROS) -> bytes:
    """ISO 9797-1 algorithm 3 (ANSI X9.19): single-DES CBC under K1, its last block once more D(K2), E(K1).

    A single-length key counts as K1 = K2, which makes it algorithm 1. Raises KeyFault.
    """
    left, right = key[:8], key[8:16] or key[:8]
    chained = cbc_mac(Cipher.TDES, left, data, padding)
    return encrypt(Cipher.TDES, left, decrypt(Cipher.TDES, right, chained))


def unionpay_fold(data: bytes, block_size: int = 8) -> bytes:
    """Step one of the UnionPay ECB MAC: all blocks xored together, written as upper-case hexadecimal characters."""
    padded = pad(data, block_size)
    folded = bytes(block_size)
    for start in range(0, len(padded), block_size):
        folded = xor(folded, padded[start : start + block_size])
    return folded.hex().upper().encode()


def unionpay_characters(block: bytes) -> bytes:
    """The last step: the MAC is the first eight hexadecimal characters of the last block, as they stand in field 64."""
    return block.hex().upper()[:8].encode()


def unionpay_ecb(key: bytes, data: bytes, cipher: Cipher = Cipher.TDES) -> bytes:
    """The UnionPay ECB MAC in its eight characters; single DES for an 8-byte key. Raises KeyFault.

    The two encryptions with an exclusive or between them are the CBC-MAC of the folded message. SM4 works alike on
    16-byte blocks; hosts differ in whether they then mean characters or raw bytes (`cbc_mac` over `unionpay_fold`).
    """
    return unionpay_characters(cbc_mac(cipher, key, unionpay_fold(data, cipher.block_size)))
