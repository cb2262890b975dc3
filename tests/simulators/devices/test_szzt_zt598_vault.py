"""Authentication, key slots and what keys may be used for."""

import asyncio

import pytest

from protocol.keys import Cipher, encrypt
from protocol.szzt_zt598 import SZZT_ZT598, Command, Information, Reply
from protocol.szzt_zt598_commands import mac
from protocol.szzt_zt598_tables import (
    MacType,
    Opcode,
    ProofForm,
    Rtn,
    Tag,
)
from simulators.devices.szzt_zt598 import SzztZt598Options
from simulators.devices.szzt_zt598_options import CheckValueForm
from tests.simulators.devices.szzt_zt598_host import (
    KEY,
    UID_88,
    golden,
    host,
    typed,
)

# --- authentication


@pytest.mark.parametrize(
    ("form", "proved"),
    [(ProofForm.ENCRYPTED, "proved, UID 8 x 11, encrypted form"), (ProofForm.DECRYPTED, "proved, decrypted form")],
)
async def test_three_steps_authenticate(form: ProofForm, proved: str) -> None:
    async with host(options=SzztZt598Options(proof=form)) as at:
        assert await at.rtn(golden("MAC, slot 31, TDES")) == Rtn.AUTHENTICATION
        assert await at.authenticate() == golden(proved)
        assert await at.ask(golden("MAC, slot 31, TDES")) == golden("MAC by TDES")


async def test_other_hosts_share_a_uid_of_double_length() -> None:
    async with host(uid=UID_88) as at:
        assert await at.authenticate(proof="prove, UID 16 x 88") == golden("proved, UID 16 x 88, encrypted form")


async def test_loading_may_be_authenticated_without_a_key() -> None:
    async with host(uid=UID_88) as at:
        await at.ask(golden("random, UID as input"))
        assert await at.ask(golden("prove for loading, UID 16 x 88")) == golden("proved for loading")
        assert await at.ask(golden("load PIN key 30 under 20")) == golden("PIN key loaded")


async def test_a_host_with_another_uid_is_refused_and_finally_locked_out() -> None:
    async with host(uid=UID_88, options=SzztZt598Options(failures_allowed=3)) as at:
        for _ in range(2):
            (refused,) = SZZT_ZT598.from_device().feed(await at.authenticate())
            assert refused == Reply(Rtn.AUTHENTICATION)
        (locked,) = SZZT_ZT598.from_device().feed(await at.authenticate())
        assert locked == Reply(Rtn.AUTHENTICATION_LOCKED)
        assert await at.rtn(golden("random, UID as input")) == Rtn.AUTHENTICATION_LOCKED
        assert await at.rtn(golden("MAC, slot 31, TDES")) == Rtn.AUTHENTICATION_LOCKED


async def test_a_proof_can_not_be_used_again() -> None:
    async with host() as at:
        await at.authenticate()
        await at.ask(golden("fill FF"))
        assert await at.rtn(golden("prove, UID 8 x 11")) == Rtn.AUTHENTICATION
        await at.authenticate()
        await at.ask(golden("reset"))
        await asyncio.sleep(4)
        assert await at.rtn(golden("prove, UID 8 x 11")) == Rtn.AUTHENTICATION


async def test_only_its_own_random_number_is_encrypted_with_a_key() -> None:
    """Else the second step would encrypt anything a host likes, with a PIN key too."""
    async with host() as at:
        await at.ask(golden("random, UID as input"))
        assert await at.rtn(Command(Opcode.AUTHENTICATE, b"30" + b"00" * 16)) == Rtn.AUTHENTICATION


async def test_one_authentication_may_be_good_for_one_use() -> None:
    async with host(options=SzztZt598Options(one_use_authentication=True)) as at:
        await at.authenticate()
        assert await at.ask(golden("MAC, slot 31, TDES")) == golden("MAC by TDES")
        assert await at.rtn(golden("MAC, slot 31, single DES")) == Rtn.AUTHENTICATION


# --- keys


