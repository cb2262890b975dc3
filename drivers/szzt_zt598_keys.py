"""Keys in the slots of a SZZT ZT598, and what they compute: MACs, enciphered data, and chance."""

from collections.abc import Mapping

from drivers.interfaces import (
    CompletionCode,
    CryptoMethod,
    EncryptionState,
    ErrorCode,
    KeyAlgorithm,
    KeyName,
    MacAlgorithm,
)
from drivers.szzt_zt598_errors import PadRefused
from drivers.szzt_zt598_session import PadSession, SzztZt598Options
from protocol.keys import xor
from protocol.mac import Padding, pad, unionpay_characters, unionpay_fold
from protocol.szzt_zt598 import Command
from protocol.szzt_zt598_commands import (
    authenticate,
    crypt,
    delete_key,
    load_encrypted_key,
    mac,
    random_bytes,
    sm4_crypt,
    sm4_delete,
    sm4_load_encrypted_key,
    sm4_mac,
)
from protocol.szzt_zt598_tables import (
    MAC_LIMIT,
    SM4_BLOCK,
    AuthenticationStep,
    CryptMode,
    MacType,
    Opcode,
    Sm4Chaining,
    Sm4Direction,
    Tag,
)

_TAGS = {KeyName.PIN: Tag.PIN, KeyName.MAC: Tag.MAC, KeyName.DATA: Tag.DATA}
_LENGTHS = {KeyAlgorithm.TDES: (8, 16, 24), KeyAlgorithm.SM4: (16,)}
_BLOCK = {KeyAlgorithm.TDES: 8, KeyAlgorithm.SM4: SM4_BLOCK}
_MODES = {
    (True, CryptoMethod.ECB): CryptMode.ECB_ENCRYPT,
    (True, CryptoMethod.CBC): CryptMode.CBC_ENCRYPT,
    (False, CryptoMethod.ECB): CryptMode.ECB_DECRYPT,
    (False, CryptoMethod.CBC): CryptMode.CBC_DECRYPT,
}
_CHAININGS = {CryptoMethod.ECB: Sm4Chaining.ECB, CryptoMethod.CBC: Sm4Chaining.CBC}
# Bytes in one command, so that no frame needs the long form, about which drivers in the field differ.
_PORTION = {KeyAlgorithm.TDES: 496, KeyAlgorithm.SM4: 464}
_SM4_MAC_PORTION = 464

MACS: Mapping[KeyAlgorithm, tuple[MacAlgorithm, ...]] = {
    KeyAlgorithm.TDES: (
        MacAlgorithm.X9_9,
        MacAlgorithm.X9_19,
        MacAlgorithm.ISO_16609,
        MacAlgorithm.PBOC,
        MacAlgorithm.UNIONPAY_ECB,
    ),
    KeyAlgorithm.SM4: (MacAlgorithm.SM4_CBC, MacAlgorithm.SM4_UNIONPAY_ECB),
}
"""Which MACs the keys of an algorithm make."""


