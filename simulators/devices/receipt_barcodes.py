"""Bar codes as bars: for each module from the left, whether it is black. One table for each symbology."""

from collections.abc import Callable, Mapping

from protocol.escpos_graphics import Symbology

_EAN_LEFT = (
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
)
_EAN_FIRST = ("LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL")
_ITF = ("nnwwn", "wnnnw", "nwnnw", "wwnnn", "nnwnw", "wnwnn", "nwwnn", "nnnww", "wnnwn", "nwnwn")

_CODE_39: Mapping[str, str] = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%*",
        [
            "nnnwwnwnn",
            "wnnwnnnnw",
            "nnwwnnnnw",
            "wnwwnnnnn",
            "nnnwwnnnw",
            "wnnwwnnnn",
            "nnwwwnnnn",
            "nnnwnnwnw",
            "wnnwnnwnn",
            "nnwwnnwnn",
            "wnnnnwnnw",
            "nnwnnwnnw",
            "wnwnnwnnn",
            "nnnnwwnnw",
            "wnnnwwnnn",
            "nnwnwwnnn",
            "nnnnnwwnw",
            "wnnnnwwnn",
            "nnwnnwwnn",
            "nnnnwwwnn",
            "wnnnnnnww",
            "nnwnnnnww",
            "wnwnnnnwn",
            "nnnnwnnww",
            "wnnnwnnwn",
            "nnwnwnnwn",
            "nnnnnnwww",
            "wnnnnnwwn",
            "nnwnnnwwn",
            "nnnnwnwwn",
            "wwnnnnnnw",
            "nwwnnnnnw",
            "wwwnnnnnn",
            "nwnnwnnnw",
            "wwnnwnnnn",
            "nwwnwnnnn",
            "nwnnnnwnw",
            "wwnnnnwnn",
            "nwwnnnwnn",
            "nwnwnwnnn",
            "nwnwnnnwn",
            "nwnnnwnwn",
            "nnnwnwnwn",
            "nwnnwnwnn",
        ],
        strict=False,
    )
)

_CODE_128 = [
    "212222",
    "222122",
    "222221",
    "121223",
    "121322",
    "131222",
    "122213",
    "122312",
    "132212",
    "221213",
    "221312",
    "231212",
    "112232",
    "122132",
    "122231",
    "113222",
    "123122",
    "123221",
    "223211",
    "221132",
    "221231",
    "213212",
    "223112",
    "312131",
    "311222",
    "321122",
    "321221",
    "312212",
    "322112",
    "322211",
    "212123",
    "212321",
    "232121",
    "111323",
    "131123",
    "131321",
    "112313",
    "132113",
    "132311",
    "211313",
    "231113",
    "231311",
    "112133",
    "112331",
    "132131",
    "113123",
    "113321",
    "133121",
    "313121",
    "211331",
    "231131",
    "213113",
    "213311",
    "213131",
    "311123",
    "311321",
    "331121",
    "312113",
    "312311",
    "332111",
    "314111",
    "221411",
    "431111",
    "111224",
    "111422",
    "121124",
    "121421",
    "141122",
    "141221",
    "112214",
    "112412",
    "122114",
    "122411",
    "142112",
    "142211",
    "241211",
    "221114",
    "413111",
    "241112",
    "134111",
    "111242",
    "121142",
    "121241",
    "114212",
    "124112",
    "124211",
    "411212",
    "421112",
    "421211",
    "212141",
    "214121",
    "412121",
    "111143",
    "111341",
    "131141",
    "114113",
    "114311",
    "411113",
    "411311",
    "113141",
    "114131",
    "311141",
    "411131",
    "211412",
    "211214",
    "211232",
    "2331112",
]
_SETS, _STOP = {"A": 103, "B": 104, "C": 105}, 106
_SWITCH = {"A": 101, "B": 100, "C": 99}
_FUNCTIONS = {"1": 102, "2": 97, "3": 96}


class NoBarcode(ValueError):
    """Data that this bar code can't hold, or a bar code that is not drawn here."""


def modules(symbology: Symbology, data: str) -> list[bool]:
    """The modules of a bar code, without quiet zones. Raises NoBarcode."""
    draw = _DRAWN.get(symbology)
    if draw is None:
        raise NoBarcode(f"{symbology.name} is not drawn here")
    return [module == "1" for module in draw(data)]