async def test_keys_are_loaded_under_a_master_key_and_answered_by_their_check_value() -> None:
    async with host(keys={0x20: (KEY, Tag.TMK)}) as at:
        assert await at.rtn(golden("load PIN key 30 under 20")) == Rtn.AUTHENTICATION
        await at.authenticate()
        assert await at.ask(golden("load PIN key 30 under 20")) == golden("PIN key loaded")
        assert at.pad.snapshot()["keys"] == "20 TMK, 30 PIN, 20 SM4"


@pytest.mark.parametrize("length", [3, 4, 8])
async def test_firmwares_differ_in_the_length_of_check_values(length: int) -> None:
    async with host(options=SzztZt598Options(kcv_length=length)) as at:
        await at.authenticate()
        reply = await at.ask(golden("load PIN key 30 under 20"))
        assert reply[5:-3] == b"EB7A8DF91182DBE2"[: 2 * length]


@pytest.mark.parametrize(
    ("data", "rtn"),
    [
        (b"203092" + b"0" * 32, Rtn.NO_SUCH_SLOT),
        (b"201032" + b"0" * 32, Rtn.NO_SUCH_SLOT),
        (b"209032" + b"0" * 32, Rtn.NO_SUCH_SLOT),
        (b"203042" + b"0" * 32, Rtn.TAG_OR_NO_KEY),
        (b"203031" + b"0" * 32, Rtn.KEY_LENGTH),
        (b"203034" + b"0" * 32, Rtn.KEY_LENGTH),
        (b"213032" + b"0" * 32, Rtn.NO_TMK),
        (b"803032" + b"0" * 32, Rtn.NO_IMK),
        (b"323032" + b"0" * 32, Rtn.TAG_OR_NO_KEY),
        (b"203032" + b"x" * 32, Rtn.COMMAND_LENGTH),
    ],
)
async def test_a_key_goes_only_where_its_tag_belongs(data: bytes, rtn: Rtn) -> None:
    async with host() as at:
        await at.authenticate()
        assert await at.rtn(Command(Opcode.LOAD_ENCRYPTED_KEY, data)) == rtn


async def test_an_erased_key_can_not_be_used() -> None:
    async with host() as at:
        await at.authenticate()
        assert await at.rtn(golden("erase slot 30")) == Opcode.LOAD_ENCRYPTED_KEY.success
        at.pad.snapshot()
        await at.ask(golden("start PIN, enter, backspace"))
        at.press("1", "2", "3", "4", "enter")
        await at.hear()
        assert await at.rtn(golden("PIN block, dialect JC")) == Rtn.TAG_OR_NO_KEY


async def test_a_pad_from_the_factory_is_initialised_as_an_atm_does_it() -> None:
    """Wipe, all-zero initial key, UID, authentication with that key, then keys as cryptograms under it."""
    async with host(keys={}, uid=None) as at:
        await at.ask(golden("wipe"))
        await asyncio.sleep(4)
        assert Information.decode((await at.ask(golden("information")))[5:-3]).settings.blank
        assert await at.ask(golden("load clear key, slot 00, zeros")) == golden("clear key of zeros loaded")
        assert await at.rtn(golden("set UID 16 x 88")) == Opcode.AUTHENTICATE.success
        assert await at.rtn(golden("load clear key, slot 00, three components")) == Rtn.AUTHENTICATION
        assert at.pad.snapshot()["keys"] == "00 TMK"


async def test_a_clear_key_may_come_as_three_components() -> None:
    async with host(keys={}, uid=None) as at:
        reply = await at.ask(golden("load clear key, slot 00, three components"))
        assert reply[5:-3] == b"08D7B4FB629D0885"


@pytest.mark.parametrize("components", [b"30" * 8 + b"0" * 80, b"30" * 8 + b"0" * 32])
async def test_a_clear_key_of_single_length_may_be_padded_like_any_other(components: bytes) -> None:
    async with host(keys={}, uid=None) as at:
        padded = await at.ask(Command(Opcode.LOAD_CLEAR_KEY, b"0111" + components))
        assert padded == await at.ask(Command(Opcode.LOAD_CLEAR_KEY, b"0111" + b"30" * 8))


