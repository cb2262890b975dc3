"""Forms and papers that tests hand in."""

import zlib
from datetime import date
from io import BytesIO
from typing import Any

from PIL import Image

from protocol.service_line.applications import Agent, Declaration, Form
from simulators.authority.applications.documents import Paper
from tests.simulators.authority.kiosk import JIA, SHENZHEN

AGENT = Agent(name="测试丙", certno="11010519491231002X", phone="13900001234", kinship="spouse")

FORM = Form(
    name=JIA.name,
    certno=JIA.id_number,
    card_number=JIA.card_number,
    phone="13800005678",
    place=SHENZHEN,
    hospital="深圳市测试医院",
    purpose="TREATMENT_AWAY",
    detail="INPATIENT",
    reason="住院治疗",
    begins=date(2026, 5, 18),
    amount_fen=100_000,
    payee_account=JIA.pan,
    declaration=Declaration(version="1", accepted=True),
)


def form(**changes: Any) -> Form:
    """A good form with some fields changed."""
    return FORM.model_copy(update=changes)


def picture(kind: str = "PNG", side: int = 8) -> bytes:
    """A small picture."""
    made = BytesIO()
    Image.new("RGB", (side, side), (200, 30, 30)).save(made, kind)
    return made.getvalue()


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def paper(kind: str = "ID_CARD", content: bytes | None = None, **more: Any) -> Paper:
    """A scanned document."""
    return Paper(kind, picture() if content is None else content, **more)


def bomb() -> bytes:
    """A PNG that claims to be far larger than it is."""
    header = b"\x00\x00\xff\xff\x00\x00\xff\xff\x08\x02\x00\x00\x00"
    chunk = b"IHDR" + header
    return b"\x89PNG\r\n\x1a\n" + len(header).to_bytes(4) + chunk + zlib.crc32(chunk).to_bytes(4)
