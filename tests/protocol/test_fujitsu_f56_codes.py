import pytest

from protocol.fujitsu_f56_codes import CASSETTES, CassetteCode, Code, cassette_of, of_cassette, words


@pytest.mark.parametrize(
    ("code", "additional", "text"),
    [
        (0x00, 0x00, "good"),
        (0x11, 0x00, "cassette 1 empty"),
        (0x40, 0x00, "no cassette 4"),
        (0x22, 0x01, "bill diagnosis of cassette 2 (denomination differs)"),
        (0x38, 0x07, "pick error at cassette 3 (additional code 07)"),
        (0x52, 0x00, "no medium in the pool"),
        (0x76, 0x00, "pulled out during retrieval at the front"),
        (0x78, 0x03, "jam (at feed sensor 3)"),
        (0x78, 0x48, "jam (sensor 8 on with no bill)"),
        (0x78, 0x09, "jam (additional code 09)"),
        (0x7C, 0x2C, "jam in the ejection section (remaining after count)"),
        (0x88, 0x00, "count mismatch (requested, identified and passed differ)"),
        (0xA2, 0x00, "shutter close failed"),
        (0xBA, 0x00, "capture box full"),
        (0xF8, 0x83, "sensor error (sensor 3 off)"),
        (0xFD, 0x00, "power off during count"),
        (0x51, 0x02, "pool not at its upper position (additional code 02)"),
        (0x99, 0x00, "error 99"),
    ],
)
def test_a_code_is_told_in_words(code: int, additional: int, text: str) -> None:
    assert words(code, additional) == text


def test_no_code_means_a_cassette_and_something_else() -> None:
    named = {of_cassette(position, code) for position in range(1, CASSETTES + 1) for code in CassetteCode}
    assert not named & set(map(int, Code))
    assert cassette_of(of_cassette(3, CassetteCode.PICK)) == (3, CassetteCode.PICK)
    assert cassette_of(Code.POOL_HOME) is None


def test_every_pair_of_bytes_has_words() -> None:
    assert all(words(code, additional) for code in range(256) for additional in range(256))