@pytest.mark.parametrize("form", ProofForm)
async def test_a_pad_from_the_factory_is_initialised_with_a_uid_in_slot_80_and_passwords(form: ProofForm) -> None:
    """UID, three passwords and the proof for loading, which has one form of reply whatever the other proof has."""
    async with host(keys={}, uid=None, options=SzztZt598Options(proof=form)) as at:
        assert await at.rtn(Command(Opcode.LOAD_CLEAR_KEY, b"8012" + b"88" * 16 + b"0" * 64)) == 0x61
        for step in (b"81", b"82", b"83"):
            assert await at.rtn(Command(Opcode.AUTHENTICATE, step + b"31" * 16)) == 0x6A
        assert await at.rtn(Command(Opcode.AUTHENTICATE, b"81" + b"32" * 16)) == Rtn.AUTHENTICATION
        await at.ask(golden("random, UID as input"))
        assert await at.ask(golden("prove for loading, UID 16 x 88")) == golden("proved for loading")
        assert await at.rtn(golden("load clear key, slot 00, three components")) == 0x61


async def test_an_empty_slot_sends_a_host_that_loads_its_first_key_to_slot_00() -> None:
    async with host(keys={0x00: (bytes(16), Tag.TMK)}, uid=UID_88) as at:
        random = (await at.ask(golden("random, UID as input")))[5:-3]
        assert await at.rtn(Command(Opcode.AUTHENTICATE, b"01" + random)) == Rtn.NO_SUCH_SLOT
        assert await at.rtn(Command(Opcode.AUTHENTICATE, b"00" + random)) == 0x6A


async def test_macs_are_made_with_mac_keys_only() -> None:
    async with host() as at:
        await at.authenticate()
        assert await at.ask(golden("MAC, slot 31, TDES")) == golden("MAC by TDES")
        assert await at.ask(golden("MAC, slot 31, single DES")) == golden("MAC by single DES")
        for slot in (0x20, 0x30, 0x32):
            assert await at.rtn(mac(slot, MacType.TDES_CBC, bytes(8))) == Rtn.TAG_OR_NO_KEY
        assert await at.rtn(Command(Opcode.MAC, b"31A1234567")) == Rtn.COMMAND_LENGTH


async def test_data_are_enciphered_with_data_keys_only() -> None:
    async with host() as at:
        await at.authenticate()
        assert await at.ask(golden("crypt, slot 32, ECB encrypt")) == golden("encrypted")
        assert await at.ask(golden("check value by crypt")) == golden("check value by crypt done")
        for slot in (b"20", b"30", b"31"):
            assert await at.rtn(Command(Opcode.CRYPT, slot + b"10011223344556677")) == Rtn.TAG_OR_NO_KEY
            assert await at.rtn(Command(Opcode.CRYPT, slot + b"A0011223344556677")) == Rtn.TAG_OR_NO_KEY


async def test_a_pin_key_never_opens_a_block() -> None:
    """Decryption with the PIN key would hand the host a clear PIN."""
    async with host() as at:
        await at.authenticate()
        assert await at.rtn(Command(Opcode.CRYPT, b"30A3AD7A02DA925CD19")) == Rtn.TAG_OR_NO_KEY


# --- SM4


async def test_sm4_keys_have_slots_of_their_own() -> None:
    async with host() as at:
        await at.authenticate()
        assert await at.rtn(golden("SM4 clear load, slot 01")) == Rtn.SM4_KEY_VALUE
        await at.ask(golden("SM4 keys may be equal"))
        assert await at.ask(golden("SM4 clear load, slot 01")) == golden("SM4 clear key loaded")
        assert await at.rtn(golden("SM4 delete all")) == Opcode.SM4_DELETE.success
        assert at.pad.snapshot()["keys"] == "20 TMK, 30 PIN, 31 MAC, 32 DATA"