class PadKeys:
    """The keys of one pad. Every method may raise DeviceError; callers see to it that one runs at a time."""

    def __init__(self, session: PadSession, options: SzztZt598Options) -> None:
        self._pad = session
        self._options = options
        self._draws = 0
        self._slots = {
            KeyName.MASTER: options.master_slot,
            KeyName.PIN: options.pin_slot,
            KeyName.MAC: options.mac_slot,
            KeyName.DATA: options.data_slot,
        }
        self._is_sm4 = options.algorithm is KeyAlgorithm.SM4

    def check_import(self, key: KeyName, cryptogram: bytes) -> None:
        """Refuses what no pad could take, before anything is sent."""
        if key not in _TAGS:
            raise self._pad.error(CompletionCode.INVALID_DATA, f"{key} is no working key")
        if len(cryptogram) not in _LENGTHS[self._options.algorithm]:
            raise self._pad.error(
                CompletionCode.COMMAND_ERROR_CODE,
                f"the cryptogram of {key} has {len(cryptogram)} bytes",
                code=ErrorCode.INVALID_KEY_LENGTH,
            )

    async def load(self, key: KeyName, cryptogram: bytes) -> bytes:
        """A working key under the master key; returns its check value."""
        slot, master = self._slots[key], self._options.master_slot
        if self._is_sm4:
            command = sm4_load_encrypted_key(self._options.sm4_master_slot, slot, cryptogram)
        else:
            command = load_encrypted_key(master, slot, _TAGS[key], cryptogram)
        return self._pad.hex_of(Opcode(command.opcode), await self._pad.ask_protected(command, master))

    async def delete(self, key: KeyName) -> None:
        """Erase one key."""
        if not self._is_sm4:
            command = delete_key(self._slots[key])
        else:
            command = sm4_delete(self._options.sm4_master_slot if key is KeyName.MASTER else self._slots[key])
        await self._pad.ask_protected(command, self._options.master_slot)

    async def state(self) -> EncryptionState:
        """Which keys are there? Of SM4 keys only the MAC key can be asked for without spending another on it."""
        if self._is_sm4:
            try:
                await self._sm4_mac(bytes(SM4_BLOCK))
            except PadRefused as refusal:
                if refusal.code is not ErrorCode.KEY_NOT_FOUND:
                    raise
            else:
                return EncryptionState.READY
        elif await self._pad.has_keys(self._options.pin_slot, self._options.mac_slot):
            return EncryptionState.READY
        if await self._pad.has_keys(self._options.master_slot):
            return EncryptionState.INITIALIZED
        return EncryptionState.NOT_INITIALIZED

    async def random(self) -> bytes:
        """8 or 16 bytes."""
        drawn = self._pad.hex_of(Opcode.RANDOM, await self._pad.ask_if_known(random_bytes()))
        if len(drawn) >= 8:
            return drawn
        self._draws += 1  # the same question twice would be taken for a repetition
        question = authenticate(AuthenticationStep.RANDOM, self._draws.to_bytes(16, "big"))
        return self._pad.hex_of(Opcode.AUTHENTICATE, await self._pad.ask(question))

    # --- MACs

    async def mac(self, data: bytes, algorithm: MacAlgorithm) -> bytes:
        """Eight bytes."""
        if algorithm not in MACS[self._options.algorithm]:
            raise self._pad.error(
                CompletionCode.COMMAND_ERROR_CODE,
                f"no {algorithm} with {self._options.algorithm} keys",
                code=ErrorCode.ALGORITHM_NOT_SUPPORTED,
                remedy="Set the MAC of the host line, or the algorithm of the pad's keys",
            )
        match algorithm:
            case MacAlgorithm.X9_9:
                return await self._cbc(MacType.DES_CBC, pad(data, 8))
            case MacAlgorithm.X9_19:
                return await self._retail(pad(data, 8))
            case MacAlgorithm.PBOC:
                return await self._retail(pad(data, 8, Padding.ONE_AND_ZEROS))
            case MacAlgorithm.ISO_16609:
                return await self._cbc(MacType.TDES_CBC, pad(data, 8))
            case MacAlgorithm.UNIONPAY_ECB:
                # Two encryptions with an exclusive or between them: CBC over the two halves.
                return unionpay_characters(await self._cbc(MacType.TDES_CBC, unionpay_fold(data)))
            case MacAlgorithm.SM4_CBC:
                return (await self._sm4_mac(pad(data, SM4_BLOCK)))[:8]
            case MacAlgorithm.SM4_UNIONPAY_ECB:
                return unionpay_characters(await self._sm4_mac(unionpay_fold(data, SM4_BLOCK)))

    async def _retail(self, padded: bytes) -> bytes:
        """ISO 9797-1 algorithm 3: single DES up to the last block, which TDES closes."""
        chained = await self._cbc(MacType.DES_CBC, padded[:-8])
        return await self._cbc(MacType.TDES_CBC, xor(chained, padded[-8:]))

    async def _cbc(self, kind: MacType, blocks: bytes) -> bytes:
        """The last block of a CBC; what a command can't take is chained by hand."""
        slot, chained = self._options.mac_slot, bytes(8)
        for start in range(0, len(blocks), MAC_LIMIT):
            chunk = blocks[start : start + MAC_LIMIT]
            chained = await self._result(mac(slot, kind, xor(chained, chunk[:8]) + chunk[8:]), slot, 8)
        return chained

    async def _sm4_mac(self, blocks: bytes) -> bytes:
        chained = bytes(SM4_BLOCK)
        for start in range(0, len(blocks), _SM4_MAC_PORTION):
            command = sm4_mac(self._options.mac_slot, chained, blocks[start : start + _SM4_MAC_PORTION])
            chained = await self._result(command, self._options.master_slot, SM4_BLOCK)
        return chained

    async def _result(self, command: Command, slot: int, size: int) -> bytes:
        opcode = Opcode(command.opcode)
        result = self._pad.hex_of(opcode, await self._pad.ask_protected(command, slot))
        if len(result) != size:
            what = "a MAC" if opcode in (Opcode.MAC, Opcode.SM4_MAC) else "a cryptogram"
            raise self._pad.error(CompletionCode.HARDWARE_ERROR, f"{what} of {len(result)} bytes, not {size}")
        return result

    # --- data

    async def crypt(self, data: bytes, *, encrypt: bool, method: CryptoMethod, iv: bytes) -> bytes:
        """Whole blocks under the data key; in portions, chained by hand."""
        block, portion = _BLOCK[self._options.algorithm], _PORTION[self._options.algorithm]
        chain = iv or bytes(block)
        if not data or len(data) % block or len(chain) != block:
            detail = f"{len(data)} bytes with an IV of {len(chain)} are not whole blocks of {block}"
            raise self._pad.error(CompletionCode.INVALID_DATA, detail)
        out = b""
        for start in range(0, len(data), portion):
            chunk = data[start : start + portion]
            done = await self._crypted(chunk, chain, encrypt=encrypt, method=method)
            chain = (done if encrypt else chunk)[-block:]
            out += done
        return out

    async def _crypted(self, chunk: bytes, chain: bytes, *, encrypt: bool, method: CryptoMethod) -> bytes:
        slot = self._options.data_slot
        if self._is_sm4:
            direction = Sm4Direction.ENCRYPT if encrypt else Sm4Direction.DECRYPT
            command = sm4_crypt(slot, direction, _CHAININGS[method], chain, chunk)
            return await self._result(command, self._options.master_slot, len(chunk))
        # The pad's CBC begins with an IV of zeros: another one is mixed in here.
        chained = method is CryptoMethod.CBC
        if chained and encrypt:
            chunk = xor(chunk[:8], chain) + chunk[8:]
        done = await self._result(crypt(slot, _MODES[encrypt, method], chunk), slot, len(chunk))
        return xor(done[:8], chain) + done[8:] if chained and not encrypt else done
