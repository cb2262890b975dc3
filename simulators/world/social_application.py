"""The social-security application of a virtual card: files EF05 and EF06, freely readable (LD/T 32-2015)."""

from collections.abc import Mapping

from protocol.ber_tlv import encode_tlv
from protocol.chip_card import CommandApdu, Ins, ResponseApdu, StatusWord, Tag
from protocol.social_card import AID, EF_HOLDER, EF_ISSUER, FIELDS, SFI_HOLDER, SFI_ISSUER, Field

LABEL = b"SSCARD3"
_FILE_OF_SFI = {SFI_ISSUER: EF_ISSUER, SFI_HOLDER: EF_HOLDER}


class SocialApplication:
    """`values` by field; `silent`: every record is empty, as some third-generation cards are without authentication."""

    def __init__(self, values: Mapping[Field, str], *, silent: bool = False) -> None:
        self.name = AID
        self._records = {
            file: [
                (each.tag, each.empty() if silent else each.encode(values.get(each, "")))
                for each in FIELDS
                if each.file == file
            ]
            for file in (EF_ISSUER, EF_HOLDER)
        }
        self._file: int | None = None

    def select(self) -> bytes:
        """Become current; the FCI has 30 bytes, which readers in the field count on."""
        self._file = None
        label = encode_tlv(Tag.APPLICATION_LABEL, LABEL)
        return encode_tlv(Tag.FCI, encode_tlv(Tag.DF_NAME, AID) + encode_tlv(Tag.FCI_PROPRIETARY, label))

    def run(self, command: CommandApdu) -> ResponseApdu:
        """SELECT of a file and READ RECORD."""
        match command.ins:
            case Ins.SELECT if command.p1 in (0x00, 0x02) and len(command.data) == 2:
                return self._select_file(int.from_bytes(command.data, "big"))
            case Ins.READ_RECORD:
                return self._read_record(command.p1, command.p2)
            case _:
                return ResponseApdu(b"", StatusWord.UNKNOWN_INS)

    def _select_file(self, file: int) -> ResponseApdu:
        if file not in self._records:
            return ResponseApdu(b"", StatusWord.NOT_FOUND)
        self._file = file
        return ResponseApdu(b"", StatusWord.OK)

    def _read_record(self, p1: int, p2: int) -> ResponseApdu:
        """P2 00 reads by identifier, 04 by number in the selected file, 2C and 34 by number in EF05 and EF06."""
        sfi = p2 >> 3
        file = _FILE_OF_SFI.get(sfi) if sfi else self._file
        if file is None:
            return ResponseApdu(b"", StatusWord.NOT_FOUND if sfi else StatusWord.NOT_ALLOWED)
        match p2 & 0x07:
            case 0x00:
                found = next((record for tag, record in self._records[file] if tag == p1), None)
            case 0x04:
                records = self._records[file]
                found = records[p1 - 1][1] if 1 <= p1 <= len(records) else None
            case _:
                return ResponseApdu(b"", StatusWord.WRONG_P1_P2)
        if found is None:
            return ResponseApdu(b"", StatusWord.RECORD_NOT_FOUND)
        return ResponseApdu(found, StatusWord.OK)