async def test_an_sm4_pin_block_is_made_with_an_sm4_key() -> None:
    async with host() as at:
        await at.authenticate()
        await typed(at, "start PIN, enter, backspace", *"123456", "enter")
        assert await at.ask(golden("SM4 PIN block, slot 20")) == golden("SM4 PIN block of 123456")
        await at.ask(golden("fill FF"))
        assert await at.rtn(golden("SM4 PIN block, slot 20")) == Rtn.OTHER


async def test_an_sm4_key_that_made_pin_blocks_does_nothing_else() -> None:
    async with host() as at:
        await at.authenticate()
        await typed(at, "start PIN, enter, backspace", *"123456", "enter")
        await at.ask(golden("SM4 PIN block, slot 20"))
        decrypt = b"203241" + b"0" * 32 + b"D664C07BA219562A239841632F092577"
        assert await at.rtn(Command(Opcode.SM4_CRYPT, decrypt)) == Rtn.TAG_OR_NO_KEY


async def test_sm4_working_keys_come_under_an_sm4_master_key() -> None:
    async with host() as at:
        await at.authenticate()
        await at.ask(Command(Opcode.SM4_LOAD_CLEAR_KEY, b"021234567890ABCDEFABCDEF0987654321"))
        reply = await at.ask(Command(Opcode.SM4_LOAD_ENCRYPTED_KEY, b"3002213D66234C49E4296FF9C78D8BACBD6A76"))
        assert reply[5:21] == b"861E83E31FAEBF10"
        assert await at.rtn(Command(Opcode.SM4_LOAD_ENCRYPTED_KEY, b"300321" + b"0" * 32)) == Rtn.NO_TMK


async def test_sm4_encrypts_and_macs() -> None:
    key = b"0123456789ABCDEFFEDCBA9876543210"
    iv = b"0" * 32
    async with host() as at:
        await at.authenticate()
        crypt = await at.ask(Command(Opcode.SM4_CRYPT, b"203141" + iv + key))
        assert crypt[5:-3] == b"681EDF34D206965E86B3E94F536E4246"
        assert await at.rtn(Command(Opcode.SM4_MAC, b"20" + iv + b"43" + key)) == Rtn.TAG_OR_NO_KEY
    async with host() as at:
        await at.authenticate()
        result = await at.ask(Command(Opcode.SM4_MAC, b"20" + iv + b"43" + key))
        assert result[5:-3] == b"681EDF34D206965E86B3E94F536E4246"


async def test_the_sm_chip_tells_its_version_in_broken_hexadecimal() -> None:
    async with host() as at:
        reply = await at.ask(golden("SM chip version"))
        assert reply[5:-3] == b"53494=24312>30"


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("crypt, slot 32, CBC encrypt", "encrypted by CBC"),
        ("crypt, slot 32, ECB decrypt", "decrypted"),
        ("SM4 crypt, slot 20, ECB encrypt", "SM4 encrypted"),
        ("SM4 crypt, slot 20, CBC encrypt", "SM4 encrypted by CBC"),
        ("SM4 MAC, slot 20", "MAC by SM4"),
        ("SM4 delete slot 20", "SM4 deleted"),
    ],
)
async def test_ciphers_give_what_another_library_gives(asked: str, answered: str) -> None:
    async with host() as at:
        await at.authenticate()
        assert await at.ask(golden(asked)) == golden(answered)


async def test_a_refused_command_commits_an_sm4_key_to_no_use() -> None:
    async with host() as at:
        await at.authenticate()
        assert await at.rtn(Command(Opcode.SM4_CRYPT, b"203141" + b"0" * 62)) == Rtn.COMMAND_LENGTH
        assert await at.ask(golden("SM4 MAC, slot 20")) == golden("MAC by SM4")


async def test_the_check_value_of_a_clear_key_may_come_raw() -> None:
    async with host(keys={}, uid=None, options=SzztZt598Options(clear_key_kcv=CheckValueForm.RAW)) as at:
        reply = await at.ask(golden("load clear key, slot 00, zeros"))
        assert reply[5:-3] == bytes.fromhex("8CA64DE9C1B123A7")