def _digits(data: str, *lengths: int) -> str:
    if not (data.isascii() and data.isdigit() and len(data) in lengths):
        raise NoBarcode(f"{data!r} is not {' or '.join(map(str, lengths))} digits")
    return data


def _with_check(digits: str, length: int) -> str:
    """The last digit of EAN and UPC can be left to the printer."""
    if len(digits) == length:
        return digits
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def _inverted(pattern: str) -> str:
    return pattern.translate({48: "1", 49: "0"})


def _ean_13(data: str) -> str:
    digits = _with_check(_digits(data, 12, 13), 13)
    left = "".join(
        _EAN_LEFT[int(digit)] if kind == "L" else _inverted(_EAN_LEFT[int(digit)])[::-1]
        for digit, kind in zip(digits[1:7], _EAN_FIRST[int(digits[0])], strict=True)
    )
    return f"101{left}01010{''.join(_inverted(_EAN_LEFT[int(digit)]) for digit in digits[7:])}101"


def _ean_8(data: str) -> str:
    digits = _with_check(_digits(data, 7, 8), 8)
    left, right = (digits[:4], digits[4:])
    bars = "".join(_EAN_LEFT[int(digit)] for digit in left)
    return f"101{bars}01010{''.join(_inverted(_EAN_LEFT[int(digit)]) for digit in right)}101"


def _upc_a(data: str) -> str:
    return _ean_13("0" + _with_check(_digits(data, 11, 12), 12))


def _bars(widths: str, wide: int) -> str:
    """Bars and spaces in turn, narrow or wide."""
    return "".join(
        ("1" if place % 2 == 0 else "0") * (wide if width == "w" else 1) for place, width in enumerate(widths)
    )


def _code_39(data: str) -> str:
    text = data.strip("*")
    if unknown := set(text) - set(_CODE_39) | set(text) & {"*"}:
        raise NoBarcode(f"CODE 39 has no {', '.join(sorted(unknown))}")
    return "0".join(_bars(_CODE_39[character], 3) for character in f"*{text}*")


def _itf(data: str) -> str:
    if not (data.isascii() and data.isdigit() and len(data) % 2 == 0):
        raise NoBarcode(f"{data!r} is not an even number of digits")
    pairs = zip(data[::2], data[1::2], strict=True)
    inner = "".join(
        bar + space for one, two in pairs for bar, space in zip(_ITF[int(one)], _ITF[int(two)], strict=True)
    )
    return _bars("nnnn" + inner, 2) + "1101"


def _code_128(data: str) -> str:
    codes = _code_128_values(data)
    check = (codes[0] + sum(place * code for place, code in enumerate(codes))) % 103
    return "".join(
        ("1" if place % 2 == 0 else "0") * int(width)
        for code in [*codes, check, _STOP]
        for place, width in enumerate(_CODE_128[code])
    )


def _code_128_values(data: str) -> list[int]:
    values: list[int] = []
    chosen, rest = "", data
    while rest:
        if rest[0] == "{" and len(rest) > 1:
            mark, rest = rest[1], rest[2:]
            if mark in _SETS:
                values.append(_SETS[mark] if not values else _SWITCH[mark])
                chosen = mark
                continue
            if mark in _FUNCTIONS:
                values.append(_FUNCTIONS[mark])
                continue
            character = mark  # {{ is one brace
        elif chosen == "C":
            # Printers take the two digits as one byte; programs also send them as characters.
            size = 2 if rest[:2].isdigit() and len(rest) > 1 else 1
            values.append(int(rest[:2]) if size == 2 else ord(rest[0]) % 100)
            rest = rest[size:]
            continue
        else:
            character, rest = rest[0], rest[1:]
        if not chosen:
            raise NoBarcode("CODE 128 begins with {A, {B or {C")
        value = ord(character) - 32 if ord(character) >= 32 else ord(character) + 64
        if not 0 <= value < 96:
            raise NoBarcode(f"CODE 128 has no {character!r}")
        values.append(value)
    if not values:
        raise NoBarcode("a bar code without data")
    return values


_DRAWN: Mapping[Symbology, Callable[[str], str]] = {
    Symbology.EAN_13: _ean_13,
    Symbology.EAN_8: _ean_8,
    Symbology.UPC_A: _upc_a,
    Symbology.CODE_39: _code_39,
    Symbology.ITF: _itf,
    Symbology.CODE_128: _code_128,
}
