"""Lists of diagnoses: which codes of ICD-10 a prefix or a span covers."""


def covers(listed: str, code: str) -> bool:
    """Does a prefix such as I21, or a span such as C00-C97 with all below its ends, cover a code? Dots do not count."""
    first, _, last = _plain(listed).partition("-")
    code = _plain(code)
    return first <= code and code[: len(last)] <= last if last else code.startswith(first)


def _plain(code: str) -> str:
    return code.upper().replace(".", "")
