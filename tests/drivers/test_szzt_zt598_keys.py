"""Keys in the pad and what they compute, against another library; TDES and SM4."""

import warnings

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher as Oracle
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

from drivers.interfaces import (
    CompletionCode,
    CryptoMethod,
    DeviceError,
    DeviceState,
    EncryptionState,
    EntryCompletion,
    ErrorCode,
    KeyAlgorithm,
    KeyName,
    MacAlgorithm,
    PinFormat,
)
from drivers.szzt_zt598 import SzztZt598, SzztZt598Options
from drivers.szzt_zt598_keys import MACS
from protocol.keys import Cipher, check_value, decrypt, wrap_key
from protocol.mac import unionpay_fold
from protocol.pin_block import PinBlockFormat, decode
from protocol.szzt_zt598 import Reply
from protocol.szzt_zt598_commands import crypt
from protocol.szzt_zt598_tables import CryptMode, Opcode, PinDialect, Tag
from simulators.devices import szzt_zt598 as simulated
from simulators.devices.szzt_zt598_options import CommandSet, UnknownCommand
from tests.drivers.szzt_zt598_desk import (
    AUTHENTICATED,
    BLOCK_OF_123456,
    KEY,
    KEYS,
    OLD_PAD,
    PAN12,
    PIN_KEY,
    UID,
    Script,
    desk,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from psec import mac as psec_mac

WITH_DATA = {**KEYS, 0x32: (KEY, Tag.DATA)}
SM4_PAD = SzztZt598Options(algorithm=KeyAlgorithm.SM4)
SM4_MASTER = bytes.fromhex("1234567890ABCDEFABCDEF0987654321")
SIZES = [1, 2, 31, 62, 63, 100]


def test_every_mac_can_be_made_with_keys_of_one_algorithm() -> None:
    assert sorted(mac for macs in MACS.values() for mac in macs) == sorted(MacAlgorithm)


@pytest.mark.parametrize("size", [1, 8, 16, 20, 512, 520, 1500])
async def test_macs_are_those_of_another_library(size: int) -> None:
    data = bytes(at * 11 % 256 for at in range(size))
    left, right = PIN_KEY[:8], PIN_KEY[8:]
    async with desk(keys={**KEYS, 0x31: (PIN_KEY, Tag.MAC)}) as at:
        made = {
            algorithm: await at.driver.generate_authentication(data, algorithm)
            for algorithm in at.driver.capabilities.mac_algorithms
            if algorithm is not MacAlgorithm.UNIONPAY_ECB
        }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert made == {
            MacAlgorithm.X9_9: psec_mac.generate_cbc_mac(left, data, 1),
            MacAlgorithm.X9_19: psec_mac.generate_retail_mac(left, right, data, 1),
            MacAlgorithm.PBOC: psec_mac.generate_retail_mac(left, right, data, 2),
            MacAlgorithm.ISO_16609: psec_mac.generate_cbc_mac(PIN_KEY, data, 1),
        }


@pytest.mark.parametrize("blocks", SIZES)
@pytest.mark.parametrize("iv", [b"", bytes(range(8))])
async def test_data_are_enciphered_in_portions_as_if_in_one(blocks: int, iv: bytes) -> None:
    data = bytes(at * 13 % 256 for at in range(8 * blocks))
    algorithm = TripleDES(KEY + KEY[:8])
    async with desk(keys=WITH_DATA) as at:
        for method, mode in ((CryptoMethod.ECB, ECB()), (CryptoMethod.CBC, CBC(iv or bytes(8)))):
            expected = Oracle(algorithm, mode).encryptor().update(data)
            assert await at.driver.crypto_data(data, encrypt=True, method=method, iv=iv) == expected
            assert await at.driver.crypto_data(expected, encrypt=False, method=method, iv=iv) == data


async def test_only_the_data_key_enciphers_data_and_only_whole_blocks() -> None:
    async with desk(keys={**KEYS, 0x32: (KEY, Tag.PIN)}) as at:
        with pytest.raises(DeviceError) as failure:
            await at.driver.crypto_data(bytes(8), encrypt=False)
        assert failure.value.code is ErrorCode.KEY_NOT_FOUND
        for data, iv in ((b"", b""), (bytes(7), b""), (bytes(8), bytes(7))):
            with pytest.raises(DeviceError) as failure:
                await at.driver.crypto_data(data, encrypt=True, method=CryptoMethod.CBC, iv=iv)
            assert failure.value.completion is CompletionCode.INVALID_DATA


async def test_a_data_key_is_loaded_like_the_others() -> None:
    async with desk(keys={0x20: (KEY, Tag.TMK)}) as at:
        value = await at.driver.import_key(KeyName.DATA, wrap_key(Cipher.TDES, KEY, PIN_KEY))
        assert value == check_value(Cipher.TDES, PIN_KEY)
        assert await at.driver.crypto_data(bytes(8), encrypt=True) == value


async def test_a_deleted_key_is_gone_and_the_pad_not_ready() -> None:
    async with desk() as at:
        await at.driver.delete_key(KeyName.PIN)
        assert at.pad.snapshot()["keys"] == "20 TMK, 31 MAC"
        assert (await at.driver.status()).encryption_state is EncryptionState.INITIALIZED
        await at.driver.delete_key(KeyName.MASTER)
        assert (await at.driver.status()).encryption_state is EncryptionState.NOT_INITIALIZED


async def test_initialization_leaves_no_key_and_no_uid() -> None:
    async with desk() as at:
        await at.driver.initialization()
        assert at.pad.snapshot()["keys"] == ""
        status = await at.driver.status()
        assert (status.device, status.encryption_state) == (DeviceState.ONLINE, EncryptionState.NOT_INITIALIZED)


@pytest.mark.parametrize("unknown", UnknownCommand)
async def test_chance_comes_from_every_firmware_and_never_twice(unknown: UnknownCommand) -> None:
    old = simulated.SzztZt598Options(commands=CommandSet.BASE, unknown_commands=unknown)
    for options in (simulated.SzztZt598Options(), old):
        async with desk(pad=options) as at:
            drawn = [await at.driver.generate_random() for _ in range(3)]
            assert all(len(each) >= 8 for each in drawn)
            assert len(set(drawn)) == 3


@pytest.mark.parametrize(
    ("fmt", "opened"), [(PinFormat.ISO0, PinBlockFormat.ISO_0), (PinFormat.ISO1, PinBlockFormat.ISO_1)]
)
async def test_a_pin_is_sealed_in_the_format_asked_for(fmt: PinFormat, opened: PinBlockFormat) -> None:
    async with desk() as at:
        await at.enter_pin(*"123456", "enter")
        block = await at.driver.get_pin_block(PAN12, fmt)
        assert decode(decrypt(Cipher.TDES, PIN_KEY, block), PAN12, opened) == "123456"


async def test_a_format_that_dialect_or_algorithm_do_not_have_is_refused_and_spends_no_pin() -> None:
    old = SzztZt598Options(dialect=PinDialect.R)
    async with desk(options=old) as at:
        assert at.driver.capabilities.pin_formats == (PinFormat.ISO0,)
        await at.driver.set_pin_block_data(PAN12)
        await at.enter_pin(*"123456")
        with pytest.raises(DeviceError) as failure:
            await at.driver.get_pin_block(PAN12, PinFormat.ISO3)
        assert failure.value.code is ErrorCode.FORMAT_NOT_SUPPORTED
        assert await at.driver.get_pin_block(PAN12) == BLOCK_OF_123456


# --- SM4


async def test_sm4_keys_are_loaded_and_seal_a_pin() -> None:
    async with desk(options=SM4_PAD, sm4_keys={0x01: SM4_MASTER}) as at:
        assert (await at.driver.status()).encryption_state is EncryptionState.INITIALIZED
        for name, key in ((KeyName.PIN, KEY), (KeyName.MAC, PIN_KEY), (KeyName.DATA, UID)):
            value = await at.driver.import_key(name, wrap_key(Cipher.SM4, SM4_MASTER, key))
            assert value == check_value(Cipher.SM4, key)
        assert (await at.driver.status()).encryption_state is EncryptionState.READY
        assert await at.enter_pin(*"123456", "enter") == (6, EntryCompletion.ENTER)
        assert await at.driver.get_pin_block(PAN12) == bytes.fromhex("D664C07BA219562A239841632F092577")


async def test_sm4_dialect_r_seals_a_pin_too() -> None:
    options = SzztZt598Options(algorithm=KeyAlgorithm.SM4, dialect=PinDialect.R)
    async with desk(options=options, sm4_keys={0x30: KEY}) as at:
        await at.driver.set_pin_block_data(PAN12)
        await at.enter_pin(*"123456")
        assert await at.driver.get_pin_block(PAN12) == bytes.fromhex("D664C07BA219562A239841632F092577")


@pytest.mark.parametrize("size", [1, 16, 464, 465, 1000])
async def test_sm4_macs_and_ciphers_are_those_of_another_library(size: int) -> None:
    data = bytes(at * 7 % 256 for at in range(size))

    def last_block(message: bytes) -> bytes:
        padded = message + bytes(-len(message) % 16)
        return Oracle(SM4(KEY), CBC(bytes(16))).encryptor().update(padded)[-16:]

    whole = data + bytes(-size % 16)
    iv = bytes(range(16))
    async with desk(options=SM4_PAD, sm4_keys={0x31: KEY, 0x32: PIN_KEY}) as at:
        assert await at.driver.generate_authentication(data, MacAlgorithm.SM4_CBC) == last_block(data)[:8]
        folded = last_block(unionpay_fold(data, 16)).hex().upper()[:8].encode()
        assert await at.driver.generate_authentication(data, MacAlgorithm.SM4_UNIONPAY_ECB) == folded
        for method, mode in ((CryptoMethod.ECB, ECB()), (CryptoMethod.CBC, CBC(iv))):
            sealed = Oracle(SM4(PIN_KEY), mode).encryptor().update(whole)
            assert await at.driver.crypto_data(whole, encrypt=True, method=method, iv=iv) == sealed
            assert await at.driver.crypto_data(sealed, encrypt=False, method=method, iv=iv) == whole


async def test_a_mac_of_the_other_algorithm_is_refused_before_anything_is_sent() -> None:
    for options, algorithm in ((SzztZt598Options(), MacAlgorithm.SM4_CBC), (SM4_PAD, MacAlgorithm.X9_19)):
        async with desk(options=options) as at:
            with pytest.raises(DeviceError) as failure:
                await at.driver.generate_authentication(b"data", algorithm)
            assert failure.value.code is ErrorCode.ALGORITHM_NOT_SUPPORTED
            assert not at.tap.sent


async def test_one_sm4_key_or_the_master_is_deleted() -> None:
    async with desk(options=SM4_PAD, sm4_keys={0x01: SM4_MASTER, 0x31: KEY}) as at:
        await at.driver.delete_key(KeyName.MAC)
        assert at.pad.snapshot()["keys"].endswith("01 SM4")
        await at.driver.delete_key(KeyName.MASTER)
        assert "SM4" not in at.pad.snapshot()["keys"]
        with pytest.raises(DeviceError) as failure:
            await at.driver.import_key(KeyName.MAC, bytes(16))
        assert failure.value.code is ErrorCode.KEY_NOT_FOUND


async def test_a_pad_without_sm_chip_makes_no_sm4() -> None:
    async with desk(options=SM4_PAD, pad=simulated.SzztZt598Options(sm_chip=False)) as at:
        with pytest.raises(DeviceError) as failure:
            await at.driver.generate_authentication(b"data", MacAlgorithm.SM4_CBC)
        assert failure.value.completion is CompletionCode.UNSUPPORTED_COMMAND


async def test_a_cryptogram_of_another_length_is_a_hardware_error() -> None:
    asked = crypt(0x32, CryptMode.ECB_ENCRYPT, bytes(8)).encode()
    far = Script(*AUTHENTICATED, (asked, Reply(Opcode.CRYPT.success, b"0011").encode()))
    with pytest.raises(DeviceError, match="a cryptogram of 2 bytes"):
        await SzztZt598(far, OLD_PAD).crypto_data(bytes(8), encrypt=True)
