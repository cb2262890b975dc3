"""Region codes (GB/T 2260) and the pooling regions they belong to."""

MUNICIPALITIES = ("11", "12", "31", "50")
"""Beijing, Tianjin, Shanghai, Chongqing: each is one pooling region."""


def pooling_region(code: str) -> str:
    """The pooling region of a six-digit code at county, city or province level: prefixes count, not all six digits."""
    digits = 2 if code[:2] in MUNICIPALITIES else 4
    return code[:digits].ljust(6, "0")