async def test_a_key_of_even_parity_may_be_refused() -> None:
    async with host(options=SzztZt598Options(checks_parity=True)) as at:
        await at.authenticate()
        assert await at.ask(golden("load PIN key 30 under 20")) == golden("PIN key loaded")
        even = encrypt(Cipher.TDES, KEY, b"\x11" * 16).hex().upper().encode()
        assert await at.rtn(Command(Opcode.LOAD_ENCRYPTED_KEY, b"203032" + even)) == Rtn.PARITY


# --- refusals


@pytest.mark.parametrize(
    ("opcode", "data", "rtn"),
    [
        (Opcode.LOAD_CLEAR_KEY, b"0072" + b"0" * 32, Rtn.PARAMETER),
        (Opcode.LOAD_CLEAR_KEY, b"0004" + b"0" * 32, Rtn.KEY_LENGTH),
        (Opcode.LOAD_CLEAR_KEY, b"3002" + b"0" * 32, Rtn.NO_SUCH_SLOT),
        (Opcode.LOAD_CLEAR_KEY, b"0002" + b"0" * 30, Rtn.KEY_LENGTH),
        (Opcode.AUTHENTICATE, b"8011", Rtn.KEY_LENGTH),
        (Opcode.AUTHENTICATE, b"7F" + b"0" * 32, Rtn.NO_SUCH_SLOT),
        (Opcode.AUTHENTICATE, b"95" + b"0" * 32, Rtn.NO_SUCH_SLOT),
        (Opcode.MAC, b"31B" + b"0" * 8, Rtn.PARAMETER),
        (Opcode.CRYPT, b"323" + b"0" * 16, Rtn.PARAMETER),
        (Opcode.CRYPT, b"321" + b"0" * 14, Rtn.COMMAND_LENGTH),
        (Opcode.SM4_LOAD_CLEAR_KEY, b"20" + b"0" * 32, Rtn.NO_SUCH_SLOT),
        (Opcode.SM4_LOAD_CLEAR_KEY, b"01" + b"0" * 30, Rtn.KEY_LENGTH),
        (Opcode.SM4_LOAD_ENCRYPTED_KEY, b"310121" + b"0" * 32, Rtn.PARAMETER),
        (Opcode.SM4_LOAD_ENCRYPTED_KEY, b"302021" + b"0" * 32, Rtn.NO_SUCH_SLOT),
        (Opcode.SM4_CRYPT, b"203341" + b"0" * 64, Rtn.PARAMETER),
        (Opcode.SM4_CRYPT, b"203141" + b"0" * 62, Rtn.COMMAND_LENGTH),
        (Opcode.SM4_CRYPT, b"013141" + b"0" * 64, Rtn.NO_SUCH_SLOT),
        (Opcode.SM4_CRYPT, b"213141" + b"0" * 64, Rtn.TAG_OR_NO_KEY),
        (Opcode.SM4_MAC, b"20" + b"0" * 32 + b"40" + b"0" * 32, Rtn.PARAMETER),
        (Opcode.SM4_MAC, b"20" + b"0" * 32 + b"43", Rtn.COMMAND_LENGTH),
        (Opcode.SM4_DELETE, b"3400", Rtn.PARAMETER),
    ],
)
async def test_what_makes_no_sense_is_refused(opcode: Opcode, data: bytes, rtn: Rtn) -> None:
    async with host() as at:
        await at.authenticate()
        assert await at.rtn(Command(opcode, data)) == rtn


async def test_a_pad_without_a_uid_can_not_be_authenticated() -> None:
    async with host(uid=None) as at:
        await at.ask(golden("random, UID as input"))
        assert await at.rtn(golden("prove for loading, UID 16 x 88")) == Rtn.UID_MISSING


async def test_passwords_are_taken_and_one_sm4_key_can_be_deleted() -> None:
    async with host() as at:
        await at.authenticate()
        assert await at.rtn(Command(Opcode.AUTHENTICATE, b"81" + b"31" * 16)) == Opcode.AUTHENTICATE.success
        assert await at.rtn(Command(Opcode.SM4_DELETE, b"3320")) == Opcode.SM4_DELETE.success
        assert "SM4" not in at.pad.snapshot()["keys"]
